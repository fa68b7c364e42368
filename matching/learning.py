"""Weights from decisions: learned listwise, held within what reason allows, judged on decisions held back.

What is kept and what may change is told in `matching.fitting`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from matching.calibrating import fit
from matching.calibration import Calibration, expected_error
from matching.examples import Example, influence, telling
from matching.fitting import Floats, fitted, likelihood, sharpness, teaching
from matching.learned import Figures, Learned, Outcome
from matching.metrics import ndcg
from matching.scoring import total
from matching.weights import Weights

FEWEST_DECISIONS, FEWEST_DEMANDS, FEWEST_ORGANISATIONS = 200, 40, 5
"""Below one of these nothing is learned: cross-validation on less changes with the draw more than with the weights."""
FOLDS = 5


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
