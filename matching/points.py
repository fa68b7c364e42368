"""Rates and weights made into points that sum exactly."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from matching.rating import FULL, Rating

WHOLE = 100_000
"""All points there are, in thousandths."""


class Points(NamedTuple):
    """For each signal what it earned and what it could have; the second sums to WHOLE, the first to the
    total."""

    earned: list[int]
    of: list[int]


def total(ratings: Sequence[Rating], weights: Sequence[int]) -> int:
    """The mean of the known rates, each with the known part of its weight, in thousandths of a point, rounded
    down."""
    known = earned = 0
    for weight, (rate, share) in zip(weights, ratings, strict=True):
        part = weight * share
        known += part
        earned += part * rate
    return WHOLE * earned // (known * FULL) if known else 0


def totals(rows: Sequence[Sequence[Rating]], weights: Sequence[int]) -> list[int]:
    """The total of each of many rows of ratings, added up at once."""
    flat = np.fromiter(chain.from_iterable(chain.from_iterable(rows)), np.int64)
    rates, shares = np.moveaxis(flat.reshape(len(rows), len(weights), 2), 2, 0)
    parts = shares * np.array(weights)
    earned, known = (parts * rates).sum(axis=1).tolist(), parts.sum(axis=1).tolist()
    return [WHOLE * some // (all_ * FULL) if all_ else 0 for some, all_ in zip(earned, known, strict=True)]


def certainty(ratings: Sequence[Rating], weights: Sequence[int]) -> int:
    """Thousandths of the weight that both sides' statements cover."""
    known = sum(min(FULL, rating.known) * weight for rating, weight in zip(ratings, weights, strict=True))
    return 1_000 * known // (FULL * sum(weights))


def shares(ratings: Sequence[Rating], weights: Sequence[int]) -> Points:
    """Points earned and missed are each rounded on their own, so that earned never exceeds what could be
    earned."""
    parts = [rating.known * weight for rating, weight in zip(ratings, weights, strict=True)]
    if not any(parts):
        return Points([0] * len(weights), [0] * len(weights))
    sum_earned = total(ratings, weights)
    earned = apportioned(
        sum_earned, [part * rating.rate for part, rating in zip(parts, ratings, strict=True)]
    )
    missed = apportioned(
        WHOLE - sum_earned, [part * (FULL - r.rate) for part, r in zip(parts, ratings, strict=True)]
    )
    return Points(earned, [got + left for got, left in zip(earned, missed, strict=True)])


def apportioned(whole: int, parts: Sequence[int]) -> list[int]:
    """`whole` split in the ratio of `parts` into integers that sum to it (largest remainders, Hamilton's
    method).

    Equal remainders go to the earlier part. All parts nought: nothing is given.
    """
    together = sum(parts)
    if not together:
        return [0] * len(parts)
    given, remainders = [], []
    for number, part in enumerate(parts):
        share, remainder = divmod(whole * part, together)
        given.append(share)
        if remainder:
            remainders.append((-remainder, number))
    for _, number in sorted(remainders)[: whole - sum(given)]:
        given[number] += 1
    return given
