"""Money as people type it: «1,5 tỷ», «850 triệu», «1.500.000.000», «$2M», «500 triệu - 1 tỷ», «thỏa thuận».

An amount is a whole number of the smallest unit of its currency (ISO 4217); the đồng has none smaller.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from vocabulary.amounts import read_number
from vocabulary.problems import Unreadable
from vocabulary.text import fold

HOME = "VND"

FRACTION_DIGITS: Mapping[str, int] = {
    "VND": 0, "JPY": 0, "KRW": 0,
    **dict.fromkeys(("USD", "EUR", "GBP", "CNY", "AUD", "CAD", "CHF", "HKD", "INR", "LAK", "SGD", "THB", "TWD"), 2),
}  # fmt: skip
"""The currencies a listing may use, with the digits after the point that ISO 4217 gives them."""

LARGEST = 10**15
"""A million tỷ đồng is more than the country earns in a year: beyond it somebody's finger slipped."""

_SIGNS = {
    "$": "USD", "us$": "USD", "dola": "USD", "do": "USD", "€": "EUR", "euro": "EUR", "£": "GBP", "¥": "JPY",
    "₫": "VND", "d": "VND", "dong": "VND",
}  # fmt: skip
_UNITS = {
    **dict.fromkeys(("nghin", "ngan", "k", "thousand"), 3),
    **dict.fromkeys(("trieu", "tr", "trd", "m", "mn", "mio", "million"), 6),
    **dict.fromkeys(("ty", "ti", "tyd", "b", "bn", "billion"), 9),
    **dict.fromkeys(("nghinty", "nganty", "trillion"), 12),
}
"""Unit words, folded -> power of ten."""
_JOINED = (("nghin ty", "nghinty"), ("ngan ty", "nganty"), ("do la", "dola"), ("ruoi", "5"))
"""Words of two syllables, written as one; «2 tỷ rưỡi» is «2 tỷ 5»."""
BY_AGREEMENT = frozenset({"thoa thuan", "thuong luong", "negotiable", "by agreement", "to be agreed"})

_ABOUT = re.compile(r"^(?:khoang|tam|about|approx\.?|ca\.?|[~≈])\s*")
_AT_MOST = re.compile(r"^(?:duoi|toi da|khong qua|den|under|up to|at most|max\.?|<=|<|≤)\s*")
_AT_LEAST = re.compile(r"^(?:tren|tu|toi thieu|it nhat|over|from|at least|min\.?|>=|>|≥)\s*")
_BETWEEN = re.compile(r"\s*(?:-|–|—|\bden\b|\bto\b)\s*")
_PARTS = re.compile(r"\s*(?:(\d[\d.,]*(?:\s\d{3}(?!\d))*)|([a-z]+\$?|[$€£¥₫]))")
_ALONE = 100_000
"""In «500000000 - 1 tỷ» the first number stands for itself; a smaller one, as in «1 - 2 tỷ», shares the unit."""


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` in smallest units of `currency`."""

    amount: int
    currency: str = HOME


def read(text: str, currency: str = HOME) -> Money | None:
    """One amount; None for «thỏa thuận». `currency` is meant where the text names none. Raises `Unreadable`."""
    typed = _plainly(text)
    return _money(_said(typed, text), currency, text) if typed else None


def read_range(text: str, currency: str = HOME) -> tuple[Money | None, Money | None]:
    """«500 triệu - 1 tỷ», «dưới 1 tỷ», or one amount as both ends; an open end is None. Raises `Unreadable`.

    A unit or a currency said once is meant for both.
    """
    typed = _plainly(text)
    if not typed:
        return None, None
    if most := _AT_MOST.match(typed):
        return None, _money(_said(typed[most.end() :], text), currency, text)
    least = _AT_LEAST.match(typed)
    low, *more = (_said(end, text) for end in _BETWEEN.split(typed[least.end() if least else 0 :]))
    if len(more) > 1:
        raise Unreadable("money.unreadable", value=text.strip())
    if more:
        return _both(low, more[0], currency, text)
    one = _money(low, currency, text)
    return one, None if least else one


def plain(money: Money) -> str:
    """The amount as a decimal text in whole units, for files: «850000000», «2.50»."""
    return f"{Decimal(money.amount).scaleb(-FRACTION_DIGITS[money.currency]):f}"


# -- what was said -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    """An amount in whole units of its currency, with the power of ten its first unit word stands for."""

    value: Decimal
    unit: int
    currency: str


def _plainly(text: str) -> str:
    """The text folded, without «khoảng»; empty where nothing is said, or only «thỏa thuận»."""
    typed = " ".join(fold(text).split())
    for words, one in _JOINED:
        typed = typed.replace(words, one)
    return "" if typed in BY_AGREEMENT else _ABOUT.sub("", typed) or typed


def _said(typed: str, text: str) -> _Said:
    """The numbers, unit words and currency of one amount, in whatever order."""
    numbers: list[tuple[str, int]] = []
    words: list[str] = []
    place = 0
    while match := _PARTS.match(typed, place):
        number, word = match.groups()
        place = match.end()
        if number:
            numbers.append((number, 0))
        elif word in _UNITS and numbers and not numbers[-1][1]:
            numbers[-1] = (numbers[-1][0], _UNITS[word])
        else:
            words.append(word)
    if place < len(typed) or not numbers or len(words) > 1:
        raise Unreadable("money.unreadable", value=text.strip())
    return _Said(_sum(numbers, text), numbers[0][1], _currency(words[0], text) if words else "")


def _currency(word: str, text: str) -> str:
    if word in _SIGNS:
        return _SIGNS[word]
    if len(word) == 3 and word not in _UNITS:
        if word.upper() not in FRACTION_DIGITS:
            raise Unreadable("currency.unknown", value=word.upper())
        return word.upper()
    raise Unreadable("money.unreadable", value=text.strip())


def _sum(numbers: list[tuple[str, int]], text: str) -> Decimal:
    """«2 tỷ 500 triệu» is the sum of its parts, «2 tỷ 5» and «2tr500» are two and a half."""
    (first, unit), *others = numbers
    total = read_number(first, text, counted=unit > 0).scaleb(unit)
    last = unit
    for number, smaller in others:
        tail = not smaller and len(number) in (1, 3)
        if (
            not (first.isdigit() and number.isdigit())
            or not last
            or (smaller >= last if smaller else not tail)
        ):
            raise Unreadable("money.unreadable", value=text.strip())
        total += Decimal(number).scaleb(smaller if smaller else last - len(number))
        last = smaller
    return total


def _both(low: _Said, high: _Said, currency: str, text: str) -> tuple[Money, Money]:
    if not low.unit and high.unit and low.value < _ALONE:
        low = replace(low, value=low.value.scaleb(high.unit))
    named = low.currency or high.currency or currency
    first = _money(low, named, text)
    second = _money(high, named, text)
    if first.currency != second.currency:
        raise Unreadable("currency.mixed", value=f"{first.currency}, {second.currency}")
    if first.amount > second.amount:
        raise Unreadable("money.reversed", value=text.strip())
    return first, second


def _money(said: _Said, currency: str, text: str) -> Money:
    currency = said.currency or currency
    if currency not in FRACTION_DIGITS:
        raise Unreadable("currency.unknown", value=currency)
    scaled = said.value.scaleb(FRACTION_DIGITS[currency])
    if scaled > LARGEST:
        raise Unreadable("money.too_large", value=text.strip())
    if scaled != scaled.to_integral_value():
        raise Unreadable("money.fraction", value=text.strip(), currency=currency)
    return Money(int(scaled), currency)
