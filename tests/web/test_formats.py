"""Numbers, money and dates read as people of each language write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace import formats

NOW = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("amount", "currency", "vi", "en"),
    [
        (1_250_000_000, "VND", "1.250.000.000 ₫", "₫1,250,000,000"),
        (0, "VND", "0 ₫", "₫0"),
        (123_456, "USD", "1.234,56 US$", "$1,234.56"),
    ],
)
def test_money_in_full(amount: int, currency: str, vi: str, en: str) -> None:
    assert plain(formats.money(amount, currency, "vi")) == vi
    assert formats.money(amount, currency, "en") == en


@pytest.mark.parametrize(
    ("amount", "vi", "en"),
    [
        (1_250_000_000, "1,25 tỷ ₫", "₫1.25B"),
        (850_000_000, "850 triệu ₫", "₫850M"),
        (2_400_000_000_000, "2,4 nghìn tỷ ₫", "₫2.4T"),
        (999_999_999, "1 tỷ ₫", "₫1B"),
        (500, "500 ₫", "₫500"),
    ],
)
def test_compact_money(amount: int, vi: str, en: str) -> None:
    assert plain(formats.money(amount, "VND", "vi", compact=True)) == vi
    assert formats.money(amount, "VND", "en", compact=True) == en


@given(st.integers(0, 10**14), st.sampled_from(["vi", "en", "ar"]))
def test_money_never_breaks_a_line_nor_counts_to_a_thousand_of_its_unit(amount: int, language: str) -> None:
    for compact in (True, False):
        assert " " not in formats.money(amount, "VND", language, compact=compact)
    figure = plain(formats.money(amount, "VND", "vi", compact=True)).split(" ")[0]
    # Vietnamese has no word of its own above «nghìn tỷ», so only there may the figure pass a thousand.
    assert Decimal(figure.replace(".", "").replace(",", ".")) < 1000 or amount >= 10**15 - 10**13


def test_numbers_are_grouped_by_language() -> None:
    assert formats.number(1284.5, "vi") == "1.284,5"
    assert formats.number(1284.5, "en") == "1,284.5"


def test_dates_are_those_of_vietnamese_offices() -> None:
    day = date(2026, 11, 3)
    assert formats.date(day, "vi") == "03/11/2026"
    assert plain(formats.date_long(day, "vi")) == "ngày 3 tháng 11 năm 2026"
    assert plain(formats.date(day, "en")) == "3 Nov 2026"
    assert formats.date(day, "ar") == "03/11/2026"
    assert formats.date("2026-11-03", "vi") == "03/11/2026"


def test_moments_are_shown_in_the_time_of_vietnam() -> None:
    late = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)

    assert plain(formats.moment(late, "vi")) == "01:30, 23/11/2026"
    assert plain(formats.moment(late, "en")) == "23 Nov 2026, 01:30"
    assert formats.date(late, "vi") == "23/11/2026"


@pytest.mark.parametrize(
    ("gap", "vi", "en"),
    [
        (timedelta(0), "1 giây trước", "1 second ago"),
        (timedelta(minutes=-3), "3 phút trước", "3 minutes ago"),
        (timedelta(hours=-5), "5 giờ trước", "5 hours ago"),
        (timedelta(days=-6), "6 ngày trước", "6 days ago"),
        (timedelta(days=14), "sau 14 ngày nữa", "in 14 days"),
        (timedelta(days=-31), "31 ngày trước", "31 days ago"),
        (timedelta(days=-70), "2 tháng trước", "2 months ago"),
    ],
)
def test_how_long_ago(gap: timedelta, vi: str, en: str) -> None:
    assert plain(formats.relative(NOW + gap, NOW, "vi")) == vi
    assert plain(formats.relative(NOW + gap, NOW, "en")) == en


def test_points_are_exact_and_signed_ones_show_their_sign() -> None:
    assert formats.points(32_214, "vi") == "32,214"
    assert formats.points(15_000, "vi") == "15"
    assert formats.signed_points(4_200, "vi") == "+4,2"
    assert formats.signed_points(-5_000, "en") == "−5"


@given(st.integers(0, 100_000))
def test_points_say_what_they_are_and_never_more(thousandths: int) -> None:
    def read(text: str) -> Decimal:
        return Decimal(text.replace(",", "."))

    assert read(formats.points(thousandths, "vi")) == Decimal(thousandths) / 1000
    assert read(formats.points(thousandths, "vi", digits=0)) == thousandths // 1000


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1_234_567, "1,2 MB"), (5 * 10**12, "5 TB")]
)
def test_file_sizes(size: int, text: str) -> None:
    assert plain(formats.file_size(size, "vi")) == text


def test_things_are_listed_in_one_phrase() -> None:
    assert formats.listed(["A", "B", "C"], "vi") == "A, B và C"
