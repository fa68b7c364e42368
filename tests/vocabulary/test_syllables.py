"""Syllables that are rightly written in two ways count as one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.syllables import one_spelling, other_spelling


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hòa", "hoà"),
        ("Thủy", "thuỷ"),
        ("khỏe", "khoẻ"),
        ("kỹ", "kĩ"),
        ("TỶ", "tỉ"),
        ("quý", "quí"),
        ("ly", "li"),
    ],
)
def test_both_ways_are_one(one: str, other: str) -> None:
    assert one_spelling(one) == one_spelling(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("muối", "muỗi"),
        ("hoa", "hoà"),
        ("tôm", "tom"),
        ("đo", "do"),
        ("thúy", "thúi"),
        ("quy", "quyt"),
        ("my", "may"),
    ],
)
def test_what_means_something_else_stays_apart(one: str, other: str) -> None:
    assert one_spelling(one) != one_spelling(other)


@given(st.text(alphabet="aăâđeêiioôơuưyhklmnpqtsc\u0300\u0301\u0303\u0309\u0323", min_size=1, max_size=7))
def test_composed_or_not_and_spelled_again_it_is_the_same(token: str) -> None:
    spelled = one_spelling(token)
    assert spelled == one_spelling(unicodedata.normalize("NFC", token)) == one_spelling(spelled)


@pytest.mark.parametrize(
    ("syllable", "other"), [("ky", "ki"), ("qui", "quy"), ("thuy", ""), ("ky thuat", ""), ("", "")]
)
def test_the_other_spelling_leads_back(syllable: str, other: str) -> None:
    assert other_spelling(syllable) == other
    assert not other or other_spelling(other) == syllable
