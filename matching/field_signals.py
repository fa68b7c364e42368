"""Where both listings stand in the catalogues: fields of research, patent classes, industries, strategic
products."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter

from matching.rating import FULL, UNKNOWN, Rating
from matching.stated import Stated
from vocabulary import patents
from vocabulary.fields import FORD
from vocabulary.industries import VSIC
from vocabulary.strategic import STRATEGIC

BY_FIELD, BY_IPC, BY_INDUSTRY, BY_STRATEGIC = 4, 2, 2, 2
"""What the four catalogues weigh among themselves: nearly every listing states its field of research."""
TOGETHER = BY_FIELD + BY_IPC + BY_INDUSTRY + BY_STRATEGIC

Codes = tuple[str, ...]
Closeness = Callable[[str, str], int]


@lru_cache(maxsize=16_384)
def _together(wanted: tuple[Codes, ...], offered: tuple[Codes, ...]) -> Rating:
    """How near the two stand in each catalogue that both name; a catalogue one of them leaves out is unknown."""
    earned = known = 0
    for (weight, closeness), mine, theirs in zip(_CATALOGUES, wanted, offered, strict=True):
        if mine and theirs:
            known += weight
            earned += weight * _nearest(mine, theirs, closeness)
    return Rating(earned // known, FULL * known // TOGETHER) if known else UNKNOWN


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


_CATALOGUES = ((BY_FIELD, _ford), (BY_IPC, _ipc), (BY_INDUSTRY, _vsic), (BY_STRATEGIC, _strategic))
_CODES = attrgetter("profile.fields", "profile.ipc", "profile.industries", "profile.strategic")

fields = Stated(_CODES, _CODES, _together)
