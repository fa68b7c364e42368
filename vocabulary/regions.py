"""The 34 provinces and cities of Vietnam since 1 July 2025 (Resolution 202/2025/QH15), and the 63 before them.

An old name is read as the province it became part of, and the reader is told. Coordinates are those of the present
administrative centre, good enough to say how far two places are apart.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache

from vocabulary.codelist import Code, CodeList
from vocabulary.problems import Unreadable
from vocabulary.text import fold, tokens

PROVINCES = CodeList("provinces")

EARTH_RADIUS = 6371.0  # kilometres
_SHORT = {"hn": "01", "hcm": "79", "hcmc": "79", "tphcm": "79", "sai gon": "79", "saigon": "79", "ho chi minh": "79",
          "ho chi minh city": "79", "brvt": "79", "vung tau": "79", "ba ria": "79", "hp": "31", "dn": "48",
          "hue": "46", "can tho city": "92", "dac lac": "66", "daklak": "66"}  # fmt: skip
"""Names people type that no list has."""
_PREFIX = re.compile(r"^(?:tinh|thanh pho|tp|province of|city of)\s+|\s+(?:province|city)$")


@dataclass(frozen=True, slots=True)
class Reading:
    """The province a text names; `mapped_from` is the old name it was given by, empty for a present one."""

    code: str
    mapped_from: str = ""


def read(text: str) -> Reading:
    """A province by code or name, with or without marks and «tỉnh», old or new. Raises `Unreadable`."""
    typed = text.strip()
    if typed in PROVINCES:
        return Reading(typed)
    # A spreadsheet takes the leading zero of «01» away.
    if typed.isascii() and typed.isdigit() and typed.zfill(2) in PROVINCES:
        return Reading(typed.zfill(2))
    name = " ".join(tokens(fold(typed)))
    for candidate in (name, _PREFIX.sub("", name)):
        if found := _names().get(candidate):
            return found
    raise Unreadable("region.unknown", value=typed)


@cache
def _names() -> dict[str, Reading]:
    names = {word: Reading(code) for word, code in _SHORT.items()}
    for one in PROVINCES:
        for old in filter(None, one.more["merged"].split(";")):
            names[_key(old)] = Reading(one.code, old)
    for one in PROVINCES:
        for name in (one.vi, one.en, _PREFIX.sub("", _key(one.vi))):
            names[_key(name)] = Reading(one.code)
    return names


def _key(name: str) -> str:
    return " ".join(tokens(fold(name)))


def former_names() -> dict[str, str]:
    """Every name that is gone, with the code of the province it became part of."""
    return {old: one.code for one in PROVINCES for old in filter(None, one.more["merged"].split(";"))}


@cache
def distance_km(first: str, second: str) -> float:
    """The great-circle distance between two administrative centres, in kilometres. Raises `Unreadable`."""
    one, other = _position(first), _position(second)
    half_chord = (
        math.sin((other[0] - one[0]) / 2) ** 2
        + math.cos(one[0]) * math.cos(other[0]) * math.sin((other[1] - one[1]) / 2) ** 2
    )
    return 2 * EARTH_RADIUS * math.asin(math.sqrt(half_chord))


def _position(code: str) -> tuple[float, float]:
    found: Code | None = PROVINCES.get(code)
    if found is None:
        raise Unreadable("region.unknown", value=code)
    return math.radians(float(found.more["latitude"])), math.radians(float(found.more["longitude"]))
