"""What the words say. No signal here knows a language: folding, stems and pairs are behind it.

Each is a share between nought and one, brought to the fixed scale of `risen`: at the share named beside it a
pair gets 60 of 100, at that of two listings without relation (in judged pairs about a third of it) some ten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter

from matching.column import Column
from matching.overlap import MENTIONED, Overlap
from matching.pair import Pair
from matching.prepared import WEIGHED, Prepared
from matching.rating import FULL, UNKNOWN, Rating, risen

TEXT_AT = 71_000
"""For a demand of WEIGHED terms. The fewer it has, the more of them an offer must say: a share of 0.07 is much of a long
text and little of five words. The square of the share goes by one over the number of terms."""
HEADING_AT = 170_000
TELLING_AT = 430_000
OPENING_AT = 520_000
MEANING_AT = 500_000
SENSE_AT = 500_000
"""Millionths. Set once on judged English and Vietnamese pairs, see docs/matching.md."""
SENSE = 8
"""What a sentence model's word counts beside that of the learned space: it was taught by far more texts than an exchange
has. Chosen without one at hand, on made-up directions of several strengths: docs/matching.md."""


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of what one side weighs the other says: `found` of a pair, beside the square of what would be worth one half,
    which is None where there is nothing to be said. `silent`: nor is anything known of an offer without a word."""

    found: Callable[[Overlap], int]
    side: Callable[[Pair], Prepared]
    half: Callable[[Prepared], int | None]
    silent: bool = False

    def __call__(self, pair: Pair) -> Rating:
        half = None if self.silent and not pair.offer.words else self.half(self.side(pair))
        return UNKNOWN if half is None else Rating(risen(self.found(pair.overlap) ** 2, half))

    def each(self, pairs: Sequence[Pair]) -> Column:
        """The same of many: `risen` is written out, for to call it takes as long as it does, and one side is mostly the same
        listing in all."""
        halves = list(map(cache(self.half), map(self.side, pairs)))
        if self.silent:
            halves = [half if pair.offer.words else None for half, pair in zip(halves, pairs, strict=True)]
        squares = [found * found for found in map(self.found, [pair.overlap for pair in pairs])]
        rates = [
            FULL * square // (square + half) if half is not None and square else 0
            for square, half in zip(squares, halves, strict=True)
        ]
        return Column(rates, [0 if half is None else FULL for half in halves])


def _of_text(demand: Prepared) -> int | None:
    terms = len(demand.text.terms)
    return _square(demand.text.total * MENTIONED, _half(TEXT_AT) * WEIGHED // terms) if terms else None


def _of_heading(demand: Prepared) -> int | None:
    return _square(demand.heading.total * MENTIONED, _half(HEADING_AT))


def _of_telling(demand: Prepared) -> int | None:
    return _square(demand.telling.total, _half(TELLING_AT))


def _of_opening(offer: Prepared) -> int | None:
    return _square(offer.heading.total, _half(OPENING_AT))


def _square(whole: int, half: int) -> int | None:
    return whole * whole * half // FULL if whole else None


@cache
def _half(at: int) -> int:
    """The squared share, in millionths, that is worth one half when the share `at` is worth 60 of 100."""
    return at * at * 2 // (3 * FULL)


DEMAND, OFFER = attrgetter("demand"), attrgetter("offer")

text = Covered(attrgetter("text"), DEMAND, _of_text, silent=True)
"""How much of the demand the offer speaks about: terms weighted by rarity, more for what it says often or briefly."""
heading = Covered(attrgetter("heading"), DEMAND, _of_heading)
"""The demand's title and first sentence: how much of it the offer speaks about, more when it keeps to it."""
telling = Covered(attrgetter("telling"), DEMAND, _of_telling)
"""The demand's rarest words and phrases: how many of them the offer uses at all."""
opening = Covered(attrgetter("opening"), OFFER, _of_opening)
"""The offer's title and first sentence: how much of what it is about the demand asks for."""


def meaning(pair: Pair) -> Rating:
    """How near the two lie in the space learned from the exchange's own listings, and by a sentence model where there is
    one, with or without common words: the mean of what is known of both, the model's word counting `SENSE` times."""
    known = earned = 0
    for close, at, counts in (
        (pair.overlap.meaning, MEANING_AT, 1),
        (pair.overlap.sense, SENSE_AT, SENSE),
    ):
        if close is not None:
            known += counts
            earned += counts * risen(close * close, _half(at) * FULL)
    return Rating(earned // known, known * FULL) if known else UNKNOWN
