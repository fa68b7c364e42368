"""How often people accepted pairs with such a total: a curve learned from decisions, shown in words only."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from matching.points import WHOLE

BINS = 10
OFTEN, SELDOM = 0.6, 0.25
Word = Literal["often", "sometimes", "seldom"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A line that never falls, for a higher total never means less: of pairs with `totals[n]` thousandths of a point the
    share `chances[n]`, 0–1, was accepted. Between two points it is straight, beyond the first and the last it is level."""

    totals: tuple[int, ...]
    chances: tuple[float, ...]

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """As it was stored. Versions learned before there were points have a logistic curve, and are read at eleven."""
        if "slope" not in record:
            return cls(tuple(record["totals"]), tuple(record["chances"]))
        totals = tuple(range(0, WHOLE + 1, WHOLE // 10))
        levels = [record["slope"] * (total / WHOLE - record["middle"]) for total in totals]
        return cls(totals, tuple(1 / (1 + math.exp(-max(-50.0, min(50.0, level)))) for level in levels))

    def chance(self, total: int) -> float:
        """How often pairs of this total, in thousandths of a point, were accepted: 0–1. Never shown as a number."""
        after = bisect_right(self.totals, total)
        before = max(0, after - 1)
        after = min(after, len(self.totals) - 1)
        if before == after:
            return self.chances[after]
        (low, high), (least, most) = ((line[before], line[after]) for line in (self.totals, self.chances))
        return least + (most - least) * (total - low) / (high - low)

    def word(self, total: int) -> Word:
        """The message `calibration.<word>`."""
        chance = self.chance(total)
        return "often" if chance >= OFTEN else "seldom" if chance < SELDOM else "sometimes"


def expected_error(decided: Sequence[tuple[float, bool, float]]) -> float:
    """Expected calibration error of (chance, accepted, influence): the mean distance between what was said and what
    came, over `BINS` bins with equally many decisions each."""
    # Not by the verdict, which would part those of equal chance.
    ranked = sorted(decided, key=lambda one: one[0])
    error = weight = 0.0
    for number in range(BINS):
        held = ranked[number * len(ranked) // BINS : (number + 1) * len(ranked) // BINS]
        said = sum(chance * count for chance, _, count in held)
        came = sum(count for _, verdict, count in held if verdict)
        error += abs(said - came)
        weight += sum(count for _, _, count in held)
    return error / weight if weight else 1.0
