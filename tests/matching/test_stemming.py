"""Forms of one English word must meet; different words must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.stemming import stem


@pytest.mark.parametrize(
    "family",
    [
        "sensor sensors",
        "monitor monitors monitored monitoring",
        "continuous continuously",
        "measure measures measured measuring measurement measurements",
        "battery batteries",
        "recycle recycled recycling recycles",
        "dryer dryers",
        "dry dries dried",
        "generate generates generated generation generator",
        "stop stops stopped stopping",
        "hope hoped hoping",
        "agree agreed agrees",
        "effective effectiveness effectively",
        "relation relational",
        "control controlled controlling",
    ],
)
def test_forms_of_one_word_share_a_stem(family: str) -> None:
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize(
    "pair", ["hop hope", "gas gases_of", "bus but", "sing single", "relay relate", "plan plant"]
)
def test_different_words_stay_apart(pair: str) -> None:
    one, other = pair.split()
    assert stem(one) != stem(other)


@pytest.mark.parametrize("word", ["bus", "gas", "of", "h2o", "7050", "x", "co2", "bring"])
def test_short_words_and_those_with_digits_stay(word: str) -> None:
    assert stem(word) == word


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=15))
def test_a_stem_is_never_empty_and_hardly_longer(word: str) -> None:
    assert 1 <= len(stem(word)) <= len(word) + 1
