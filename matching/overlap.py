"""What the words of a demand and an offer have in common, in whole numbers: all that the text signals read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from matching.meaning import closeness
from matching.prepared import Prepared, Weighted

MENTIONED = 1_000
"""Of a term that is said without end."""


class Shared(NamedTuple):
    """Of some weighted terms those the other side uses, too: what they weigh together, and how many they are."""

    weight: int
    terms: int


class Overlap(NamedTuple):
    """`text` and `heading` are weighed by how much the offer says them, in thousandths; the others once."""

    text: Shared
    """The demand's heaviest terms in the offer."""
    heading: Shared
    """Those of the demand's title and first sentence in the offer."""
    telling: Shared
    """The demand's few most telling ones in the offer."""
    opening: Shared
    """Those of the offer's title and first sentence in the demand."""
    meaning: int | None
    """Millionths: the cosine of the two directions. None when it is not known."""


def overlap(demand: Prepared, offer: Prepared) -> Overlap:
    """Of one pair. `matching.batch` gives the same for many at once."""
    said = _Said(offer.words, offer.pace)
    return Overlap(
        text=said.of(demand.vector),
        heading=said.of(demand.heading.terms),
        telling=_used(demand.telling, offer.words),
        opening=_used(offer.heading, demand.words),
        meaning=_close(demand, offer),
    )


def mentioned(count: int, pace: int) -> int:
    """How much a term counts that is said so often: nothing for never, ever less for each further time."""
    return MENTIONED * 1_000 * count // (1_000 * count + pace)


class _Said(NamedTuple):
    words: Mapping[str, int]
    pace: int

    def of(self, terms: Mapping[str, int]) -> Shared:
        words, pace = self
        both = terms.keys() & words.keys()
        return Shared(sum([terms[term] * mentioned(words[term], pace) for term in both]), len(both))


def _used(asked: Weighted, words: Mapping[str, int]) -> Shared:
    both = asked.terms.keys() & words.keys()
    return Shared(sum([asked.terms[term] for term in both]), len(both))


def _close(demand: Prepared, offer: Prepared) -> int | None:
    """Between two languages nothing is known: no listing was seen using both, so their words seem to have nothing in
    common."""
    if demand.language != offer.language or demand.meaning is None or offer.meaning is None:
        return None
    return closeness(demand.meaning, offer.meaning)
