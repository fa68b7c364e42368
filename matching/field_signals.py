"""Where both listings stand in the catalogues: fields of research, patent classes, industries, strategic
products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from matching.pair import Pair
from matching.rating import FULL, UNKNOWN, Rating, mean, rated
from vocabulary import patents
from vocabulary.fields import FORD
from vocabulary.industries import VSIC
from vocabulary.strategic import STRATEGIC

BY_FIELD, BY_IPC, BY_INDUSTRY, BY_STRATEGIC = 4, 2, 2, 2
"""What the four catalogues weigh among themselves: nearly every listing states its field of research."""


def fields(pair: Pair) -> Rating:
    """How near the two stand in each catalogue that both name; a catalogue one of them leaves out is
    unknown."""
    demand, offer = pair.demand.profile, pair.offer.profile
    return mean(
        (
            (_nearest(demand.fields, offer.fields, _ford), BY_FIELD),
            (_nearest(demand.ipc, offer.ipc, _ipc), BY_IPC),
            (_nearest(demand.industries, offer.industries, _vsic), BY_INDUSTRY),
            (_nearest(demand.strategic, offer.strategic, _strategic), BY_STRATEGIC),
        )
    )


def _nearest(wanted: Sequence[str], offered: Sequence[str], closeness: Callable[[str, str], int]) -> Rating:
    """The mean over the demand's codes of the offer's nearest, so that naming every code wins nothing."""
    if not wanted or not offered:
        return UNKNOWN
    return rated(sum(max(closeness(code, other) for other in offered) for code in wanted) // len(wanted))


@lru_cache(maxsize=16_384)
def _ford(one: str, other: str) -> int:
    return _near(FORD.distance(one, other))


@lru_cache(maxsize=16_384)
def _ipc(one: str, other: str) -> int:
    return _near(patents.distance(one, other))


@lru_cache(maxsize=16_384)
def _vsic(one: str, other: str) -> int:
    return _near(VSIC.distance(one, other))


@lru_cache(maxsize=16_384)
def _strategic(one: str, other: str) -> int:
    return _near(STRATEGIC.distance(one, other))


def _near(distance: float) -> int:
    return round(FULL * (1 - distance))
