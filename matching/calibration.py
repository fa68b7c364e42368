"""How often people accepted pairs with such a total: a curve learned from decisions, shown in words only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import minimize

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


def fit(decided: Sequence[tuple[int, bool, float]]) -> Calibration:
    """The curve nearest to these (total, accepted, influence); flat where there is nothing to tell apart.

    The targets are drawn in by one decision of each kind, as Platt does, so that a clean cut gives no certainty.
    """
    totals = np.array([total / WHOLE for total, _, _ in decided])
    accepted = np.array([float(verdict) for _, verdict, _ in decided])
    counts = np.array([count for _, _, count in decided])
    yes, no = float(counts @ accepted), float(counts @ (1 - accepted))
    targets = np.where(accepted > 0, (yes + 1) / (yes + 2), 1 / (no + 2))

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        level = x[0] * totals + x[1]
        chance = 1 / (1 + np.exp(-np.clip(level, -50, 50)))
        miss = counts * (chance - targets)
        value = counts @ (np.logaddexp(0, level) - targets * level)
        return float(value), np.array([miss @ totals, miss.sum()])

    found = minimize(
        loss, np.array([5.0, -3.0]), jac=True, bounds=[(1e-3, None), (None, None)], method="L-BFGS-B"
    )
    slope, shift = (float(value) for value in found.x)
    return Calibration(slope, -shift / slope)


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
