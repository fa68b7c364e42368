"""Weights from decisions: learned listwise, held within what reason allows, judged on decisions held back.

What is kept and what may change is told in `matching.fitting`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal, NamedTuple

import numpy as np

from matching.calibration import Calibration, expected_error, fit
from matching.examples import Example, influence, telling
from matching.fitting import Floats, fitted, likelihood, sharpness, teaching
from matching.metrics import ndcg
from matching.scoring import total
from matching.weights import Weights

Outcome = Literal["better", "no_better", "too_little"]

FEWEST_DECISIONS, FEWEST_DEMANDS, FEWEST_ORGANISATIONS = 200, 40, 5
"""Below one of these nothing is learned: cross-validation on less changes with the draw more than with the weights."""
FOLDS = 5


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


def learn(examples: Sequence[Example], weights: Weights) -> Learned:
    """New weights beside `weights`, and whether held-back decisions speak for them by more than the noise.

    Where they do not, `weights` stay, and only how their totals read in words is learned.
    """
    examples = telling(examples)
    figures = Figures(len(examples), len(teaching(examples)), len({one.organisation for one in examples}))
    if _too_little(figures):
        return Learned("too_little", figures)
    shares = influence(examples)
    measured = _cross_validated(examples, weights, shares, figures)
    outcome: Outcome = "better" if measured.is_better else "no_better"
    kept = fitted(examples, weights, shares) if outcome == "better" else weights.values
    return Learned(outcome, measured, kept, _calibrated(examples, kept, shares))


def _too_little(figures: Figures) -> bool:
    return (
        figures.decisions < FEWEST_DECISIONS
        or figures.demands < FEWEST_DEMANDS
        or figures.organisations < FEWEST_ORGANISATIONS
    )


def _cross_validated(
    examples: Sequence[Example], weights: Weights, shares: Mapping[str, float], figures: Figures
) -> Figures:
    """Each fifth of the demands measured with what the other four taught."""
    changes: list[_Change] = []
    likely: list[tuple[float, bool, float]] = []
    for fold in range(FOLDS):
        taught = [one for one in examples if _fold(one.demand) != fold]
        held = [one for one in examples if _fold(one.demand) == fold]
        after = Weights("", fitted(taught, weights, shares))
        sharp = sharpness(taught, weights), sharpness(taught, after)
        for group in teaching(held).values():
            counts = sum(shares[one.organisation] for one in group) / len(group)
            quality = _quality(group, weights), _quality(group, after)
            told = likelihood(group, after, sharp[1]) - likelihood(group, weights, sharp[0])
            changes.append(_Change(counts, *quality, told))
        curve = _calibrated(taught, after.values, shares)
        likely += [
            (curve.chance(total(one.ratings, after)), one.accepted, shares[one.organisation]) for one in held
        ]
    return _measured(changes, likely, figures)


class _Change(NamedTuple):
    """One demand held back: its influence, nDCG before and after, and how much likelier its decisions became."""

    counts: float
    before: float
    after: float
    likelier: float


def _measured(
    changes: Sequence[_Change], likely: Sequence[tuple[float, bool, float]], figures: Figures
) -> Figures:
    counts, before, after, likelier = np.array(changes).T
    return replace(
        figures,
        before=float(np.average(before, weights=counts)),
        after=float(np.average(after, weights=counts)),
        noise=_noise(after - before, counts),
        likelier=float(np.average(likelier, weights=counts)),
        likelier_noise=_noise(likelier, counts),
        calibration_error=expected_error(likely),
    )


def _noise(changes: Floats, counts: Floats) -> float:
    """The standard error of the weighted mean of these changes."""
    away = changes - np.average(changes, weights=counts)
    effective = counts.sum() ** 2 / (counts**2).sum()
    return math.sqrt(float(np.average(away**2, weights=counts)) / max(effective - 1, 1))


def _quality(group: Sequence[Example], weights: Weights) -> float:
    """nDCG@10 of these candidates in the order of their totals; equal totals by the alphabet."""
    ranked = sorted(group, key=lambda one: (-total(one.ratings, weights), one.offer))
    names = [f"{number}" for number in range(len(ranked))]
    return ndcg(names, {name for name, one in zip(names, ranked, strict=True) if one.accepted})


def _calibrated(
    examples: Sequence[Example], learned: tuple[int, ...], shares: Mapping[str, float]
) -> Calibration:
    weights = Weights("", learned)
    return fit([(total(one.ratings, weights), one.accepted, shares[one.organisation]) for one in examples])


def _fold(demand: str) -> int:
    """By the name alone, so that a demand is in the same fold in every run."""
    return sha256(demand.encode()).digest()[0] % FOLDS
