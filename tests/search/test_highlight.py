"""The passage under a title: begun where a sentence begins, cut between words, with the words that answered in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import word
from search.highlight import PASSAGE, highlighted
from search.plan import Match, Term
from search.query import Passage
from vocabulary.syllables import one_spelling
from vocabulary.text import fold

FILLER = "Vùng nuôi lấy nước từ một kênh chính và bốn kênh nhánh, mùa khô nước lên rất cao."
ANSWER = "Trạm đo độ mặn báo trước bảy giờ."


def passage(body: str, *words: str) -> Passage:
    return highlighted("", body, Match(tuple(Term(word) for word in words))).passages["body"]


def test_a_passage_begins_with_the_sentence_that_answered() -> None:
    body = " ".join([FILLER] * 5 + [ANSWER] + [FILLER] * 5)
    assert passage(body, "man", "bao").text.startswith(ANSWER)


def test_a_formula_is_marked_as_it_is_written() -> None:
    said = passage("Máy lọc khí CO₂ bằng màng.", "co2")
    assert [said.text[start:end] for start, end in said.marks] == ["CO₂"]


def test_of_a_long_sentence_it_begins_with_a_word() -> None:
    body = "ao nuôi tôm " * 60 + "độ mặn" + " ao nuôi tôm" * 60
    assert passage(body, "man").text.startswith(("ao ", "nuôi ", "tôm "))


def test_a_passage_does_not_run_into_the_next_field() -> None:
    said = f"{ANSWER}\n\n{FILLER}"
    assert passage(f"{said}\nA station that measures salinity.", "bao").text == said


def test_the_last_words_of_a_text_are_in_its_passage() -> None:
    body = " ".join([FILLER] * 8 + [ANSWER])
    assert passage(body, "bay").text.endswith(ANSWER)


@given(st.integers(0, 40), st.integers(0, 40), st.sampled_from([". ", " ", "\n", ", ", ""]))
def test_the_word_is_always_inside_and_nothing_is_altered(before: int, after: int, between: str) -> None:
    body = f"{f'nuôi tôm{between}' * before} mặn {f'nuôi tôm{between}' * after}"
    shown = passage(body, "man")
    assert shown.text in body
    assert len(shown.text) <= PASSAGE
    assert [shown.text[start:end] for start, end in shown.marks] == ["mặn"]


def typed(body: str, *marked: str) -> tuple[list[str], dict[str, bool]]:
    words = tuple(Term(word(each)) for each in marked)
    found = highlighted("", body, Match(words, as_typed=tuple(Term(one_spelling(each)) for each in marked)))
    shown = found.passages["body"]
    return [shown.text[start:end] for start, end in shown.marks], dict(found.as_typed)


def test_only_what_is_written_as_it_was_typed_is_marked_where_it_is_there() -> None:
    assert typed("Mười bao muối, bốn thùng muỗi.", "muối") == (["muối"], {one_spelling("muối"): True})
    assert typed("Bốn lần bón phân, phận ai.", "bón", "phấn")[0] == ["bón", "phân", "phận"]
    assert typed("Café, hai cafés, cafẻ.", "cafés")[0] == ["Café", "cafés", "cafẻ"]
    assert typed("Mười bao.", "muối") == (["Mười"], {one_spelling("muối"): False})
    assert typed("Bat muoi.", "muối") == (["muoi"], {one_spelling("muối"): False})


def test_the_passage_is_the_one_with_the_word_as_it_was_typed() -> None:
    marked, _ = typed(" ".join(["Mười hai ao."] * 40 + ["Ruộng muối."]), "muối")
    assert marked == ["muối"]


WORDS = st.sampled_from(
    ["lúa", "Lúa", "lúa5", "sấy", "sấy.", "máy_sấy", "tôm,", "(tôm)", "cá", "5 °C", "\n", "thủy", "thuy"]
)


@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_every_word_that_answers_is_marked_where_it_stands_and_no_part_of_another(text: str) -> None:
    asked = {"lua", "tom", "thuy"}
    match = Match(tuple(Term(word) for word in sorted(asked)))
    expected = tuple(found.span() for found in re.finditer(r"[^\W_]+", text) if fold(found[0]) in asked)
    assert highlighted(text, "", match).passages["title"].marks == expected


@pytest.mark.parametrize("first", ["lúa sấy tôm", "lúa lúa sấy sấy tôm tôm", "lúa sấy tôm lúa sấy tôm"])
def test_words_that_were_left_behind_do_not_count_for_a_later_stretch(first: str) -> None:
    found = passage(f"{first}{' khác' * 100} cá", "lua", "say", "tom", "ca")
    assert found.text.startswith(first)
