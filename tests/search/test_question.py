"""What a question asks for, and what of it decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.plan import Match
from search.question import CHARACTER, MOST_TERMS, MOST_TYPED, read, weighed


class Counted:
    """An index of 10,000 listings in which every term stands in `usual`, and some in as many as said."""

    def __init__(self, usual: int = 10, **held: int) -> None:
        self.usual, self.held = usual, held

    def __call__(self, words: Sequence[str], pairs: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        counts = {term: self.held.get(term, self.usual) for term in (*words, *pairs)}
        return 10_000, {term: count for term, count in counts.items() if count}


def asked(text: str, counted: Counted | None = None) -> Match:
    return weighed(read(text), counted or Counted())


def test_small_english_words_are_left_out_of_english_questions() -> None:
    assert read("the drying of shrimp with heat").words == ("dri", "shrimp", "heat")


@pytest.mark.parametrize("text", ["an toàn thực phẩm", "an toan thuc pham"])
def test_the_same_letters_are_kept_where_they_are_vietnamese(text: str) -> None:
    assert read(text).words == ("an", "toan", "thuc", "pham")


def test_a_question_of_small_words_only_asks_for_them() -> None:
    assert read("what is it").words == ("what", "is", "it")


@pytest.mark.parametrize("text", ['"bơm nhiệt" sấy', "“bơm nhiệt” sấy", "«bơm nhiệt» sấy", "„bơm nhiệt“ sấy"])
def test_quotation_marks_of_all_kinds_make_a_phrase(text: str) -> None:
    assert read(text).phrases == (("bom", "nhiet"),)


@pytest.mark.parametrize("text", ['"bơm nhiệt sấy', 'bơm" nhiệt', '""', '"…"'])
def test_other_quotation_marks_ask_for_nothing(text: str) -> None:
    assert read(text).phrases == ()


def test_quotations_in_a_long_text_are_no_phrases() -> None:
    # A demand of forty words that quotes a standard must not be answered by those who quote it alone.
    assert read('"bơm nhiệt" ' + "sấy " * MOST_TYPED).phrases == ()


def test_quotations_in_a_listing_are_no_phrases() -> None:
    assert read('"bơm nhiệt" sấy', typed=False) == read("bơm nhiệt sấy", typed=False)


def test_nothing_asked_is_told_from_nothing_readable() -> None:
    assert read(" \x00\n").blank
    assert not read("!?").blank


def test_of_a_long_text_the_rarest_words_are_asked_for() -> None:
    rare, common = [f"a{n}" for n in range(MOST_TERMS)], [f"b{n}" for n in range(40)]
    match = asked(" ".join(common + rare), Counted(**dict.fromkeys(common, 900)))
    assert {term.text for term in match.words} == set(rare)


def test_a_word_said_often_counts_more_but_not_as_often() -> None:
    once, thrice = asked("lúa sấy sấy sấy").words
    assert once.weight < thrice.weight < 3 * once.weight


def test_words_that_no_listing_holds_are_not_asked_for() -> None:
    assert [term.text for term in asked("máy qwrt", Counted(qwrt=0)).words] == ["may"]


def test_a_common_word_finds_nothing_by_itself() -> None:
    may, say = asked("máy sấy", Counted(may=6_000)).words
    assert (may.telling, say.telling) == (False, True)


def test_the_words_of_a_listing_find_though_they_are_rather_common() -> None:
    # Only the best of what it finds are taken, so that a third of the exchange may answer to «máy».
    often = Counted(may=3_300, va=6_000)
    typed = weighed(read("máy và sấy"), often)
    own = weighed(read("máy và sấy", typed=False), often)
    assert [term.text for term in typed.words if term.telling] == ["say"]
    assert [term.text for term in own.words if term.telling] == ["may", "say"]


def test_common_words_find_where_there_are_no_others() -> None:
    assert all(term.telling for term in asked("công nghệ", Counted(usual=6_000)).words)


@given(st.text(max_size=300))
def test_every_text_can_be_asked(text: str) -> None:
    match = asked(text)
    assert len(match.words) <= MOST_TERMS
    assert not match.words or any(term.telling for term in match.words)


def test_single_characters_count_little_beside_their_pairs() -> None:
    match = asked("水处理")
    assert {term.weight for term in match.words} == {CHARACTER}
    assert {term.weight for term in match.pairs} == {1.0}
