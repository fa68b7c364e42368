"""What the words say. No signal here knows a language: folding, stems and pairs are behind it.

Each is a share between nought and one, brought to the fixed scale of `risen`: at the share named beside it a
pair gets 60 of 100, at that of two listings without relation (in judged pairs about a third of it) some ten.
"""

from __future__ import annotations

from operator import mul

from matching.pair import Pair
from matching.prepared import Weighted
from matching.rating import FULL, UNKNOWN, Rating, risen

TEXT_AT = 180_000
HEADING_AT = 260_000
TELLING_AT = 350_000
OPENING_AT = 400_000
"""Millionths. Set once on judged English and Vietnamese pairs, see docs/matching.md."""


def text(pair: Pair) -> Rating:
    """Both texts as a whole: the cosine between their terms, each weighted by its rarity and damped count."""
    squares = pair.demand.square * pair.offer.square
    if not squares:
        return UNKNOWN
    demand, offer, shared = pair.demand.vector, pair.offer.vector, pair.shared
    product = sum(map(mul, map(demand.__getitem__, shared), map(offer.__getitem__, shared)))
    return Rating(risen(product * product, squares * _half(TEXT_AT) // FULL))


def heading(pair: Pair) -> Rating:
    """The demand's title and first sentence: how much of it the offer speaks about, more when it keeps to it."""
    asked, offer = pair.demand.heading, pair.offer.words
    found = sum(
        [
            asked.terms[term] * (count := offer[term]) // (count + 1)
            for term in asked.terms.keys() & offer.keys()
        ]
    )
    return _covered(asked, found, HEADING_AT)


def telling(pair: Pair) -> Rating:
    """The demand's rarest words and phrases: how many of them the offer uses at all."""
    asked = pair.demand.telling
    return _covered(
        asked, sum(map(asked.terms.__getitem__, asked.terms.keys() & pair.offer.vector.keys())), TELLING_AT
    )


def opening(pair: Pair) -> Rating:
    """The offer's title and first sentence: how much of what it is about the demand asks for."""
    about = pair.offer.heading
    found = sum(map(about.terms.__getitem__, about.terms.keys() & pair.demand.words.keys()))
    return _covered(about, found, OPENING_AT)


def _covered(asked: Weighted, found: int, at: int) -> Rating:
    if not asked.total:
        return UNKNOWN
    return Rating(risen(found * found, asked.total * asked.total * _half(at) // FULL))


def _half(at: int) -> int:
    """The squared share, in millionths, that is worth one half when the share `at` is worth 60 of 100."""
    return at * at * 2 // (3 * FULL)
