"""A question in every language that a term table leads to."""

from __future__ import annotations

import pytest

from search.query import Query
from search.translating import translated
from vocabulary.bilingual import EMPTY, Entry, TermTable

TABLE = TermTable(
    tuple(
        Entry(("vi", "en"), terms)
        for terms in (("độ mặn", "salinity"), ("cảm biến", "sensor"), ("ao", "pond"), ("máy sấy", "dryer"))
    )
)


def terms(text: str, table: TermTable = TABLE) -> dict[str, set[str]]:
    return {each.language: set(each.terms) for each in translated(Query(text), table).translations}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("cảm biến đo độ mặn", "en", {"sensor", "salin"}),
        ("cam bien do do man", "en", {"sensor", "salin"}),
        ("salinity sensors for the pond", "vi", {"do_man", "cam_bien", "ao"}),
        ("pond", "vi", {"ao"}),
    ],
)
def test_a_question_is_asked_in_the_other_language_too(text: str, language: str, expected: set[str]) -> None:
    found = terms(text)
    assert list(found) == [language]
    assert expected <= found[language]


@pytest.mark.parametrize("text", ["", "!?", "tàu vũ trụ", "«độ mặn» nước"])
def test_what_the_table_does_not_know_or_stands_in_quotation_marks_is_asked_as_it_is(text: str) -> None:
    assert translated(Query(text), TABLE) == Query(text)


def test_without_a_table_nothing_changes() -> None:
    assert translated(Query("cảm biến"), EMPTY) == Query("cảm biến")


def test_what_is_said_often_counts_more_but_not_without_end() -> None:
    weights = [translated(Query("ao " * n), TABLE).translations[0].terms["pond"] for n in (1, 2, 500)]
    assert weights[0] < weights[1] <= weights[2] == pytest.approx(2 * weights[0])


def test_a_word_of_either_language_is_asked_in_both() -> None:
    # «say» is English, and «sấy» typed without its marks.
    either = TermTable((Entry(("vi", "en"), ("sấy", "drying")), Entry(("vi", "en"), ("nói", "say"))))
    assert terms("say", either) == {"en": {"dri"}, "vi": {"noi"}}


def test_what_is_sure_is_told_as_people_write_it() -> None:
    (there,) = translated(Query("pond dryer"), TABLE).translations
    assert there.sure == {"ao": {"ao"}, "may_say": {"máy", "sấy"}}
    assert sorted(there.said) == ["ao", "máy sấy"]


@pytest.mark.parametrize(("text", "forgiving"), [("pond", False), ("pomd", True), ("pond pomd", True)])
def test_what_the_table_knows_is_no_slip_of_the_pen(text: str, forgiving: bool) -> None:
    assert translated(Query(text), TABLE).forgiving == forgiving
