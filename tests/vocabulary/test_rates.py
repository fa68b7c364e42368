"""Rates are read as people and files say them; what is wrong is named, and a wrong row stops no other."""

from __future__ import annotations

from datetime import date

import pytest

from vocabulary.rates import PARTS, Quoted, Rate, read, read_file

TODAY = date(2026, 11, 20)
SAID = {"currency": "USD", "rate": "25.400", "day": "20/11/2026", "source": "Ngân hàng A"}


@pytest.mark.parametrize("written", ["25400", "25.400", "25,400", " 25 400 "])
def test_a_rate_is_read_in_every_habit(written: str) -> None:
    assert read(SAID | {"rate": written}, TODAY) == Quoted(Rate("USD", 25_400, TODAY), "Ngân hàng A")


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("currency", "", "required"),
        ("currency", "XYZ", "rates.currency"),
        ("currency", "VND", "rates.home"),
        ("rate", "", "required"),
        ("rate", "-25400", "rates.not_positive"),
        ("rate", "0", "rates.not_positive"),
        ("rate", "25400,5", "rates.not_whole"),
        ("rate", "about 25", "rates.unreadable"),
        ("rate", "25400000000", "rates.too_large"),
        ("rate", "²", "rates.unreadable"),
        ("day", "", "required"),
        ("day", "soon", "date.unreadable"),
        ("day", "30/02/2026", "date.impossible"),
        ("day", "2026-11-21", "rates.future"),
        ("source", " ", "rates.source"),
        ("source", "n" * 201, "text.too_long"),
        ("units", "7", "rates.units"),
    ],
)
def test_each_mistake_has_its_own_message(field: str, typed: str, code: str) -> None:
    problems = read(SAID | {field: typed}, TODAY)
    assert not isinstance(problems, Quoted)
    assert [(one.path, one.code) for one in problems] == [(field, code)]


def test_all_mistakes_are_told_at_once() -> None:
    problems = read({}, TODAY)
    assert not isinstance(problems, Quoted)
    assert {one.path for one in problems} == {"currency", "rate", "day", "source"}


@pytest.mark.parametrize(
    ("rate", "worth"),
    [
        (Rate("USD", 25_400, TODAY), 254),  # a cent
        (Rate("JPY", 165, TODAY), 165),  # a yen has none
        (Rate("LAK", 1_180, TODAY, 1_000), None),
    ],
)
def test_the_smallest_unit_is_worth_an_exact_amount(rate: Rate, worth: int | None) -> None:
    assert rate.step == (worth * PARTS if worth else 1_180)


def test_the_rows_of_a_file_are_read_one_by_one() -> None:
    rows = [
        "currency,rate,day,source,units",
        "USD,25400,2026-11-20,Ngân hàng A,",
        "",
        "EUR,-1,2026-11-20,Ngân hàng A,",
        "LAK,1180,2026-11-19,Ngân hàng B,1000",
        "USD,25,400,2026-11-20,Ngân hàng A,",
    ]
    read = dict(read_file("\n".join(rows).encode("utf-8-sig"), TODAY))
    assert {row for row, one in read.items() if isinstance(one, Quoted)} == {2, 5}
    assert {row: one[0].code for row, one in read.items() if not isinstance(one, Quoted)} == {
        4: "rates.not_positive",
        6: "rates.cells",
    }


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a;b\n1;2\n", b"PK\x03\x04"])
def test_what_is_no_table_of_rates_is_said_in_one_sentence(content: bytes) -> None:
    ((row, problems),) = read_file(content, TODAY)
    assert not isinstance(problems, Quoted)
    assert (row, [one.code for one in problems]) == (1, ["rates.header"])
