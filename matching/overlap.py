"""What the words of a demand and an offer have in common, in whole numbers: all that the text signals read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from operator import mul
from typing import NamedTuple

from matching.meaning import closeness, likeness
from matching.prepared import Prepared, Weighted

MENTIONED = 1_000
"""Of a term that is said without end."""


class Overlap(NamedTuple):
    """What the terms in common weigh together; in `text` and `heading` each by how much the offer says it, too, in
    thousandths."""

    text: int
    """The demand's heaviest terms in the offer."""
    heading: int
    """Those of the demand's title and first sentence in the offer."""
    telling: int
    """The demand's few most telling ones in the offer."""
    opening: int
    """Those of the offer's title and first sentence in the demand."""
    meaning: int | None
    """Millionths: the cosine of the two directions. None when it is not known."""
    sense: int | None
    """The same for their directions by a sentence model."""


class Common(NamedTuple):
    """How many terms of one side the other uses."""

    text: int
    """Of the demand's heaviest terms."""
    heading: int
    """Of those of the demand's title and first sentence."""
    telling: int
    """Of the demand's few most telling ones."""
    opening: int
    """Of those of the offer's title and first sentence."""


def common(demand: Prepared, offer: Prepared) -> Common:
    """Of one pair."""
    said, used = offer.words.keys(), demand.words.keys()
    text, heading, telling = (
        len(part.terms.keys() & said) for part in (demand.text, demand.heading, demand.telling)
    )
    return Common(text, heading, telling, len(offer.heading.terms.keys() & used))


def overlap(demand: Prepared, offer: Prepared) -> Overlap:
    """Of one pair."""
    said = _Said(offer.words, mentions(offer.pace))
    return Overlap(
        text=said.of(demand.text.terms),
        heading=said.of(demand.heading.terms),
        telling=_used(demand.telling, offer.words),
        opening=_used(offer.heading, demand.words),
        meaning=close(demand, offer),
        sense=likeness(demand.profile.embedding, offer.profile.embedding),
    )


class _Mentions(dict[int, int]):
    """Count -> how much a term counts that a text of this pace says so often: ever less for each further time."""

    def __init__(self, pace: int) -> None:
        super().__init__()
        self.pace = pace

    def __missing__(self, count: int) -> int:
        self[count] = MENTIONED * 1_000 * count // (1_000 * count + self.pace)
        return self[count]


mentions = lru_cache(maxsize=4_096)(_Mentions)
"""Texts of one length have one table."""


class _Said(NamedTuple):
    words: Mapping[str, int]
    counts: _Mentions

    def of(self, terms: Mapping[str, int]) -> int:
        both = list(terms.keys() & self.words.keys())
        said = map(self.counts.__getitem__, map(self.words.__getitem__, both))
        return sum(map(mul, map(terms.__getitem__, both), said))


def _used(asked: Weighted, words: Mapping[str, int]) -> int:
    return sum(map(asked.terms.__getitem__, asked.terms.keys() & words.keys()))


def close(demand: Prepared, offer: Prepared) -> int | None:
    """Between two languages nothing is known: no listing was seen using both, so their words seem to have nothing in
    common."""
    if demand.language != offer.language or demand.meaning is None or offer.meaning is None:
        return None
    return closeness(demand.meaning, offer.meaning)
