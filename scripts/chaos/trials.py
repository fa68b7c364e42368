"""Runs that fell short once: kept by their seed, and played again by `make soak` and `--kept`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

KEPT = Path(__file__).with_name("failing_seeds.csv")
COLUMNS = ("seed", "seconds", "exchanges", "fell_short")


@dataclass(frozen=True, slots=True)
class Trial:
    """What makes a run: its seed, how long it lasts, and how many local exchanges it has."""

    seed: int
    seconds: float
    exchanges: int


def kept(path: Path = KEPT) -> tuple[Trial, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Trial(int(row["seed"]), float(row["seconds"]), int(row["exchanges"]))
            for row in csv.DictReader(file)
        )


def keep(trial: Trial, fell_short: str, path: Path = KEPT) -> bool:
    """Add a run to the file. False when it is there already."""
    if trial in kept(path):
        return False
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(
            (trial.seed, f"{trial.seconds:g}", trial.exchanges, fell_short)
        )
    return True
