"""Which terms find and which only raise."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.fields import BODY, PAIRS, TEXTS
from search.plan import Match, Term
from search.scoring import finding, halves, raising

WORDS = st.lists(
    st.builds(Term, st.sampled_from("abcdef"), telling=st.booleans()), unique_by=lambda term: term.text
)
JOINED = st.sampled_from(["a_b", "b_c", "c_d", "e_f"])
PAIRED = st.lists(st.builds(Term, JOINED, telling=st.booleans()), unique_by=lambda term: term.text)


def test_a_pair_finds_only_where_neither_of_its_words_does() -> None:
    words = (Term("may", telling=False), Term("say", telling=False), Term("lua"))
    match = Match(words, (Term("may_say"), Term("say_lua")))
    assert {(scored.field, scored.text) for scored in finding(match)} == {
        ("body", "lua"),
        ("pairs", "may_say"),
    }


def test_halves_of_words_and_of_characters() -> None:
    assert (halves("do_man"), halves("电池")) == (("do", "man"), ("电", "池"))


@given(WORDS, PAIRED)
def test_every_term_counts_once_in_every_field(words: list[Term], pairs: list[Term]) -> None:
    match = Match(tuple(words), tuple(pairs))
    scored = [(each.field, each.text) for each in (*finding(match), *raising(match))]
    expected = {(text.name, term.text) for term in words for text in TEXTS} | {
        (PAIRS.name, term.text) for term in pairs
    }
    assert len(scored) == len(set(scored))
    assert set(scored) == expected


@given(WORDS, PAIRED)
def test_what_finds_is_telling(words: list[Term], pairs: list[Term]) -> None:
    telling = {term.text for term in (*words, *pairs) if term.telling}
    found = finding(Match(tuple(words), tuple(pairs)))
    assert {each.text for each in found} <= telling
    assert {term.text for term in words if term.telling} == {
        each.text for each in found if each.field == BODY.name
    }
