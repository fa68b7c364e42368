"""How far two words are apart, and what is put in place of an unknown one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.correction import apart, corrected, typos
from search.plan import Found, Row, Wanted
from search.question import read

WORDS = st.text("abcđ", max_size=7)


class Shelf:
    """A few titles. Answers every question with all of them, as an engine may that is asked for a near word."""

    def __init__(self, *titles: str) -> None:
        self.titles = titles

    def frequencies(self, words: Sequence[str], pairs: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        held = {word for title in self.titles for word in read(title).words}
        return len(self.titles), {word: 1 for word in words if word in held}

    def find(self, wanted: Wanted) -> Found:
        rows = tuple(Row(str(n), 0.0, "", title) for n, title in enumerate(self.titles))
        return Found(len(rows), rows)


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("say", "say", 0), ("say", "sya", 1), ("say", "sa", 1), ("say", "saay", 1), ("say", "soy", 1), ("say", "mua", 3)],
)  # fmt: skip
def test_edits_between_two_words(one: str, other: str, edits: int) -> None:
    assert apart(one, other, limit=5) == edits


@given(WORDS, WORDS)
def test_both_ways_are_as_far_and_only_the_same_word_is_at_no_distance(one: str, other: str) -> None:
    assert apart(one, other, 9) == apart(other, one, 9)
    assert (apart(one, other, 9) == 0) == (one == other)


def test_short_words_may_differ_less() -> None:
    assert [typos(word) for word in ("ao", "say", "membrane")] == [0, 1, 2]


def test_an_unknown_word_becomes_the_nearest_as_listings_write_it() -> None:
    shelf = Shelf("Máy sấy lúa", "Máy sấy mực", "Máy gặt")
    assert corrected(shelf, read("máy sâyy")) == "máy sấy"


def test_known_words_are_left_alone_and_far_ones_too() -> None:
    shelf = Shelf("Máy sấy lúa")
    assert corrected(shelf, read("máy sấy")) == ""
    assert corrected(shelf, read("turbine")) == ""
