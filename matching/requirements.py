"""What the demand requires, one row at a time, beside the offer's sentence that speaks to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from matching.pair import Pair, Prepared, Weighted
from matching.quantities import Quantity, quantities
from matching.rating import FULL, MET, UNKNOWN, UNMET, Rating, mean
from vocabulary.listing import Requirement
from vocabulary.text import fold

Judgement = Literal["met", "partly", "conflict", "unknown"]

SPEAKS = 600_000
"""Millionths of a requirement's words, weighted, that a sentence must hold to speak about the same thing."""
TOUCHES = 400_000
"""A sentence with fewer of them says nothing about the requirement."""
NEAR = Decimal("0.2")
"""A value that misses the limit by no more than a fifth is «partly»: often a matter of settings or of a next
version."""
EXACT = Decimal("0.01")
"""«Equal» allows one per cent, as nameplates do."""

RATES = {"met": MET, "partly": Rating(FULL // 2), "conflict": UNMET, "unknown": UNKNOWN}
MUST, SHOULD = 2, 1

_AT_LEAST = re.compile(r"≥|\b(?:it nhat|toi thieu|tren|at least|minimum|more than|over|min)\b")
_AT_MOST = re.compile(r"≤|±|\b(?:toi da|khong qua|duoi|at most|maximum|less than|under|up to|within|max)\b")


class Wanted(NamedTuple):
    """A requirement in figures: `operator` as in `vocabulary.listing.OPERATORS`, never `text`."""

    operator: str
    low: Decimal
    high: Decimal
    dimension: str


class Finding(NamedTuple):
    """How the offer answers one requirement. `source` is the number of a sentence, or -1 - n for the offer's
    own requirement row n; None when nothing speaks to it. `quantity` is the figure that decided."""

    judgement: Judgement
    source: int | None = None
    quantity: Quantity | None = None


SILENT = Finding("unknown")


def requirements(pair: Pair) -> Rating:
    """The demand's requirements that the offer speaks to: met, partly met or contradicted; a «must» counts
    double.

    A requirement the offer is silent about is unknown by itself: it takes its share of the weight out of the
    sum.
    """
    rows = pair.demand.profile.requirements
    return mean((RATES[judge(pair, n).judgement], MUST if row.must else SHOULD) for n, row in enumerate(rows))


def judge(pair: Pair, number: int) -> Finding:
    """How the offer answers the demand's requirement `number`, counted from nought."""
    asked = pair.demand.asked[number]
    if not any(word in pair.offer.profile.words for word, _ in asked.terms):
        return SILENT
    wanted = figures(pair.demand.profile.requirements[number])
    row = _same_row(asked, pair.offer)
    answer = None if row is None else _by_row(wanted, row, pair.offer)
    return answer or _in_sentences(asked, wanted, pair.offer)


def _by_row(wanted: Wanted | None, row: int, offer: Prepared) -> Finding | None:
    """The answer of the offer's own row; None when it holds no figure that could be compared."""
    if wanted is None:
        return Finding("met", -1 - row)
    offered = figures(offer.profile.requirements[row])
    if offered is None or offered.dimension != wanted.dimension:
        return None
    quantity = Quantity(offered.low, offered.high, offered.dimension)
    return Finding(compared(wanted, quantity), -1 - row, quantity)


def _same_row(asked: Weighted, offer: Prepared) -> int | None:
    """The offer's own requirement row that names the same thing, the first if there are several."""
    for number, row in enumerate(offer.asked):
        words = {word for word, _ in row.terms}
        if _share(sum(weight for word, weight in asked.terms if word in words), asked) >= SPEAKS:
            return number
    return None


def _in_sentences(asked: Weighted, wanted: Wanted | None, offer: Prepared) -> Finding:
    """The sentence that shares most with the requirement decides; among equals one with a figure, then the
    first."""
    found = _touching(asked, offer.profile.places)
    if not found:
        return SILENT
    if wanted is None:
        share, source = max(found, key=lambda item: (item[0], -item[1]))
        return Finding("met" if share >= SPEAKS else "partly", source)
    best = SILENT
    for share, source in sorted(found, key=lambda item: (-item[0], item[1])):
        quantity = _comparable(wanted, offer.profile.sentences[source])
        if quantity is not None:
            return Finding(compared(wanted, quantity), source, quantity)
        if share >= SPEAKS and best is SILENT:
            best = Finding("partly", source)
    return best


def _touching(asked: Weighted, places: Mapping[str, tuple[int, ...]]) -> list[tuple[int, int]]:
    """(share, number) of the sentences that hold enough of the requirement's words."""
    held: dict[int, int] = {}
    for word, weight in asked.terms:
        for number in places.get(word, ()):
            held[number] = held.get(number, 0) + weight
    return [(_share(weight, asked), n) for n, weight in held.items() if _share(weight, asked) >= TOUCHES]


def _share(weight: int, asked: Weighted) -> int:
    return FULL * weight // asked.total if asked.total else 0


def _comparable(wanted: Wanted, sentence: str) -> Quantity | None:
    """The first figure of the sentence that has the wanted dimension."""
    return next((found for found in quantities(sentence) if found.dimension == wanted.dimension), None)


@lru_cache(maxsize=4_096)
def figures(row: Requirement) -> Wanted | None:
    """The requirement in figures; None when it is words only.

    A text such as «báo trước ít nhất 4 giờ» is read as a limit when it holds exactly one figure with a known
    unit and says which side of it is good.
    """
    if row.operator == "text":
        return _limit_in(f"{row.name} {row.value} {row.unit}".strip())
    found = quantities(f"{row.value} {row.unit}".strip().replace("..", "–"))
    return Wanted(row.operator, found[0].low, found[0].high, found[0].dimension) if found else None


def _limit_in(text: str) -> Wanted | None:
    found = [quantity for quantity in quantities(text) if quantity.dimension]
    if len(found) != 1:
        return None
    plain = fold(text)
    at_least, at_most = bool(_AT_LEAST.search(plain)), bool(_AT_MOST.search(plain))
    if at_least == at_most:
        return None
    return Wanted(">=" if at_least else "<=", found[0].low, found[0].high, found[0].dimension)


def compared(wanted: Wanted, offered: Quantity) -> Judgement:
    """Whether what is offered keeps to what is wanted, both in the same unit."""
    match wanted.operator:
        case ">=" | ">":
            return _limit(offered.high, wanted.low, strict=wanted.operator == ">")
        case "<=" | "<":
            return _limit(-offered.low, -wanted.high, strict=wanted.operator == "<")
        case _:
            return _within(wanted, offered)


def _limit(value: Decimal, least: Decimal, *, strict: bool) -> Judgement:
    if value > least or (value == least and not strict):
        return "met"
    return "partly" if value >= least - abs(least) * NEAR else "conflict"


def _within(wanted: Wanted, offered: Quantity) -> Judgement:
    """A range is met when one holds the other: the device covers what is asked, or does a narrower thing
    inside it."""
    slack = max(abs(wanted.low), abs(wanted.high)) * EXACT
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
