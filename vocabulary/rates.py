"""What a currency was worth in đồng on a day: as it is kept, and as people and files say it.

A rate is a whole number of đồng for 1, 100 or 1,000 units, as banks quote it: «1 USD = 25.400 ₫», «1.000 LAK = 1.180 ₫».
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from vocabulary.amounts import read_number
from vocabulary.days import read_date
from vocabulary.money import FRACTION_DIGITS, HOME
from vocabulary.problems import Problem, Unreadable
from vocabulary.text import clean

UNITS = (1, 100, 1_000)
"""Of a small currency one unit is worth too few đồng for a whole number to be exact."""
HIGHEST = 10**8
"""Đồng: beyond it somebody's finger slipped."""
COLUMNS = ("currency", "rate", "day", "source", "units")
"""Of a file; the last may be missing."""
LONGEST = 200
"""Characters of a source."""
PARTS = 10**5
"""Parts of a đồng that exact arithmetic counts in: a hundredth of one of a thousand units is a whole number of them."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`units` of `currency` (ISO 4217) were worth `amount` đồng on `day`."""

    currency: str
    amount: int
    day: date
    units: int = 1

    @property
    def step(self) -> int:
        """What the smallest unit of the currency is worth, in `PARTS` of a đồng; exact."""
        hundredths: int = 10 ** FRACTION_DIGITS[self.currency]
        return self.amount * (PARTS // (hundredths * self.units))


@dataclass(frozen=True, slots=True)
class Quoted:
    """A rate and who says so."""

    rate: Rate
    source: str


def read(said: Mapping[str, str], today: date) -> Quoted | list[Problem]:
    """What was typed in the fields of `COLUMNS`, or everything that is wrong with it."""
    currency, source = clean(said.get("currency", "")).upper(), clean(said.get("source", ""))
    problems = list(_wrong_currency(currency))
    units = clean(said.get("units", "")) or "1"
    if units not in map(str, UNITS):
        problems.append(Problem("units", "rates.units", {"value": units[:LONGEST]}))
    amount, day = _amount(said.get("rate", ""), problems), _day(said.get("day", ""), today, problems)
    problems += _wrong_source(source)
    if problems or amount is None or day is None:
        return problems
    return Quoted(Rate(currency, amount, day, int(units)), source)


def read_file(content: bytes, today: date) -> Iterator[tuple[int, Quoted | list[Problem]]]:
    """The rows of a CSV file in UTF-8 with the columns of `COLUMNS`, each with its number as a spreadsheet counts.

    A file that is no such table gives its one problem at the row where it shows, and nothing else.
    """
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig", errors="replace")))
    header = [clean(name) for name in next(rows, [])]
    if not set(COLUMNS[:-1]) <= set(header):
        yield 1, [Problem("", "rates.header", {"value": ",".join(header)[:LONGEST]})]
        return
    for cells in rows:
        if any(map(str.strip, cells)):
            yield rows.line_num, _row(header, cells, today)


def _row(header: Sequence[str], cells: Sequence[str], today: date) -> Quoted | list[Problem]:
    if len(cells) != len(header):
        return [Problem("", "rates.cells", {"count": str(len(cells)), "of": str(len(header))})]
    return read(dict(zip(header, cells, strict=True)), today)


def _wrong_currency(currency: str) -> Iterator[Problem]:
    if not currency:
        yield Problem("currency", "required")
    elif currency == HOME:
        yield Problem("currency", "rates.home")
    elif currency not in FRACTION_DIGITS:
        known = ", ".join(sorted(FRACTION_DIGITS.keys() - {HOME}))
        yield Problem("currency", "rates.currency", {"value": currency[:LONGEST], "known": known})


def _wrong_source(source: str) -> Iterator[Problem]:
    if not source:
        yield Problem("source", "rates.source")
    elif len(source) > LONGEST:
        yield Problem("source", "text.too_long", {"limit": str(LONGEST), "length": str(len(source))})
    elif "\ufffd" in source:
        yield Problem("source", "rates.encoding")


def _amount(said: str, problems: list[Problem]) -> int | None:
    typed = clean(said)
    try:
        amount = read_number(typed.lstrip("-−"), typed, counted=False)
        code = _unfit(-amount if typed[0] in "-−" else amount)
    except Unreadable:
        code = "rates.unreadable" if typed else "required"
    if code:
        problems.append(Problem("rate", code, {"value": typed[:LONGEST]} if typed else {}))
        return None
    return int(amount)


def _unfit(amount: Decimal) -> str:
    """The code of what is wrong with an amount that could be read; empty when nothing is."""
    if amount <= 0:
        return "rates.not_positive"
    if amount % 1:
        return "rates.not_whole"
    return "rates.too_large" if amount > HIGHEST else ""


def _day(said: str, today: date, problems: list[Problem]) -> date | None:
    if not said.strip():
        problems.append(Problem("day", "required"))
        return None
    try:
        day = read_date(said)
    except Unreadable as unreadable:
        problems.append(unreadable.at("day"))
        return None
    if day > today:
        problems.append(Problem("day", "rates.future", {"value": said.strip()}))
        return None
    return day
