"""What came of learning: its figures, and weights when there was enough to learn them from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from matching.calibration import Calibration

Outcome = Literal["better", "no_better", "too_little"]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was learned from and what it brought, all on decisions held back in cross-validation.

    `before` and `after` are nDCG@10 over the decided candidates of a demand, `noise` the standard error of their
    difference. `likelier` is by how much the logarithm of the share of accepted candidates rises, with the standard
    error `likelier_noise`: it feels every candidate and not only the places, so it sees earlier what is better.
    """

    decisions: int
    demands: int
    organisations: int
    before: float = 0.0
    after: float = 0.0
    noise: float = 0.0
    calibration_error: float = 1.0
    likelier: float = 0.0
    likelier_noise: float = 0.0

    @property
    def is_better(self) -> bool:
        """Decisions held back are likelier by more than the noise, and not ordered worse by more than it."""
        return self.likelier > self.likelier_noise and self.after > self.before - self.noise


@dataclass(frozen=True, slots=True)
class Learned:
    """`weights` are None unless there was enough to learn from, and those it began with unless others are better."""

    outcome: Outcome
    figures: Figures
    weights: tuple[int, ...] | None = None
    calibration: Calibration | None = None
