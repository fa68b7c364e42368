"""A requirement in figures, and whether an offered figure keeps to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from matching.quantities import Quantity, quantities
from matching.sides import asked
from vocabulary.listing import Requirement

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


class Wanted(NamedTuple):
    """A requirement in figures: `operator` as in `vocabulary.listing.OPERATORS`, never `text`."""

    operator: str
    low: Decimal
    high: Decimal
    dimension: str


class Read(NamedTuple):
    """A requirement as it is understood: its limit, when it has one, and the words that say of what."""

    wanted: Wanted | None
    about: str


def read(row: Requirement, language: str = "") -> Read:
    """What a requirement of a listing in this language asks for.

    A text such as «báo trước ít nhất 4 giờ» is a limit when it holds exactly one figure with a known unit and says which
    side of it is good. What should equal something that is no figure («cấp bảo vệ = IP68») is asked for in words.
    """
    if row.operator == "text":
        text = f"{row.name} {row.value} {row.unit}".strip()
        return _limit_in(text, language) or Read(None, f"{row.name} {row.value}")
    found = quantities(f"{row.value} {row.unit}".strip().replace("..", "–"), language)
    if not found:
        return Read(None, f"{row.name} {row.value}")
    return Read(Wanted(row.operator, found[0].low, found[0].high, found[0].dimension), row.name)


def figures(row: Requirement, language: str = "") -> Wanted | None:
    """The requirement in figures; None when it is words only."""
    return read(row, language).wanted


def _limit_in(text: str, language: str) -> Read | None:
    found = [quantity for quantity in quantities(text, language) if quantity.dimension]
    if len(found) != 1:
        return None
    one = found[0]
    said = asked(text[: one.start], text[one.end :])
    if one.error:
        operator = "range"
    elif text.startswith(("±", "+/-"), one.start):
        operator = "<="
    elif said.side:
        # «Trên 5 năm» is said where «từ 5 năm» is meant: in words nobody tells them apart.
        operator = f"{said.side[0]}="
    else:
        return None
    return Read(Wanted(operator, one.low, one.high, one.dimension), f"{said.before} {said.behind}".strip())


def compared(wanted: Wanted, offered: Quantity, side: str = "") -> Judgement:
    """Whether what is offered keeps to what is wanted, both in the same unit. `side` is where the true figure lies, when the
    offer names only its bound (see `matching.sides`): what is dry to «below 13 %» is not shown to be moist enough.

    Of an offered range its upper end counts for «at least»: it is what the thing can do. «At most» is said of errors,
    times and costs, and must hold throughout; a range that only begins below it is «partly».
    """
    match wanted.operator:
        case ">=" | ">":
            least = _met_from(wanted.low, wanted)
            judgement = _limit(offered.high, least, strict=wanted.operator == ">" != side)
            return "partly" if judgement == "met" and side.startswith("<") else judgement
        case "<=" | "<":
            least = _met_from(-wanted.high, wanted)
            judgement = _limit(-offered.high, least, strict=wanted.operator == "<" != side)
            beyond = judgement == "conflict" and offered.low <= wanted.high
            return "partly" if beyond or (judgement == "met" and side.startswith(">")) else judgement
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
