"""The units in which figures are compared, and what each makes of the first one of its dimension.

They are those of the International System and the few that trade uses beside it (BIPM, SI Brochure, 9th edition). A unit
nobody listed («kênh», «heads») compares with itself only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Context, Decimal
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from vocabulary.text import fold

_EXACT = Context(prec=15)
"""Twelve tonnes a day are 500 kilograms an hour, though neither is a whole number of grams a second."""

_ROWS = """
mass g | 1000000 t tấn tonne ton | 100000 tạ | 10000 yến | 1000 kg kilogram kí | 1 g gram gam | 0.001 mg | 0.000001 ug µg μg
length m | 1000 km | 1 m mét met metre meter | 0.01 cm | 0.001 mm | 0.000001 um µm μm micron | 0.000000001 nm
length m | 0.0254 inch inches | 0.3048 ft foot feet
area m2 | 10000 ha hecta hécta hectare | 1 m2 m² | 1000000 km2 km² | 0.0001 cm2 cm² | 0.000001 mm2 mm²
volume l | 1 l lít litre liter dm3 dm³ | 0.001 ml cm3 cm³ cc | 1000 m3 m³ khối
time s | 1 s giây second sec | 60 phút minute min | 3600 h giờ hour hr | 86400 ngày day
time s | 604800 tuần week wk | 2628000 tháng month | 31536000 năm year yr
power w | 1 watt oát | 745.7 hp mã_lực
voltage v | 1 volt vôn
current a | 1 ampe amp ampere
frequency hz | 1 hertz
pressure pa | 100000 bar | 100 mbar | 101325 atm | 6894.757 psi
share % | 1 % percent phần_trăm | 0.1 ‰ ppt phần_nghìn phần_ngàn | 0.0001 ppm phần_triệu | 0.0000001 ppb
temperature c | 1 °c ℃ oc ºc độ_c doc
money đ | 1 đ ₫ đồng vnd vnđ
dollars usd | 1 usd
vong/time _ | 1/60 rpm
cfu cfu | 1 cfu
"""
_SYMBOLS = """
power M W Wp | energy M Wh | voltage m V | current m A | charge m Ah | frequency M Hz | pressure M Pa
"""
"""Symbols that take any prefix, and which of m and M is meant where capitals are not kept: «kw», «mpa»."""
_PREFIXES = {
    "": "1",
    "µ": "0.000001",
    "m": "0.001",
    "h": "100",
    "k": "1000",
    "M": "1000000",
    "G": "1000000000",
}
_ONLY_MARKED = frozenset({"tạ", "đ", "yến", "kí", "độ c"})
"""Without its mark it would be another word: «tá», a dozen."""
_SYNONYMS = {"rev": "vong", "revolution": "vong", "revolutions": "vong", "vòng": "vong"}

TIMES = {
    "vạn": 10**4, "nghìn": 10**3, "ngàn": 10**3, "thousand": 10**3, "triệu": 10**6, "million": 10**6,
    "tỷ": 10**9, "tỉ": 10**9, "billion": 10**9,
}  # fmt: skip
"""Words that multiply the unit after them; of money it may go without saying: «1,5 tỷ»."""
_WORDS = """
con cay cai chiec bo vien hat qua trung nguoi ho lieu te mau hop chai goi luot bau canh hom may
"""
COUNTED = frozenset(_WORDS.split())
"""What is counted in thousands and millions beside money."""


class Unit(NamedTuple):
    """How many of the first unit of its dimension it makes. `listed`: it is one of those above, or a part of it is."""

    dimension: str
    factor: Decimal
    listed: bool


def _rows() -> dict[str, Unit]:
    found = dict[str, Unit]()
    for row in _ROWS.strip().splitlines():
        head, *groups = row.split(" | ")
        for factor, *names in map(str.split, groups):
            above, _, below = factor.partition("/")
            unit = Unit(head.split()[0], Decimal(above) / Decimal(below or 1), listed=True)
            found.update((name.replace("_", " "), unit) for name in names)
    return found


def _symbols() -> tuple[dict[str, Unit], dict[str, Unit]]:
    """As they are written, and in small letters."""
    written, small = dict[str, Unit](), dict[str, Unit]()
    for row in _SYMBOLS.strip().split(" | "):
        dimension, meant, *symbols = row.split()
        for symbol, (prefix, factor) in product(symbols, _PREFIXES.items()):
            unit = written[prefix + symbol] = Unit(dimension, Decimal(factor), listed=True)
            if prefix not in {"m", "M"} or prefix == meant:
                small[(prefix + symbol).lower()] = unit
    return written, small


_SYMBOL, _SMALL_SYMBOL = _symbols()
_NAMED = {**_SMALL_SYMBOL, **_rows()}
_PLAIN = {fold(name): unit for name, unit in _NAMED.items() if name not in _ONLY_MARKED}
_TIMES = {**TIMES, **{fold(name): count for name, count in TIMES.items()}}

DIMENSIONS = frozenset(unit.dimension for unit in (*_NAMED.values(), *_SYMBOL.values()))
"""What is measured in a unit of the list above."""
BARE = Unit("", Decimal(1), listed=False)
MONEY = _NAMED["đồng"]

_ATOM = (
    r"(?:°\s?[CF]\b|[đd]ộ\s?[CF]\b|m[ãa]\sl[ựu]c\b|ph[ầa]n\s(?:tr[ăa]m|ngh[ìi]n|ng[àa]n|tri[ệe]u)\b|[%‰°℃₫]"
    r"|[^\W\d_]+(?:[23](?!\w))?)"
)
_ABOVE = re.compile(rf"\s*({_ATOM})", re.IGNORECASE)
_BELOW = re.compile(rf"(?:(?P<sign>\s?/\s?)|\s+(?:per|mỗi|moi|một|mot|a)\s+)(?P<name>{_ATOM})", re.IGNORECASE)
_MANY = re.compile(rf"\s*({'|'.join(_TIMES)})(?!\w)", re.IGNORECASE)


def unit_at(text: str, at: int) -> tuple[Unit, int]:
    """The unit that begins at this place of a text, blanks before it left out, and where it ends."""
    many = _MANY.match(text, at)
    above, end = (_ABOVE.match(text, at), at) if many is None else (_counted(text, many), many.end())
    # An English article is no ampere.
    if above and not (above[1] == "a" and above.start(1) > end):
        units, end = [single(above[1])], above.end()
    elif many:
        units = [MONEY]
    else:
        return BARE, at
    while below := _BELOW.match(text, end):
        other = single(below["name"])
        # «10 kg mỗi lần» is a mass, «6 giờ mỗi ngày» a time, «500 kg mỗi giờ» a rate.
        if not below["sign"] and (not other.listed or other.dimension == units[0].dimension == "time"):
            break
        units.append(other)
        end = below.end()
    whole = divided(units)
    if many:
        whole = Unit(whole.dimension, whole.factor * _TIMES[many[1].lower()], listed=True)
    return whole, end


def _counted(text: str, many: re.Match[str]) -> re.Match[str] | None:
    """What a word like «triệu» multiplies. None where it goes without saying that it is money: «500 triệu chưa gồm thuế»."""
    found = None if _BELOW.match(text, many.end()) else _ABOVE.match(text, many.end())
    if found is None or single(found[1]).listed or fold(found[1]) in COUNTED:
        return found
    in_english = many[1].lower() in {"thousand", "million", "billion"}
    return found if in_english or text[found.end() :].lstrip().startswith("/") else None


@lru_cache(maxsize=4_096)
def single(name: str) -> Unit:
    """A unit that is not divided by another. «mW» is none of «MW», and «5G» no grams."""
    if name in _SYMBOL:
        return _SYMBOL[name]
    small = " ".join(name.lower().split()).replace("° ", "°")
    # A word with other marks is another word: «giỏ» is no hour, «nấm» no year.
    found = _NAMED.get(small) or (_PLAIN.get(small) if small.isascii() else None)
    if found is None and small.endswith("s"):
        return single(small.removesuffix("s"))
    if found is not None and name != "G":
        return found
    return Unit(_SYNONYMS.get(small) or fold(small), Decimal(1), listed=False)


def divided(units: Sequence[Unit]) -> Unit:
    """The first unit by all others, as in «kg/ha/năm». A mass in a mass is a share, as is a volume in a volume."""
    first, *others = units
    if not others:
        return first
    dimension, factor = first.dimension, first.factor
    for unit in others:
        if dimension == unit.dimension and dimension in {"mass", "volume"}:
            dimension, factor = "share", factor * 100 / unit.factor
        else:
            dimension, factor = f"{dimension}/{unit.dimension}", factor / unit.factor
    return Unit(dimension, factor, listed=any(unit.listed for unit in units))


def exact(value: Decimal) -> Decimal:
    """The same from whatever units it was worked out."""
    return _EXACT.plus(value)
