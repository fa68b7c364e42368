"""A text as terms: the same however it was typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.analysis import LONGEST_TERM, analysed, indexed, word
from vocabulary import alphabet
from vocabulary.syllables import one_spelling
from vocabulary.text import fold, tokens


@pytest.mark.parametrize("typed", ["Cảm biến độ mặn", "cam bien do man", "CẢM BIẾN ĐỘ MẶN"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_marks_case_and_form_give_the_same_terms(typed: str, form: str) -> None:
    terms = analysed(unicodedata.normalize(form, typed))
    assert terms.words == ["cam", "bien", "do", "man"]
    assert terms.pairs == ["cam_bien", "bien_do", "do_man"]


def test_english_words_are_cut_to_their_stems() -> None:
    assert analysed("Sensing membranes, desalinated").words == analysed("sensed membrane desalination").words


def test_scripts_without_spaces_give_characters_and_their_pairs() -> None:
    terms = analysed("锂电池")
    assert (terms.words, terms.pairs) == (["锂", "电", "池"], ["锂电", "电池"])


def test_a_run_is_parted_where_the_script_changes() -> None:
    terms = analysed("5G技术 sấy")
    assert (terms.words, terms.pairs) == (["5g", "技", "术", "say"], ["技术"])


def test_a_run_that_is_no_word_is_cut() -> None:
    assert analysed("x" * 10_000).words == ["x" * LONGEST_TERM]


@given(st.text(max_size=80))
def test_no_term_holds_a_space_for_the_engines_split_at_spaces(text: str) -> None:
    terms = analysed(text)
    assert all(term and term.split() == [term] for term in (*terms.words, *terms.pairs))


@given(st.text(max_size=80) | st.text(alphabet=st.sampled_from(alphabet.CHARACTERS[1:])))
@example("Sensing sensors sensed")
@example("Δ-cảm biến 5G技术")
@example("running" * 20)
def test_an_index_is_given_the_terms_that_a_query_asks_for(text: str) -> None:
    terms, given_to_index = analysed(text), indexed(text)
    assert given_to_index.words.split() == terms.words
    assert given_to_index.pairs.split() == terms.pairs
    written = ((token, fold(token)[:LONGEST_TERM]) for token in terms.tokens)
    assert given_to_index.spellings == {spelled for token, spelled in written if spelled != word(token)}
    marked = () if text.isascii() else tokens(text.lower())
    assert given_to_index.written == {one_spelling(token)[:LONGEST_TERM] for token in marked}


def test_alphabets_without_spaces_give_threes_of_letters_too() -> None:
    assert analysed("กาแฟ").pairs == ["กา", "าแ", "แฟ", "กาแ", "าแฟ"]
