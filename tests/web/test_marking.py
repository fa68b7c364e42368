"""Highlights and differences keep people's own words, whatever they typed."""

from __future__ import annotations

from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from marketplace.web.marking import compared, marked

TEXTS = st.text(alphabet="aĐộ mặn<>&\"' \n", max_size=60)
SPANS = st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=6)


def test_the_words_that_answered_are_marked_and_html_is_not_obeyed() -> None:
    assert marked("đo <b>độ mặn</b>", [(6, 12)]) == "đo &lt;b&gt;<mark>độ mặn</mark>&lt;/b&gt;"


def test_overlapping_marks_are_one() -> None:
    assert marked("abcdef", [(3, 5), (1, 4), (9, 12)]) == "a<mark>bcde</mark>f"
    assert marked("abcdef", [(1, 5), (2, 3)]) == "a<mark>bcde</mark>f"
    assert marked("abcdef", [(-2, 2)]) == "<mark>ab</mark>cdef"


@given(TEXTS, SPANS)
def test_marking_changes_no_word(text: str, marks: list[tuple[int, int]]) -> None:
    shown = str(marked(text, marks))

    assert unescape(shown.replace("<mark>", "").replace("</mark>", "")) == text
    assert "<mark></mark>" not in shown


def test_a_change_shows_what_went_and_what_came() -> None:
    assert compared("giá 900 triệu", "giá 850 triệu") == "giá <del>900</del><ins>850</ins> triệu"
    assert compared("", "<mới>") == "<ins>&lt;mới&gt;</ins>"


@given(TEXTS, TEXTS)
def test_a_comparison_holds_both_texts(before: str, after: str) -> None:
    shown = str(compared(before, after))

    assert _without(shown, gone="del") == after
    assert _without(shown, gone="ins") == before


def _without(shown: str, gone: str) -> str:
    kept = "ins" if gone == "del" else "del"
    pieces = shown.split(f"<{gone}>")
    rest = pieces[0] + "".join(piece.split(f"</{gone}>", 1)[1] for piece in pieces[1:])
    return unescape(rest.replace(f"<{kept}>", "").replace(f"</{kept}>", ""))


def test_nothing_changed_shows_nothing() -> None:
    assert compared("độ mặn", "độ mặn") == "độ mặn"
