"""Finding the curve of `matching.calibration` from decisions. Apart, for who only reads the curve needs no solver."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from matching.calibration import Calibration
from matching.points import WHOLE


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
