"""How well a pair does on one signal, in whole numbers, so that a score is the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

FULL = 1_000_000
"""A rate of 1. Rates are millionths, fine enough that two different pairs hardly ever tie."""


class Rating(NamedTuple):
    """`rate` is how well what is known fits, 0–FULL; `known` how much of the signal's weight is known at all, FULL being
    all of it. Where a source speaks that most exchanges do not have, it is more than FULL."""

    rate: int
    known: int = FULL


UNKNOWN = Rating(0, 0)
"""One side says nothing. It is not a rate of nought: it is left out of the sum."""
MET = Rating(FULL)
UNMET = Rating(0)


def rated(rate: int) -> Rating:
    """A known rate, held within 0–FULL."""
    return Rating(min(FULL, max(0, rate)))


def mean(parts: Iterable[tuple[Rating, int]]) -> Rating:
    """The mean of the parts that are known, each with its weight; what is unknown makes the whole less
    known."""
    earned = known = weights = 0
    for rating, weight in parts:
        weights += weight
        known += weight * rating.known
        earned += weight * rating.known * rating.rate
    return Rating(earned // known, known // weights) if known else UNKNOWN


def risen(square: int, against: int) -> int:
    """An S-shaped scale of a similarity, given by its square and by the square of where it is worth one half.

    What two listings share by chance stays near nought, and more of what is plenty already adds little. The
    scale is fixed: it never depends on the other candidates, so that the same pair keeps its score.
    """
    return FULL * square // (square + against) if square else 0
