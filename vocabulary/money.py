"""Money as people type it: «1,5 tỷ», «850 triệu», «1.500.000.000», «$2M», «500 triệu - 1 tỷ», «thỏa thuận».

An amount is a whole number of the smallest unit of its currency (ISO 4217); the đồng has none smaller.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from vocabulary.problems import Unreadable
from vocabulary.text import fold

HOME = "VND"

FRACTION_DIGITS: Mapping[str, int] = {
    "VND": 0, "JPY": 0, "KRW": 0, "USD": 2, "EUR": 2, "GBP": 2, "CNY": 2, "AUD": 2, "SGD": 2, "THB": 2, "CHF": 2,
}  # fmt: skip
"""The currencies a listing may use, with the digits after the point that ISO 4217 gives them."""

LARGEST = 10**15
"""A million tỷ đồng is more than the country earns in a year: beyond it somebody's finger slipped."""

_SIGNS = {"$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₫": "VND", "đ": "VND", "d": "VND", "vnd": "VND",
          "dong": "VND", "do": "USD", "do la": "USD", "euro": "EUR"}  # fmt: skip
_UNITS = {
    "nghin": 3, "ngan": 3, "k": 3, "thousand": 3,
    "trieu": 6, "tr": 6, "m": 6, "mn": 6, "million": 6,
    "ty": 9, "ti": 9, "b": 9, "bn": 9, "billion": 9,
    "nghin ty": 12, "ngan ty": 12, "trillion": 12,
}  # fmt: skip
"""Unit words, folded -> power of ten."""
BY_AGREEMENT = frozenset({"thoa thuan", "thuong luong", "negotiable", "by agreement", "to be agreed"})

_currencies = "|".join(
    sorted((re.escape(word) for word in (*_SIGNS, *map(str.lower, FRACTION_DIGITS))), key=len, reverse=True)
)
_units = "|".join(sorted(_UNITS, key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?P<before>{_currencies})?\s*(?P<number>\d[\d.,\s]*)\s*(?P<unit>{_units})?\s*(?P<rest>\d{{1,3}})?\s*(?P<after>{_currencies})?\Z"
)
_DASH = re.compile(r"\s*(?:-|–|—|\bden\b|\bto\b)\s*")


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` in smallest units of `currency`."""

    amount: int
    currency: str = HOME


def read(text: str, currency: str = HOME) -> Money | None:
    """One amount; None for «thỏa thuận». `currency` is meant where the text names none. Raises `Unreadable`."""
    typed = " ".join(fold(text).replace("\u00a0", " ").split())
    if not typed or typed in BY_AGREEMENT:
        return None
    match = _AMOUNT.match(typed)
    if match is None:
        raise Unreadable("money.unreadable", value=text.strip())
    named = match["before"] or match["after"]
    known = (_SIGNS.get(named) or named.upper()) if named else currency
    if known not in FRACTION_DIGITS:
        raise Unreadable("currency.unknown", value=known)
    return Money(_amount(match, known, text), known)


def read_range(text: str, currency: str = HOME) -> tuple[Money | None, Money | None]:
    """«500 triệu - 1 tỷ», or one amount as both ends. A unit said once is meant for both. Raises `Unreadable`."""
    parts = _DASH.split(" ".join(fold(text).split()))
    if len(parts) != 2:
        one = read(text, currency)
        return one, one
    low, high = parts
    high_match = _AMOUNT.match(high)
    if high_match and high_match["unit"] and low.replace(",", "").replace(".", "").isdigit():
        low = f"{low} {high_match['unit']}"
    first, second = read(low, currency), read(high, currency)
    if first and second and first.currency == second.currency and first.amount > second.amount:
        raise Unreadable("money.reversed", value=text.strip())
    return first, second


def plain(money: Money) -> str:
    """The amount as a decimal text in whole units, for files: «850000000», «2.50»."""
    return str(Decimal(money.amount).scaleb(-FRACTION_DIGITS[money.currency]))


def _amount(match: re.Match[str], currency: str, text: str) -> int:
    unit = _UNITS[match["unit"]] if match["unit"] else 0
    value = _number(match["number"].replace(" ", ""), text, whole=not unit and FRACTION_DIGITS[currency] == 0)
    if match["rest"]:
        # «2 tỷ 5» and «2tr5» mean two and a half.
        value += Decimal(f"0.{match['rest']}")
    scaled = value.scaleb(unit + FRACTION_DIGITS[currency])
    if scaled != scaled.to_integral_value():
        raise Unreadable("money.fraction", value=text.strip(), currency=currency)
    if scaled > LARGEST:
        raise Unreadable("money.too_large", value=text.strip())
    return int(scaled)


def _number(digits: str, text: str, *, whole: bool) -> Decimal:
    """Both habits: 1.500.000 and 1,500,000; 1,5 and 1.5. What could be either is asked back, never guessed."""
    digits = digits.strip(".,")
    marks = {mark for mark in ".," if mark in digits}
    if len(marks) == 2:
        decimal = max(".,", key=digits.rfind)
        grouped = digits.replace("," if decimal == "." else ".", "")
        return Decimal(grouped.replace(decimal, "."))
    if not marks:
        return Decimal(digits)
    mark = marks.pop()
    groups = digits.split(mark)
    if len(groups) > 2 or (whole and len(groups[-1]) == 3):
        if any(len(group) != 3 for group in groups[1:]):
            raise Unreadable("money.grouping", value=text.strip())
        return Decimal("".join(groups))
    if len(groups[-1]) == 3:
        # «1.500 triệu»: one and a half million millions, or fifteen hundred? Grouped thousands, as offices write.
        return Decimal("".join(groups))
    return Decimal(".".join(groups))
