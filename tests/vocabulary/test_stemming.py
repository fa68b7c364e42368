"""Forms of one English word must meet; different words must not."""

from __future__ import annotations

import pytest
import tantivy
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.stemming import stem

PARTS = """
ation ational ing ingly ed edly eed s es ies y ly li logy ogist ment ement ence able ive ness ful less ion al ally ize
izer ator ous ay past inter organ gener sky tt ll e b tr st qu i u o ea
"""
made_up = st.lists(st.sampled_from(PARTS.split()), min_size=1, max_size=5).map("".join)
letters = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=15)


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
        "add adds added adding",
        "paste pastes pasted pasting",
        "proceed proceeds proceeding",
        "deploy deployment deployable",
        "biology biologist",
    ],
)
def test_forms_of_one_word_share_a_stem(family: str) -> None:
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize(
    "pair",
    [
        "general generator",
        "organic organization",
        "early ear",
        "past paste",
        "add ad",
        "hop hope",
        "gas gases_of",
        "bus but",
        "sing single",
        "relay relate",
        "plan plant",
    ],
)
def test_different_words_stay_apart(pair: str) -> None:
    one, other = pair.split()
    assert stem(one) != stem(other)


@pytest.mark.parametrize("word", ["bus", "gas", "of", "h2o", "7050", "x", "co2", "bring"])
def test_short_words_and_those_with_digits_stay(word: str) -> None:
    assert stem(word) == word


@given(letters)
def test_a_stem_is_never_empty_and_hardly_longer(word: str) -> None:
    assert 1 <= len(stem(word)) <= len(word) + 1


@given(made_up | letters)
def test_the_rules_are_those_of_the_published_algorithm(word: str) -> None:
    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    published = analyzer.filter(tantivy.Filter.stemmer("english")).build()
    assert [stem(word)] == published.analyze(word)
