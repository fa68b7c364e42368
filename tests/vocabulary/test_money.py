"""Money as people type it, and never a guess where a zero more or less is at stake."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.money import FRACTION_DIGITS, LARGEST, Money, plain, read, read_range
from vocabulary.problems import Unreadable

amounts = st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,5 tỷ", 1_500_000_000),
        ("1.5 tỷ", 1_500_000_000),
        ("1,5 ti dong", 1_500_000_000),
        ("0,125 tỷ", 125_000_000),
        ("850 triệu", 850_000_000),
        ("850tr", 850_000_000),
        ("850 TRIỆU ĐỒNG", 850_000_000),
        ("500 trđ", 500_000_000),
        ("1500000000", 1_500_000_000),
        ("1.500.000.000", 1_500_000_000),
        ("1,500,000,000", 1_500_000_000),
        ("1 500 000 000 ₫", 1_500_000_000),
        ("1500000000.0", 1_500_000_000),
        ("1.500.000.000,00 VNĐ", 1_500_000_000),
        ("1.500", 1_500),
        ("1.000 tỷ", 1_000_000_000_000),
        ("2tr5", 2_500_000),
        ("2 tỷ rưỡi", 2_500_000_000),
        ("2 tỷ 500 triệu", 2_500_000_000),
        ("2 tỷ 500 triệu 300 nghìn", 2_500_300_000),
        ("1 nghìn tỷ", 1_000_000_000_000),
        ("khoảng 500k", 500_000),
        ("0", 0),
    ],
)
def test_dong(text: str, amount: int) -> None:
    assert read(text) == Money(amount, "VND")


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("$2M", Money(200_000_000, "USD")),
        ("US$ 2,5 triệu", Money(250_000_000, "USD")),
        ("USD 2.5 million", Money(250_000_000, "USD")),
        ("2 triệu USD", Money(200_000_000, "USD")),
        ("2 triệu đô la", Money(200_000_000, "USD")),
        ("1,234.56 usd", Money(123_456, "USD")),
        ("1.234,56 €", Money(123_456, "EUR")),
        ("1,500 USD", Money(150_000, "USD")),
        ("5000 ¥", Money(5_000, "JPY")),
    ],
)
def test_other_currencies(text: str, money: Money) -> None:
    assert read(text) == money


def test_a_currency_that_is_not_named_is_that_of_the_form() -> None:
    assert read("2,5 triệu", "USD") == Money(250_000_000, "USD")
    assert read("2,5 triệu đồng", "USD") == Money(2_500_000, "VND")


@pytest.mark.parametrize(
    "text", ["", "  ", "Thỏa thuận", "thoả thuận", "THUONG LUONG", "negotiable", "by agreement"]
)
def test_nothing_said_or_by_agreement_is_no_amount(text: str) -> None:
    assert read(text) is None
    assert read_range(text) == (None, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rẻ", "money.unreadable"),
        ("-5 triệu", "money.unreadable"),
        ("5 triệu/năm", "money.unreadable"),
        ("tỷ", "money.unreadable"),
        ("2 tỷ 50", "money.unreadable"),
        ("2 triệu 3 tỷ", "money.unreadable"),
        ("2 tỷ 3 tỷ", "money.unreadable"),
        ("1,5 tỷ 5", "money.unreadable"),
        ("$5 €", "money.unreadable"),
        ("=1+1", "money.unreadable"),
        ("1.5,000", "money.grouping"),
        ("1.50.000", "money.grouping"),
        ("1.500,000,000", "money.grouping"),
        ("1.125 tỷ", "money.ambiguous"),
        ("2,750 million", "money.ambiguous"),
        ("1,5", "money.fraction"),
        ("1,555 tỷ 5", "money.ambiguous"),
        ("0,0000000001 tỷ", "money.fraction"),
        ("12,345 67 USD", "money.unreadable"),
        ("9" * 17, "money.too_large"),
        ("9" * 5_000, "money.too_large"),
        ("2000000 tỷ", "money.too_large"),
        ("500 MXN", "currency.unknown"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as wrong:
        read(text)
    assert wrong.value.code == code


def test_both_readings_are_offered_where_there_are_two() -> None:
    with pytest.raises(Unreadable) as wrong:
        read("1.125 tỷ")
    assert wrong.value.params == {"value": "1.125 tỷ", "whole": "1125", "units": "1", "part": "125"}


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("500 triệu - 1 tỷ", 500_000_000, 1_000_000_000),
        ("từ 500 triệu đến 1 tỷ", 500_000_000, 1_000_000_000),
        ("1–2 tỷ", 1_000_000_000, 2_000_000_000),
        ("1,5-2 tỷ đồng", 1_500_000_000, 2_000_000_000),
        ("1000-2000 triệu", 1_000_000_000, 2_000_000_000),
        ("500000000 - 1 tỷ", 500_000_000, 1_000_000_000),
        ("khoảng 1-2 tỷ", 1_000_000_000, 2_000_000_000),
        ("850 triệu", 850_000_000, 850_000_000),
        ("dưới 1 tỷ", None, 1_000_000_000),
        ("tối đa 1 tỷ", None, 1_000_000_000),
        ("≤ 1 tỷ", None, 1_000_000_000),
        ("trên 2 tỷ", 2_000_000_000, None),
        ("from 2 tỷ", 2_000_000_000, None),
    ],
)
def test_ranges(text: str, low: int | None, high: int | None) -> None:
    ends = tuple(end.amount if end else None for end in read_range(text))
    assert ends == (low, high)


def test_a_currency_said_once_is_meant_for_both_ends() -> None:
    both = (Money(100_000_000, "USD"), Money(200_000_000, "USD"))
    assert read_range("$1M-2M") == read_range("1M - 2M USD") == read_range("1-2M", "USD") == both


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2 tỷ - 1 tỷ", "money.reversed"),
        ("500 - 1 tỷ", "money.reversed"),
        ("$1M - 2 tỷ đồng", "currency.mixed"),
        ("1-2-3 tỷ", "money.unreadable"),
        ("- 5 triệu", "money.unreadable"),
        ("tối đa", "money.unreadable"),
        ("từ", "money.unreadable"),
    ],
)
def test_ranges_that_cannot_be_read(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as wrong:
        read_range(text)
    assert wrong.value.code == code


@given(amounts, st.sampled_from(sorted(FRACTION_DIGITS)))
def test_what_is_written_to_a_file_is_read_back(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    assert read(plain(money), currency) == money
    assert read(f"{plain(money)} {currency}") == money


@given(amounts, st.sampled_from(["{:,}", "{:_}", "{}"]), st.sampled_from(",. "))
def test_grouped_digits_mean_the_same_whatever_the_mark(amount: int, form: str, mark: str) -> None:
    written = form.format(amount).replace(",", mark).replace("_", mark)
    assert read(written) == Money(amount)


@given(
    st.integers(1, 999),
    st.integers(0, 99),
    st.sampled_from([("triệu", 6), ("tỷ", 9), ("million", 6), ("bn", 9)]),
)
def test_decimals_of_a_unit(whole: int, part: int, unit: tuple[str, int]) -> None:
    meant = Money(int(Decimal(f"{whole}.{part:02}").scaleb(unit[1])))
    assert read(f"{whole},{part:02} {unit[0]}") == read(f"{whole}.{part:02}{unit[0]}") == meant


@given(st.text() | st.text(alphabet="0123456789., tytrieuusd$-đ₫"))
def test_any_text_is_an_amount_or_unreadable(text: str) -> None:
    try:
        low, high = read_range(text)
    except Unreadable:
        return
    for end in (low, high):
        assert end is None or 0 <= end.amount <= LARGEST
