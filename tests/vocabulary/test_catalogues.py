"""Codes of a catalogue mean what their own edition says, wherever they are read."""

from __future__ import annotations

from typing import Any

import pytest

from vocabulary import catalogues, checks, industries, records
from vocabulary.industries import SINCE_2018, VSIC
from vocabulary.listing import Content, Text, as_record, from_record
from vocabulary.problems import Unreadable


def record(*codes: str, **more: Any) -> dict[str, Any]:
    texts = {"vi": {"title": "Máy sấy", "description": "Máy sấy lúa bằng bơm nhiệt."}}
    return {"kind": "offer", "texts": texts, "industries": list(codes), **more}


def read(said: dict[str, Any]) -> tuple[str, ...]:
    """As a record of our own and as one from outside, which must come to the same."""
    own, (outside, problems) = from_record(said), records.read(said)
    assert outside is not None
    assert problems == []
    assert own.industries == outside.industries
    return own.industries


def test_codes_go_with_their_edition_and_come_back_as_they_are() -> None:
    content = Content("offer", "vi", {"vi": Text(title="Máy sấy")}, industries=("K", "62"), strategic=("1",))
    said = as_record(content)
    assert said["catalogues"] == {"industries": "36/2025/QĐ-TTg", "strategic": "1131/QĐ-TTg"}
    assert from_record(said) == content


def test_a_listing_without_codes_says_nothing_of_editions() -> None:
    assert "catalogues" not in as_record(Content("offer", "vi", {"vi": Text(title="Máy sấy")}))


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (("K",), ("L",)),
        (("J",), ("J", "K")),
        (("45", "46"), ("46", "47", "95")),
        (("C", "62"), ("C", "62")),
        (("U",), ("V",)),
    ],
)
@pytest.mark.parametrize("said", [{}, {"catalogues": {"industries": "27/2018/QĐ-TTg"}}, {"catalogues": {}}])
def test_codes_of_the_edition_before_are_read_through_its_table(
    before: tuple[str, ...], now: tuple[str, ...], said: dict[str, Any]
) -> None:
    assert read(record(*before, **said)) == now


def test_every_code_of_the_edition_before_leads_to_codes_there_are() -> None:
    sections = "ABCDEFGHIJKLMNOPQRSTU"
    divisions = {one.code for one in VSIC if one.parent} | {"45"}
    for code in (*sections, *divisions):
        now = catalogues.present("industries", [code], None)
        assert now
        assert all(one in VSIC for one in now), code
    assert {new for codes in SINCE_2018.values() for new in codes} <= {one.code for one in VSIC}


def test_codes_of_an_edition_to_come_are_not_taken_for_ours() -> None:
    content = from_record(record("62", catalogues={"industries": "99/2031/QĐ-TTg"}))
    wrong = [
        (one.path, one.code, one.params.get("value")) for one in checks.problems(content, publishing=True)
    ]
    assert ("industries.0", "code.unknown", "62 (99/2031/QĐ-TTg)") in wrong


@pytest.mark.parametrize("said", [7, ["x"], "36/2025/QĐ-TTg", None])
def test_what_is_said_of_editions_in_a_wrong_shape_is_as_unsaid(said: Any) -> None:
    assert read(record("K", catalogues=said)) == ("L",)


def test_a_division_that_is_no_more_is_named_with_what_it_became() -> None:
    assert industries.read("95") == "95"
    with pytest.raises(Unreadable) as refused:
        industries.read(" 45 ")
    assert (refused.value.code, refused.value.params) == (
        "code.former",
        {"value": "45", "codes": "46, 47, 95"},
    )
    with pytest.raises(Unreadable) as unknown:
        industries.read("999")
    assert unknown.value.code == "code.unknown"
