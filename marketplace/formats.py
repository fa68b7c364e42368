"""Numbers, money, dates and times as each language writes them.

Vietnamese offices write 23/11/2026 and «ngày 23 tháng 11 năm 2026», not what the CLDR calls short and long;
their compact money is «1,25 tỷ ₫», for which the CLDR's short form prints an unreadable «1,25 T». So the few
patterns below are ours and the rest is Babel's. A space inside a value never breaks a line.
"""

from __future__ import annotations

import datetime as calendar
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta
from babel.lists import format_list
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    get_currency_precision,
    get_currency_symbol,
)

from vocabulary.money import HOME
from vocabulary.rates import Rate

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""Storage is UTC; people read the time of Vietnam, wherever the server stands."""

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

DATE_PATTERNS = {"vi": "dd/MM/y", "en": "d MMM y", "ar": "dd/MM/y"}
LONG_DATE_PATTERNS = {"vi": "'ngày' d 'tháng' M 'năm' y", "en": "d MMMM y", "ar": "d MMMM y"}
MOMENT_ORDERS = {"vi": "{time}, {date}", "en": "{date}, {time}", "ar": "{date}, {time}"}

FILE_UNITS = ("B", "kB", "MB", "GB", "TB")


@lru_cache(maxsize=4_096)
def number(value: int | float | Decimal, language: str) -> str:
    """A number with its groups: 1.284,5 in Vietnamese, 1,284.5 in English. At most three decimals."""
    return _unbroken(format_decimal(value, locale=language))


def figure(value: str, language: str) -> str:
    """A figure as a listing keeps it, «0.5» or «5..10», as the language writes it: «0,5», «5–10»."""
    return "–".join(_figure(end, language) for end in value.split(".."))


def _figure(value: str, language: str) -> str:
    try:
        exact = Decimal(value)
    except InvalidOperation:
        return value
    return _unbroken(format_decimal(exact, locale=language, decimal_quantization=False))


@lru_cache(maxsize=4_096)
def money(amount: int, currency: str, language: str, *, compact: bool = False) -> str:
    """`amount` in the smallest unit of `currency` (ISO 4217): «1.250.000.000 ₫», compact «1,25 tỷ ₫»."""
    value = Decimal(amount).scaleb(-get_currency_precision(currency))
    if not compact:
        return _unbroken(format_currency(value, currency, locale=language))
    value = _rounded_in_its_unit(value)
    if language == "en":
        return _unbroken(format_compact_currency(value, currency, locale=language, fraction_digits=2))
    figure = format_compact_decimal(value, format_type="long", locale=language, fraction_digits=2)
    return _unbroken(f"{figure} {get_currency_symbol(currency, locale=language)}")


def exchange_rate(rate: Rate, language: str) -> str:
    """«1 USD = 25.400 ₫», «1.000 LAK = 1.180 ₫»."""
    return _unbroken(f"{number(rate.units, language)} {rate.currency} = {money(rate.amount, HOME, language)}")


def _rounded_in_its_unit(value: Decimal) -> Decimal:
    """Two decimals of the thousand, million … it is told in; without this 999.999.999 reads «1000 triệu»."""
    steps = max((value.adjusted() // 3) * 3, 0)
    return round(value.scaleb(-steps), 2).scaleb(steps)


@lru_cache(maxsize=4_096)
def points(thousandths: int, language: str, *, digits: int = 3) -> str:
    """Points of a score, exact to the thousandth: 32214 is «32,214», 15000 is «15».

    With fewer `digits` the rest is cut off, never rounded up: 59.96 must not read as 60.
    """
    value = Decimal(thousandths).scaleb(-3).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_DOWN)
    return format_decimal(value, format="#,##0.###", locale=language)


def signed_points(thousandths: int, language: str) -> str:
    """A change of a score with its sign, «+4,2» or «−3» (a true minus, not a hyphen)."""
    return f"{'−' if thousandths < 0 else '+'}{points(abs(thousandths), language)}"


def date(day: calendar.date | str, language: str) -> str:
    """«23/11/2026», «23 Nov 2026». An ISO text is read first; of a moment, its day in Vietnam."""
    return _unbroken(format_date(_day(day), DATE_PATTERNS[language], locale=language))


def date_long(day: calendar.date | str, language: str) -> str:
    """«ngày 23 tháng 11 năm 2026», «23 November 2026»."""
    return _unbroken(format_date(_day(day), LONG_DATE_PATTERNS[language], locale=language))


def moment(instant: calendar.datetime, language: str) -> str:
    """An aware moment as the clock in Vietnam showed it: «14:05, 23/11/2026»."""
    local = instant.astimezone(ZONE)
    parts = MOMENT_ORDERS[language].format(time=local.strftime("%H:%M"), date=date(local, language))
    return _unbroken(parts)


A_SECOND = calendar.timedelta(seconds=1)


def relative(instant: calendar.datetime, now: calendar.datetime, language: str) -> str:
    """How long ago or ahead: «3 phút trước», «sau 14 ngày nữa»."""
    gap = instant - now
    if abs(gap) < A_SECOND:
        gap = -A_SECOND  # «In 0 seconds» says nothing to anybody.
    # What expires in 14 days is said to expire in 14 days, not in 2 weeks. The threshold is how many of
    # a unit it takes to use that unit; 31 days are 4.43 weeks, so with 4.5 a month comes next after days.
    threshold = 4.5 if calendar.timedelta(days=7) <= abs(gap) <= calendar.timedelta(days=31) else 1
    return _unbroken(format_timedelta(gap, add_direction=True, threshold=threshold, locale=language))


def duration(seconds: int, language: str) -> str:
    """How long something takes, in one unit: «90 giây», «12 phút», «3 giờ»."""
    gap = calendar.timedelta(seconds=seconds)
    return _unbroken(format_timedelta(gap, threshold=2, locale=language))


def clock_time(instant: calendar.datetime) -> str:
    """«14:05» by the clock in Vietnam."""
    return f"{instant.astimezone(ZONE):%H:%M}"


def file_size(size: int, language: str) -> str:
    """Bytes in decimal units, one decimal: «1,2 MB»."""
    value, unit = Decimal(size), 0
    while value >= 1000 and unit < len(FILE_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{format_decimal(round(value, 1), locale=language)}{NO_BREAK_SPACE}{FILE_UNITS[unit]}"


def _day(day: calendar.date | str) -> calendar.date:
    if isinstance(day, str):
        return calendar.date.fromisoformat(day)
    return day.astimezone(ZONE).date() if isinstance(day, calendar.datetime) else day


def _unbroken(text: str) -> str:
    return text.replace(" ", NO_BREAK_SPACE)


def listed(items: Sequence[str], language: str) -> str:
    """«a, b và c», “a, b, and c”."""
    return format_list(items, locale=language)
