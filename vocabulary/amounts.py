"""Numbers in both habits: 1.500.000 and 1,500,000; 1,5 and 1.5. What could be either is asked back, never guessed."""

from __future__ import annotations

import re
from decimal import Decimal

from vocabulary.problems import Unreadable

LONGEST = 30
"""Digits. Nothing a listing counts has more, and decimals of any length would cost any time."""

_GROUPED = re.compile(r"[1-9]\d{0,2}(?:(?P<mark>[., ])\d{3})(?:(?P=mark)\d{3})*\Z")
_WITH_POINT = re.compile(r"(?P<whole>\d+|\d{1,3}(?:(?P<mark>[., ])\d{3})+)(?P<point>[.,])(?P<part>\d+)\Z")


def read_number(digits: str, text: str, *, counted: bool) -> Decimal:
    """The number that `digits` stands for in `text`. `counted` when a word like «triệu» follows.

    Raises `Unreadable`: `money.ambiguous` for «1.125 tỷ», which is 1125 to some and a little over one to others;
    `money.grouping` for «1.50.000»; `money.too_large` for what no listing counts.
    """
    digits = digits.rstrip(".,")
    if len(digits) > LONGEST:
        raise Unreadable("money.too_large", value=text.strip())
    if digits.isdecimal():
        return Decimal(digits)
    grouped, pointed = _GROUPED.match(digits), _WITH_POINT.match(digits)
    if pointed and pointed["mark"] == pointed["point"]:
        pointed = None
    if grouped and pointed and counted and pointed["part"] != "000":
        raise Unreadable("money.ambiguous", value=text.strip(), **_readings(pointed))
    if grouped:
        # A mark before three digits groups them: no currency here has three digits after the point.
        return Decimal(re.sub("[., ]", "", digits))
    if pointed:
        return Decimal(f"{re.sub('[., ]', '', pointed['whole'])}.{pointed['part']}")
    raise Unreadable("money.grouping", value=text.strip())


def written(number: float) -> str:
    """A number that came as one, in digits that `read_number` reads as the same: 18.125 as «18.1250», never as thousands."""
    if isinstance(number, int):
        return str(number)
    digits = f"{Decimal(repr(number)):f}"
    whole, _, part = digits.partition(".")
    return whole if not part.strip("0") else f"{digits}0" if len(part) == 3 else digits


def _readings(number: re.Match[str]) -> dict[str, str]:
    """What may be meant: one whole number, or units and a part of one, which each language joins by its own mark."""
    units, part = number["whole"], number["part"]
    return {"whole": units + part, "units": units, "part": part.rstrip("0")}
