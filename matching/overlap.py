"""What the words of a demand and an offer have in common, in whole numbers: all that the text signals read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from matching.meaning import closeness, likeness
from matching.meeting import Shared, met
from matching.prepared import Prepared


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
    sense: int | None
    """The same for their directions by a sentence model."""


def overlap(demand: Prepared, offer: Prepared) -> Overlap:
    """Of one pair."""
    return overlaps([demand], [offer])[0]


def overlaps(demands: Sequence[Prepared], offers: Sequence[Prepared]) -> list[Overlap]:
    """Of one demand and each of these offers, or of each of these demands and one offer, in their order."""
    said, used = [offer.said for offer in offers], [offer.used for offer in offers]
    shared = zip(
        met([demand.text.numbered for demand in demands], said),
        met([demand.heading.numbered for demand in demands], said),
        met([demand.telling.numbered for demand in demands], used),
        met([demand.used for demand in demands], [offer.heading.numbered for offer in offers]),
        strict=True,
    )
    return [
        Overlap(*common, _close(demand, offer), likeness(demand.profile.embedding, offer.profile.embedding))
        for common, (demand, offer) in zip(shared, product(demands, offers), strict=True)
    ]


def _close(demand: Prepared, offer: Prepared) -> int | None:
    """Between two languages nothing is known: no listing was seen using both, so their words seem to have nothing in
    common."""
    if demand.language != offer.language or demand.meaning is None or offer.meaning is None:
        return None
    return closeness(demand.meaning, offer.meaning)
