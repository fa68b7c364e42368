"""How often people accepted pairs with such a total: a curve learned from decisions, shown in words only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matching.points import WHOLE

BINS = 10
OFTEN, SELDOM = 0.6, 0.25
Word = Literal["often", "sometimes", "seldom"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic curve over the total (Platt 1999); `slope` is never negative, for a higher total never means less."""

    slope: float
    middle: float
    """The total, of 0–1, that was accepted as often as not."""

    def chance(self, total: int) -> float:
        """How often pairs of this total, in thousandths of a point, were accepted: 0–1. Never shown as a number."""
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, self.slope * (total / WHOLE - self.middle)))))

    def word(self, total: int) -> Word:
        """The message `calibration.<word>`."""
        chance = self.chance(total)
        return "often" if chance >= OFTEN else "seldom" if chance < SELDOM else "sometimes"


def expected_error(decided: Sequence[tuple[float, bool, float]]) -> float:
    """Expected calibration error of (chance, accepted, influence): the mean distance between what was said and what
    came, over `BINS` bins with equally many decisions each."""
    ranked = sorted(decided)
    error = weight = 0.0
    for number in range(BINS):
        held = ranked[number * len(ranked) // BINS : (number + 1) * len(ranked) // BINS]
        said = sum(chance * count for chance, _, count in held)
        came = sum(count for _, verdict, count in held if verdict)
        error += abs(said - came)
        weight += sum(count for _, _, count in held)
    return error / weight if weight else 1.0
