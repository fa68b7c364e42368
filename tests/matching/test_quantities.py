"""Numbers and units as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.numerals import number
from matching.quantities import quantities


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0,5", "0.5"), ("0.5", "0.5"), ("1.500", "1500"), ("1,500", "1500"), ("1.500.000", "1500000"),
        ("12.25", "12.25"), ("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("0.500", "0.5"), ("-3", "-3"), ("−3,5", "-3.5"),
        ("10 000", "10000"), ("1 500,5", "1500.5"), ("10^9", "1e9"), ("10⁻³", "0.001"), ("2,5×10⁸", "2.5e8"),
        ("1.10^6", "1e6"),
    ],
)  # fmt: skip
def test_decimal_marks_of_both_habits(written: str, meant: str) -> None:
    assert number(written) == Decimal(meant)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0,6 tấn/giờ", "600 kg/h"),
        ("2 m3/day", "2000 lít/ngày"),
        ("5 ‰", "0,5 %"),
        ("15 °C", "15 độ C"),
        ("90 phút", "1,5 giờ"),
        ("1,5 tỷ đồng", "1500 triệu đồng"),
        ("3 hours", "3 giờ"),
        ("10 mg/l", "10 g/m³"),
        ("2 ha", "20.000 m2"),
        ("250 mm", "25 cm"),
        ("2 năm", "24 tháng"),
        ("12 tấn/ngày", "500 kg/giờ"),
        ("2 tạ", "0,2 tấn"),
        ("1500 rpm", "25 vòng/giây"),
        ("1 giờ 30 phút", "90 phút"),
        ("1 tỷ 200 triệu", "1,2 tỷ đồng"),
        ("50 nghìn con/ngày", "50.000 con/ngày"),
        ("3 inches", "7,62 cm"),
        ("4 ppm", "4 mg/kg"),
    ],
)
def test_units_that_mean_the_same(one: str, other: str) -> None:
    (a,), (b,) = quantities(one), quantities(other)
    assert (a.low, a.dimension) == (b.low, b.dimension)


def test_ranges_and_several_figures() -> None:
    found = quantities("Nhiệt độ 4–8 °C, nặng 20 kg, chạy 10 đến 12 giờ.")
    assert [(q.low, q.high, q.dimension) for q in found] == [
        (4, 8, "temperature"),
        (20_000, 20_000, "mass"),
        (36_000, 43_200, "time"),
    ]


def test_an_unlisted_unit_compares_with_itself() -> None:
    assert quantities("8 kênh đo")[0].dimension == quantities("16 kênh")[0].dimension == "kenh"


def test_figures_inside_words_are_no_figures() -> None:
    assert quantities("CO2 và A01K61") == ()


@pytest.mark.parametrize(
    "text",
    [
        "từ tháng 5 năm 2019",
        "ngày 12 tháng ba",
        "năm 2019",
        "QCVN 01-1:2018/BYT",
        "ISO/IEC 17025:2017",
        "In 2024 a new kiln",
    ],
)
def test_dates_and_names_of_standards_are_no_figures(text: str) -> None:
    assert [q for q in quantities(text) if q.dimension in {"", "time", "current"}] == []


def test_a_dash_between_two_figures_is_no_sign() -> None:
    assert [q.low for q in quantities("2 °C - 8 °C, 20%-30%")] == [2, 8, 20, 30]


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert all(0 <= q.start < q.end <= len(text) and q.low <= q.high for q in quantities(text))
