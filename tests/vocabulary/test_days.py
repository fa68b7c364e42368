"""Days as people type them, day before month."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.days import read_date
from vocabulary.problems import Unreadable


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-03",
        "2026-11-03T00:00:00",
        "2026-11-03 00:00:00",
        "03/11/2026",
        "3/11/2026",
        "3.11.2026",
        "3-11-2026",
        "ngày 3/11/2026",
        "3 tháng 11 năm 2026",
        "ngày 3 tháng 11, năm 2026",
        "3 Nov 2026",
        "3 November, 2026",
    ],
)
def test_one_day_in_every_spelling(typed: str) -> None:
    assert read_date(typed) == date(2026, 11, 3)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("31/02/2026", "date.impossible"),
        ("12/31/2026", "date.impossible"),
        ("2026-13-01", "date.impossible"),
        ("00/00/0000", "date.impossible"),
        ("3/11/26", "date.unreadable"),
        ("mai", "date.unreadable"),
        ("3 Foo 2026", "date.unreadable"),
        ("tháng 11/2026", "date.unreadable"),
        ("", "date.unreadable"),
    ],
)
def test_what_is_no_day_says_why(typed: str, code: str) -> None:
    with pytest.raises(Unreadable) as wrong:
        read_date(typed)
    assert (wrong.value.code, wrong.value.params) == (code, {"value": typed})


@given(st.dates())
def test_a_day_written_is_the_day_read(day: date) -> None:
    assert read_date(day.isoformat()) == day
    assert read_date(f"{day.day}/{day.month}/{day.year:04}") == day
    assert read_date(f"{day.day} tháng {day.month} năm {day.year:04}") == day
