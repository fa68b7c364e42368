"""The weights that order decided candidates best, held within what reason allows.

The score stays a weighted mean of the same ratings on the same fixed scales, so its laws stay: a better rating never
lowers it, silence is no zero, the points add up. Only the weights move, none below a third or above three times its
first value, and the texts together never below what keeps an equal attribute from reaching the bar.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from matching.examples import Example, by_demand, influence
from matching.model import RULES, TEXTS
from matching.points import WHOLE as POINTS
from matching.rating import FULL
from matching.scoring import total
from matching.weights import Weights

LEAST, MOST = 1 / 3, 3.0
"""Times its first weight: the room of each signal."""
TEXTS_AT_LEAST = 0.45
"""The share of the texts: with less, a pair without a word in common could come near the bar."""
WHOLE = 1_000
"""What learned weights sum to, fine enough that rounding moves no order."""
HOLD = 0.02
"""How strongly weights are drawn to the first ones, for each demand that teaches. It holds still what decisions say
nothing about; ten times more or less changed held-back quality by less than its noise."""

SHARPNESS = (3.0, 5.0, 8.0, 12.0, 16.0, 24.0, 32.0)

Floats = NDArray[np.float64]


def fitted(
    examples: Sequence[Example], start: Weights, shares: Mapping[str, float] | None = None
) -> tuple[int, ...]:
    """The weights that order these decisions best, as whole numbers that sum to `WHOLE`.

    The loss is −log of the share that the accepted candidates of each demand have in a softmax over its decided ones.
    """
    shares = influence(examples) if shares is None else shares
    decided = _Decided.read(list(teaching(examples).values()), shares)
    first = np.array([rule.weight for rule in RULES], dtype=float) / sum(rule.weight for rule in RULES)
    begin = np.clip(np.array(start.values, dtype=float) / sum(start.values), LEAST * first, MOST * first)
    bounds = [(LEAST * weight, MOST * weight) for weight in first] + [(math.log(1), math.log(100))]
    loss: Any = partial(_loss, decided=decided, first=first)
    origin: Any = np.append(begin, math.log(10))
    found = minimize(loss, origin, jac=True, bounds=bounds, method="L-BFGS-B")
    return _whole(_with_texts(found.x[:-1], first))


def sharpness(examples: Sequence[Example], weights: Weights) -> float:
    """How sharp the softmax is under which these decisions are likeliest, of `SHARPNESS`."""
    groups = list(teaching(examples).values())
    return max(SHARPNESS, key=lambda sharp: sum(likelihood(group, weights, sharp) for group in groups))


def likelihood(group: Sequence[Example], weights: Weights, sharp: float) -> float:
    """The mean logarithm of the share that the accepted ones of one demand have among its decided ones."""
    scores = sharp * np.array([total(one.ratings, weights) for one in group]) / POINTS
    shares = scores - scores.max() - math.log(float(np.exp(scores - scores.max()).sum()))
    return float(shares[[one.accepted for one in group]].mean())


def teaching(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """The demands with both an accepted and a rejected candidate: only these say what is better than what."""
    return {
        demand: group
        for demand, group in by_demand(examples).items()
        if 0 < sum(one.accepted for one in group) < len(group)
    }


@dataclass(frozen=True, slots=True)
class _Decided:
    """Every decided candidate, those of a demand behind one another: what each signal earns and how much of it is
    known, 0–1; `starts` are the places where a demand begins, `of` the number of the demand each belongs to."""

    earned: Floats
    known: Floats
    wanted: Floats
    """What each candidate's share should be; it sums to the influence of those who decided."""
    starts: NDArray[np.int64]
    of: NDArray[np.int64]

    @classmethod
    def read(cls, groups: Sequence[Sequence[Example]], shares: Mapping[str, float]) -> _Decided:
        every = [one for group in groups for one in group]
        sizes = np.array([len(group) for group in groups])
        ratings = np.array([one.ratings for one in every], dtype=float) / FULL
        return cls(
            earned=ratings[:, :, 0] * ratings[:, :, 1],
            known=ratings[:, :, 1],
            wanted=np.array([one.accepted * shares[one.organisation] for one in every]),
            starts=np.cumsum(sizes) - sizes,
            of=np.repeat(np.arange(len(groups)), sizes),
        )


def _loss(x: Floats, *, decided: _Decided, first: Floats) -> tuple[float, Floats]:
    """The loss and its slope; the last of `x` is the logarithm of how sharp the softmax is."""
    weights, sharpness = x[:-1], math.exp(x[-1])
    starts, of, wanted = decided.starts, decided.of, decided.wanted
    known = decided.known @ weights + 1e-12
    score = decided.earned @ weights / known
    raised = np.exp(sharpness * (score - np.maximum.reduceat(score, starts)[of]))
    share = raised / np.add.reduceat(raised, starts)[of]
    miss = share * np.add.reduceat(wanted, starts)[of] - wanted
    away, hold = (weights - first) / first, HOLD * len(starts)
    slope = sharpness * (miss / known) @ (decided.earned - score[:, None] * decided.known)
    loss = hold * float(away @ away) - float(wanted @ np.log(share + 1e-12))
    return loss, np.append(slope + 2 * hold * away / first, sharpness * float(miss @ score))


def _with_texts(weights: Floats, first: Floats) -> Floats:
    """The same, the texts raised to their least share, but none above its room."""
    together = weights[:TEXTS].sum() / weights.sum()
    if together < TEXTS_AT_LEAST:
        factor = TEXTS_AT_LEAST * (1 - together) / (together * (1 - TEXTS_AT_LEAST))
        weights = np.concatenate([weights[:TEXTS] * factor, weights[TEXTS:]])
    held: Floats = np.clip(weights / weights.sum(), LEAST * first, MOST * first)
    return held


def _whole(weights: Floats) -> tuple[int, ...]:
    return tuple(max(1, round(WHOLE * weight / weights.sum())) for weight in weights)
