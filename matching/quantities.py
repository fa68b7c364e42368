"""Numbers with their units, as people write them in Vietnamese and English, made comparable.

What only looks like a quantity is left out: a date («tháng 5 năm 2019»), the number of a standard («QCVN 40:2011»).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from matching.numerals import NUMBER, is_multiple, number, power
from matching.units import BARE, Unit, exact, single, unit_at
from vocabulary.detecting import detect_language

LONGEST = 30
"""Characters of a number. Nothing a listing counts has more."""
BEFORE = 32
"""Characters before a number in which it is said what it is a number of."""

_START = re.compile(r"\d(?<![\w.,^]\d)")
_NUMBERS = re.compile(
    rf"(?P<low>{NUMBER})"
    rf"(?:\s*(?:-|–|—|÷|\.\.|to\b|đến\b|tới\b)\s*(?P<below>[-−–]|(?:âm|minus)\s+)?(?P<high>{NUMBER}))?"
)
_SIGN = re.compile(
    r"(?:(?P<error>±|\+/-)\s*|(?<![\w.,])(?P<tight>[-−])|(?P<apart>[-−–—]\s?)|(?<!\w)(?:âm|am|minus|negative)\s+)\Z",
    re.IGNORECASE,
)
_ONE_POINT = re.compile(r"(?<![\d.,])\d{1,3}\.\d{3}(?![.,]?\d)")
_SUMMED = frozenset({"time", "length", "mass", "money"})
"""What is said in two units: «2 giờ 30 phút», «1 tỷ 200 triệu»."""

_HOUR, _MONTH, _YEAR = single("h"), single("month"), single("year")
_MINUTES = re.compile(r"([0-5]\d)(?![.,]?\d)(?:\s?(?:p|ph|phút|min)(?!\w))?")
"""Behind the hours of «2h30»."""
_A_YEAR = re.compile(r"\s+(?:19|20)\d\d(?!\w)")
_IN_A_YEAR = re.compile(r"(?:năm|year|in|since)\s+\Z", re.IGNORECASE)
_BEFORE: dict[Unit, re.Pattern[str]] = {
    _YEAR: re.compile(r"(?:tháng|thang|quý|quy)\s+\Z", re.IGNORECASE),
    _MONTH: re.compile(r"(?:ngày|ngay)\s+\Z", re.IGNORECASE),
}
_STANDARD = re.compile(
    r"\b(?:ISO|IEC|TCVN|QCVN|TCCS|TCN|EN|DIN|ASTM|ASME|JIS|GB|BS|UL|IP|ANSI|IEEE|GOST|CE)(?:[\s/:.–-]|\d|[A-Z])*\Z"
)
_ENDS_OF_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:.–-"


@dataclass(frozen=True, slots=True)
class Quantity:
    """`low` to `high` (the same when one number is meant), both in the first unit of `dimension`, and where
    it stands in its text. An empty dimension is a bare number. `error` is what «25 ± 2 °C» may be off by."""

    low: Decimal
    high: Decimal
    dimension: str
    start: int = 0
    end: int = 0
    error: Decimal = Decimal(0)

    def as_error(self) -> Quantity:
        """What it may be off by, where it says so."""
        return replace(self, low=self.error, high=self.error) if self.error else self


class _Read(NamedTuple):
    """What stands from `start` to `stop`, of which the part to `end` is the quantity; in its unit. `is_error`: it is said
    after «±»."""

    low: Decimal
    high: Decimal
    unit: Unit
    start: int
    end: int
    stop: int
    is_error: bool = False
    error: Decimal = Decimal(0)


@lru_cache(maxsize=8_192)
def quantities(text: str, language: str = "") -> tuple[Quantity, ...]:
    """Every number of `text` with the unit that follows it, in their order. `language` counts only where the text itself
    does not tell which one it is in: in English «1.025» is little more than one."""
    point = _ONE_POINT.search(text) is not None and (detect_language(text) or language) == "en"
    found: list[_Read] = []
    at = 0
    while start := _START.search(text, at):
        numbers = _NUMBERS.match(text, start.start())
        if numbers is None:
            break
        at = numbers.end()
        one = _read(text, numbers, found[-1].stop if found else 0, point=point)
        if one is not None:
            at = one.stop
            joined = _joined(found[-1], one, text) if found else None
            if joined is None:
                found.append(one)
            else:
                found[-1] = joined
    return tuple([_quantity(one) for one in found])


def _quantity(one: _Read) -> Quantity:
    factor = one.unit.factor
    low, high = sorted((exact(one.low * factor), exact(one.high * factor)))
    return Quantity(low, high, one.unit.dimension, one.start, one.end, exact(one.error * factor))


def _read(text: str, numbers: re.Match[str], before: int, *, point: bool) -> _Read | None:
    """None for what is no quantity. `before` is where the one before it ends."""
    if max(len(numbers["low"]), len(numbers["high"] or "")) > LONGEST:
        return None
    start, end = numbers.span()
    unit, stop = unit_at(text, end)
    if _is_date(text, numbers, stop, unit) or _is_name(text, start, unit):
        return None
    low, high = _ends(numbers, point=point)
    sign = _before(_SIGN, "±-−–—msegMSEG", text, start, before)
    is_error = sign is not None and sign["error"] is not None
    if sign and (is_error or _is_below(text, sign, before, unit)):
        start = sign.start()
        low = low if is_error else -low
    if high is None:
        if unit is _HOUR and (minutes := _MINUTES.match(text, stop)):
            low, stop = low + Decimal(minutes[1]) / 60, minutes.end()
        high = low
    elif numbers["below"]:
        high = -high
    return _Read(low, high, unit, start, stop if unit.listed else end, stop, is_error)


def _ends(numbers: re.Match[str], *, point: bool) -> tuple[Decimal, Decimal | None]:
    """«2–5×10⁸» has one power for both."""
    low, high = numbers["low"], numbers["high"]
    shared = power(high) if high and is_multiple(high) and power(low) == 1 else 1
    return number(low, point=point) * shared, number(high, point=point) if high else None


def _is_below(text: str, sign: re.Match[str], before: int, unit: Unit) -> bool:
    """Whether it makes a number less than nought. A dash may also stand between two things («2 °C - 8 °C», «công suất – 20
    kW»): one that stands apart, and a word, are believed of temperatures alone."""
    dash = sign["tight"] or sign["apart"]
    if dash and before and not text[before : sign.start()].strip():
        return False
    return sign["tight"] is not None or unit.dimension == "temperature"


def _is_date(text: str, numbers: re.Match[str], stop: int, unit: Unit) -> bool:
    """Whether it is a part of one: «tháng 5 năm 2019», «12 năm 2026», «năm 2019»."""
    start = numbers.start()
    if (before := _BEFORE.get(unit)) is not None:
        return bool(_A_YEAR.match(text, stop) or _before(before, "gyýGYÝ", text, start))
    year = len(numbers[0]) == 4 and numbers[0].startswith(("19", "20")) and not unit.listed
    return year and _before(_IN_A_YEAR, "mnerMNER", text, start) is not None


def _is_name(text: str, start: int, unit: Unit) -> bool:
    """Whether it only names a standard."""
    return not unit.listed and _before(_STANDARD, _ENDS_OF_NAMES, text, start) is not None


def _before(
    pattern: re.Pattern[str], last: str, text: str, start: int, least: int = 0
) -> re.Match[str] | None:
    """What stands right before a number. It is looked for only where the last character before it is one of these."""
    least = max(least, start - BEFORE)
    said = text[least:start].rstrip()
    return pattern.search(text, least, start) if said and said[-1] in last else None


def _joined(one: _Read, other: _Read, text: str) -> _Read | None:
    """Two that are one: «25 °C ± 0,5 °C», «25 ± 2 °C», «2 giờ 30 phút»."""
    if one.low != one.high or other.low != other.high or text[one.stop : other.start].strip():
        return None
    same = one.unit.dimension == other.unit.dimension
    if other.is_error:
        return None if one.is_error or one.error else _with_error(one, other, same=same)
    step = exact(other.low * other.unit.factor / one.unit.factor)
    if same and one.unit.dimension in _SUMMED and 0 <= step < 1 and not one.is_error:
        total = one.low + step
        return one._replace(low=total, high=total, end=other.end, stop=other.stop)
    return None


def _with_error(one: _Read, other: _Read, *, same: bool) -> _Read | None:
    if one.unit is BARE:
        one = one._replace(unit=other.unit)
    elif not same:
        if other.unit.dimension != "share":
            return None
        # «5 kg ± 2 %»: the error is a share of the value.
        other = other._replace(low=abs(one.low) * other.low * other.unit.factor / 100, unit=one.unit)
    off = other.low * other.unit.factor / one.unit.factor
    return one._replace(low=one.low - off, high=one.low + off, end=other.end, stop=other.stop, error=off)
