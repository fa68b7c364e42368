"""Numbers with their units, as people write them in Vietnamese and English, made comparable.

Units are those of the International System and the few that trade uses beside it (BIPM, SI Brochure, 9th
edition). A unit nobody listed («kênh», «heads») compares with itself only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from vocabulary.text import fold

_NUMBER = r"\d+(?:[.,]\d+)*"
_QUANTITY = re.compile(
    rf"(?<![\w.,])(?:±\s*)?(?P<low>[-−]?{_NUMBER})(?:\s*(?:-|–|—|\.\.|to|đến|tới)\s*(?P<high>{_NUMBER}))?"
    r"(?P<unit>\s*(?:°\s?[CF]\b|độ\s[CF]\b|phần\străm|[%‰°]|[^\W\d_]+[²³\d]?(?:\s?/\s?[^\W\d_]+[²³\d]?)?))?"
)
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")

_ROWS = """
mass g | 1000000 t tan tonne ton | 1000 kg kilogram | 1 g gram gam | 0.001 mg | 0.000001 ug µg μg
length m | 1000 km | 1 m met metre meter | 0.01 cm | 0.001 mm | 0.000001 um µm μm micron | 0.000000001 nm
area m2 | 10000 ha hecta hectare | 1 m2 m² | 1000000 km2 km²
volume l | 1 l lit litre liter | 0.001 ml | 1000 m3 m³ khoi
time s | 1 s giay second sec | 60 phut minute min | 3600 h gio hour | 86400 ngay day
time s | 604800 tuan week | 2592000 thang month | 31536000 nam year
power w | 1 w | 1000 kw | 1000000 mw | 745.7 hp
energy wh | 1 wh | 1000 kwh | 1000000 mwh
voltage v | 1 v volt | 1000 kv | 0.001 mv
current a | 1 a ampe amp | 0.001 ma
frequency hz | 1 hz | 1000 khz | 1000000 mhz | 1000000000 ghz
pressure pa | 1 pa | 1000 kpa | 1000000 mpa | 100000 bar
share % | 1 % percent phan_tram | 0.1 ‰ ppt | 0.0001 ppm
temperature c | 1 °c doc
money đ | 1 dong vnd đ ₫ | 1000000 trieu million | 1000000000 ty billion
"""
_UNITS: dict[str, tuple[str, Decimal]] = {
    unit: (row.split(" ", 1)[0], Decimal(group.split()[0]))
    for row in _ROWS.strip().splitlines()
    for group in row.split(" | ")[1:]
    for unit in group.split()[1:]
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """`low` to `high` (the same when one number is meant), both in the first unit of `dimension`, and where
    the number stands in its text. An empty dimension is a bare number."""

    low: Decimal
    high: Decimal
    dimension: str
    start: int = 0
    end: int = 0


@lru_cache(maxsize=8_192)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Every number of `text` with the unit that follows it, in their order."""
    return tuple(_quantity(found) for found in _QUANTITY.finditer(text))


def number(text: str) -> Decimal:
    """«1.500», «1,500» and «1500» are the same; in «0,5» and «12.25» the mark is a decimal one."""
    text = text.replace("−", "-")
    if _GROUPED.fullmatch(text.lstrip("-")):
        return Decimal(text.replace(".", "").replace(",", ""))
    if "," in text and "." in text:
        thousands = "," if text.rindex(".") > text.rindex(",") else "."
        text = text.replace(thousands, "")
    text = text.replace(",", ".")
    return Decimal(text if text.count(".") <= 1 else text.replace(".", ""))


def unit(text: str) -> tuple[str, Decimal]:
    """The dimension of a unit and how many of the dimension's first unit it makes."""
    above, _, below = fold(text).replace(" ", "").replace("phantram", "phan_tram").partition("/")
    dimension, factor = _simple(above)
    if not below:
        return dimension, factor
    divided, divisor = _simple(below)
    return f"{dimension}/{divided}", factor / divisor


def _simple(name: str) -> tuple[str, Decimal]:
    if name in _UNITS:
        return _UNITS[name]
    singular = name.removesuffix("s")
    return _UNITS.get(singular, (singular, Decimal(1)))


def _quantity(found: re.Match[str]) -> Quantity:
    dimension, factor = unit((found["unit"] or "").strip())
    low = number(found["low"])
    high = number(found["high"]) if found["high"] else low
    end = found.end() if dimension in DIMENSIONS else found.end("high" if found["high"] else "low")
    return Quantity(min(low, high) * factor, max(low, high) * factor, dimension, found.start(), end)


DIMENSIONS = frozenset(dimension for dimension, _ in _UNITS.values())
"""What is measured in a unit of the list above."""
