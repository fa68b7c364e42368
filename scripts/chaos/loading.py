"""A file of listings into an exchange that does not run yet, by the command that operators use."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

from scripts.chaos.people import OWNER
from scripts.chaos.world import Node, Silent


def imported(node: Node, file: Path, most: int = 0) -> str:
    """What `giao import` says. Rows that it refuses are not among the listings; anything worse raises `Silent`."""
    place = node.folder / node.name
    place.mkdir(exist_ok=True)
    if most:
        file = _beginning(file, node.folder / f"{node.name}.jsonl", most)
    command = (sys.executable, "-m", "marketplace", "import", str(file), "--owner", OWNER.format(node.name))
    options = ("--create-owner", "--publish", "--report", os.devnull)
    done = subprocess.run(
        [*command, *options], env=node.environment, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1):
        raise Silent(f"{file} could not be imported: {done.stderr[-500:]}")
    return done.stdout.strip().replace("\n", " ")


def _beginning(file: Path, target: Path, most: int) -> Path:
    opening = gzip.open if file.suffix == ".gz" else open
    with opening(file, "rb") as source, target.open("wb") as kept:
        kept.writelines(islice(source, most))
    return target
