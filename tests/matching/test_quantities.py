"""Numbers and units as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.quantities import number, quantities


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0,5", "0.5"), ("0.5", "0.5"), ("1.500", "1500"), ("1,500", "1500"), ("1.500.000", "1500000"),
        ("12.25", "12.25"), ("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("0.500", "0.5"), ("-3", "-3"), ("−3,5", "-3.5"),
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


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert all(0 <= q.start < q.end <= len(text) and q.low <= q.high for q in quantities(text))
