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

_SHORT = {
    **dict.fromkeys(("hcm", "hcmc", "saigon"), "TP. Hồ Chí Minh"),
    **dict.fromkeys(("brvt", "baria", "vungtau"), "Bà Rịa - Vũng Tàu"),
    **dict.fromkeys(("tthue", "thuathien"), "Thừa Thiên Huế"),
    "hn": "Hà Nội",
    "hp": "Hải Phòng",
    "daclac": "Đắk Lắk",
    "dacnong": "Đắk Nông",
}
"""What people type that no list has. «ĐN» is not here: it is Đà Nẵng to some and Đồng Nai to others."""
_AROUND = re.compile(r"^(?:tinh|thanhpho|tp)|(?:province|city)$")


@dataclass(frozen=True, slots=True)
class Reading:
    """The province a text names; `mapped_from` is the old name it was given by, empty for a present one."""

    code: str
    mapped_from: str = ""


def read(text: str) -> Reading:
    """A province by code or name, with or without marks and «tỉnh», old or new. Raises `Unreadable`."""
    typed = text.strip()
    # A spreadsheet takes the leading zero of «01» away.
    if typed.isascii() and typed.zfill(2) in PROVINCES:
        return Reading(typed.zfill(2))
    found = _names().get(_key(typed))
    if found is None:
        raise Unreadable("region.unknown", value=typed)
    return found


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


@cache
def _names() -> dict[str, Reading]:
    """Every name -> what it is read as."""
    names = {_key(old): Reading(code, old) for old, code in former_names().items()}
    names |= {_key(name): Reading(one.code) for one in PROVINCES for name in (one.vi, one.en)}
    return names | {short: names[_key(name)] for short, name in _SHORT.items()}


def _key(name: str) -> str:
    """The name as it is compared: folded, without spaces, signs and «tỉnh», «TP.» or «T.»."""
    words = tokens(fold(name))
    return _AROUND.sub("", "".join(words[1:] if words[:1] == ["t"] else words))
