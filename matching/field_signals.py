"""Where both listings stand in the catalogues: fields of research, patent classes, industries, strategic
products."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from matching.pair import Pair
from matching.profile import Profile
from matching.rating import FULL, UNKNOWN, Rating
from vocabulary import patents
from vocabulary.fields import FORD
from vocabulary.industries import VSIC
from vocabulary.strategic import STRATEGIC

BY_FIELD, BY_IPC, BY_INDUSTRY, BY_STRATEGIC = 4, 2, 2, 2
"""What the four catalogues weigh among themselves: nearly every listing states its field of research."""
TOGETHER = BY_FIELD + BY_IPC + BY_INDUSTRY + BY_STRATEGIC

Codes = tuple[str, ...]
Closeness = Callable[[str, str], int]


def fields(pair: Pair) -> Rating:
    """How near the two stand in each catalogue that both name; a catalogue one of them leaves out is unknown."""
    earned = known = 0
    for weight, wanted, offered, closeness in _catalogues(pair.demand.profile, pair.offer.profile):
        if wanted and offered:
            known += weight
            earned += weight * _nearest(wanted, offered, closeness)
    return Rating(earned // known, FULL * known // TOGETHER) if known else UNKNOWN


def _catalogues(demand: Profile, offer: Profile) -> tuple[tuple[int, Codes, Codes, Closeness], ...]:
    return (
        (BY_FIELD, demand.fields, offer.fields, _ford),
        (BY_IPC, demand.ipc, offer.ipc, _ipc),
        (BY_INDUSTRY, demand.industries, offer.industries, _vsic),
        (BY_STRATEGIC, demand.strategic, offer.strategic, _strategic),
    )


@lru_cache(maxsize=16_384)
def _nearest(wanted: Codes, offered: Codes, closeness: Closeness) -> int:
    """The mean over the demand's codes of the offer's nearest, so that naming every code wins nothing."""
    rates = [
        FULL if code in offered else max([closeness(code, other) for other in offered]) for code in wanted
    ]
    return sum(rates) // len(rates)


def _ford(one: str, other: str) -> int:
    return _near(FORD.distance(one, other))


def _ipc(one: str, other: str) -> int:
    return _near(patents.distance(one, other))


def _vsic(one: str, other: str) -> int:
    return _near(VSIC.distance(one, other))


def _strategic(one: str, other: str) -> int:
    return _near(STRATEGIC.distance(one, other))


def _near(distance: float) -> int:
    return round(FULL * (1 - distance))
