"""Rates and weights made into points that sum exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from matching.column import Column
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
    return total_of(earned, known)


def total_of(earned: int, known: int) -> int:
    """The total of sums that were made already: of the known parts of the weights, and of these times their rates."""
    return WHOLE * earned // (known * FULL) if known else 0


def sums(columns: Sequence[Column], weights: Sequence[int]) -> Iterator[tuple[int, int]]:
    """What each of many pairs earned, and how much of its weight is known: what `total_of` makes its total of."""
    rates, known = (np.array(rows, np.int64) for rows in zip(*columns, strict=True))
    parts = known * np.array(weights)[:, np.newaxis]
    return zip((parts * rates).sum(axis=0).tolist(), parts.sum(axis=0).tolist(), strict=True)


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
