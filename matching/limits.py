"""A requirement in figures, and whether an offered figure keeps to it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, NamedTuple

from matching.quantities import Quantity, quantities
from vocabulary.listing import Requirement
from vocabulary.text import fold

Judgement = Literal["met", "partly", "conflict", "unknown"]

NEAR = Decimal("0.2")
"""A value that misses the limit by no more than a fifth is «partly»: often a matter of settings or of a next
version."""
EXACT = Decimal("0.01")
"""«Equal» allows one per cent, as nameplates do."""

A_MONTH = 28 * 86_400
"""Seconds. From here on people count days, months of thirty days and twelfths of a year as they come."""
CALENDAR = Decimal("0.015")
"""What these differ by: half a year has 180 days to some and 182 to others."""

_AT_LEAST = re.compile(r"≥|\b(?:it nhat|toi thieu|tren|at least|minimum|more than|over|min)\b")
_AT_MOST = re.compile(r"≤|±|\b(?:toi da|khong qua|duoi|at most|maximum|less than|under|up to|within|max)\b")


class Wanted(NamedTuple):
    """A requirement in figures: `operator` as in `vocabulary.listing.OPERATORS`, never `text`."""

    operator: str
    low: Decimal
    high: Decimal
    dimension: str


def figures(row: Requirement, language: str = "") -> Wanted | None:
    """The requirement, of a listing in this language, in figures; None when it is words only.

    A text such as «báo trước ít nhất 4 giờ» is read as a limit when it holds exactly one figure with a known
    unit and says which side of it is good.
    """
    if row.operator == "text":
        return _limit_in(f"{row.name} {row.value} {row.unit}".strip(), language)
    found = quantities(f"{row.value} {row.unit}".strip().replace("..", "–"), language)
    return Wanted(row.operator, found[0].low, found[0].high, found[0].dimension) if found else None


def _limit_in(text: str, language: str) -> Wanted | None:
    found = [quantity for quantity in quantities(text, language) if quantity.dimension]
    if len(found) != 1:
        return None
    operator = "range" if found[0].error else bound(fold(text))
    return Wanted(operator, found[0].low, found[0].high, found[0].dimension) if operator else None


def bound(plain: str) -> str:
    """`>=` or `<=` where a folded text says which side of a figure is good; empty where it says neither, or both."""
    at_least, at_most = bool(_AT_LEAST.search(plain)), bool(_AT_MOST.search(plain))
    if at_least == at_most:
        return ""
    return ">=" if at_least else "<="


def compared(wanted: Wanted, offered: Quantity) -> Judgement:
    """Whether what is offered keeps to what is wanted, both in the same unit.

    Of an offered range its upper end counts for «at least»: it is what the thing can do. «At most» is said of errors,
    times and costs, and must hold throughout; a range that only begins below it is «partly».
    """
    match wanted.operator:
        case ">=" | ">":
            return _limit(offered.high, _met_from(wanted.low, wanted), strict=wanted.operator == ">")
        case "<=" | "<":
            judgement = _limit(-offered.high, _met_from(-wanted.high, wanted), strict=wanted.operator == "<")
            return "partly" if judgement == "conflict" and offered.low <= wanted.high else judgement
        case _:
            return _within(wanted, offered)


def _met_from(least: Decimal, wanted: Wanted) -> Decimal:
    """From where on a limit of times is kept, however its months are counted."""
    inexact = wanted.dimension == "time" and abs(least) >= A_MONTH and wanted.operator in {">=", "<="}
    return least - abs(least) * CALENDAR if inexact else least


def _limit(value: Decimal, least: Decimal, *, strict: bool) -> Judgement:
    """For «at most» both come with the other sign."""
    if value > least or (value == least and not strict):
        return "met"
    return "partly" if value >= least - abs(least) * NEAR else "conflict"


def _within(wanted: Wanted, offered: Quantity) -> Judgement:
    """A range is met when one holds the other: the device covers what is asked, or does a narrower thing
    inside it."""
    most = max(abs(wanted.low), abs(wanted.high))
    slack = most * (CALENDAR if wanted.dimension == "time" and most >= A_MONTH else EXACT)
    low, high = wanted.low - slack, wanted.high + slack
    if (low <= offered.low and offered.high <= high) or (
        offered.low <= wanted.low and wanted.high <= offered.high
    ):
        return "met"
    if offered.high >= low and offered.low <= high:
        return "partly"
    middle = (wanted.low + wanted.high) / 2
    miss = min(abs(offered.low - middle), abs(offered.high - middle))
    return "partly" if miss <= abs(middle) * NEAR else "conflict"
