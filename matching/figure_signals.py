"""The figures of a demand's texts beside those of an offer's: quantities of the same thing, as far as words tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matching.figures import Figure
from matching.pair import Pair
from matching.rating import FULL, UNKNOWN, Rating

CONNECTED = (FULL // 4, FULL * 5 // 8, FULL)
"""How much is known of two figures of one dimension by the number of words that stand near both: without one they may
well be of two things."""


def figures(pair: Pair) -> Rating:
    """How near the offer's figures come to the demand's, where both name some of the same dimension.

    A figure that the offer is silent about is unknown by itself and takes its share of the weight out of the sum.
    """
    wanted, offered = pair.demand.figures, pair.offer.figures
    earned = known = 0
    for dimension, same in wanted.items():
        others = offered.get(dimension, ())
        for asked in same if others else ():
            sure, rate, _ = _best(asked, others)
            known += sure
            earned += sure * rate
    return Rating(earned // known, known // sum(map(len, wanted.values()))) if known else UNKNOWN


def compared(pair: Pair) -> Iterator[tuple[Figure, Figure]]:
    """The demand's figures in their order, each with the offer's that it is held against."""
    for dimension, wanted in pair.demand.figures.items():
        if others := pair.offer.figures.get(dimension):
            for asked in wanted:
                yield asked, _best(asked, others)[2]


def fit(asked: Figure, offered: Figure) -> int:
    """Full where the offer keeps to what is asked, or both overlap; else the smaller by the larger of the nearest ends, and
    nothing where they lie on two sides of nought."""
    if offered.low > asked.high:
        if asked.bound == ">=":
            return FULL
        small, large = asked.high, offered.low
    elif offered.high < asked.low:
        if asked.bound == "<=":
            return FULL
        small, large = offered.high, asked.low
    else:
        return FULL
    if large < 0:
        small, large = -large, -small
    return FULL * small // large if small > 0 else 0


def _best(asked: Figure, others: Sequence[Figure]) -> tuple[int, int, Figure]:
    """Of an offer's figures the one that shares most words with it, of several the one that fits best, then the first:
    how much is known of it, how well it fits, and which it is."""
    best, chosen = (-1, 0), others[0]
    for other in others:
        found = CONNECTED[min(2, len(asked.about & other.about))], fit(asked, other)
        if found > best:
            best, chosen = found, other
    return *best, chosen
