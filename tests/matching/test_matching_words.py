"""Two spellings of one thing give the same terms."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest

from matching.statistics import DEFAULT, length
from matching.words import beside, placed_in, terms, words


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("Cảnh báo độ mặn", "canh bao do man", "vi"),
        ("ĐỘ MẶN", "độ mặn", "vi"),
        ("Đo độ mặn", unicodedata.normalize("NFD", "Đo độ mặn"), "vi"),
        ("SENSORS for the measurement", "sensor measures", "en"),
    ],
)
def test_spellings_meet(one: str, other: str, language: str) -> None:
    assert terms(one, language) == terms(other, language)


def test_a_pair_stands_beside_its_words() -> None:
    assert terms("độ mặn cao", "vi") == ["do", "man", "cao", "do_man", "man_cao"]


def test_english_stop_words_go_only_in_english() -> None:
    assert words("the pump", "en") == ["pump"]
    assert words("the cao", "vi") == ["the", "cao"]


def test_scripts_without_spaces_come_as_runs_of_characters() -> None:
    assert words("水处理 ABC", "zh") == ["水处", "处理", "abc"]


def test_beside_them_stand_shorter_runs_each_once_and_no_pair_across() -> None:
    assert terms("水处理 泵 ABC pump", "zh") == [
        *("水处", "处理", "泵", "abc", "pump"),
        *("_水", "_处", "_理", "abc_pump"),
    ]
    assert terms("น้ำเค็ม", "th") == ["น้ำ", "้ำเ", "ำเค", "เค็", "ค็ม", "_น้", "_้ำ", "_ำเ", "_เค", "_ค็", "_็ม"]


def test_a_shorter_run_counts_as_little_as_a_pair_and_is_no_word() -> None:
    nothing_seen = DEFAULT.weights
    assert nothing_seen["_水"] == nothing_seen["do_man"] < nothing_seen["水处"]
    assert length(Counter(terms("水处理", "zh"))) == 2


@pytest.mark.parametrize("text", ["水处理系统", "ระบบบำบัดน้ำเสีย", "海水淡化 ระบบ pump"])
def test_what_the_beginning_of_a_text_says_the_whole_says_too(text: str) -> None:
    single = words(text, "zh")
    for count in range(len(single) + 1):
        assert Counter(beside(single[:count])) <= Counter(beside(single))


@pytest.mark.parametrize("nothing", ["", "   ", "!!! … ---"])
def test_nothing_gives_nothing(nothing: str) -> None:
    assert terms(nothing, "vi") == []


@pytest.mark.parametrize(
    "text",
    ["Đo độ mặn 25 °C, CO₂", "ระบบบำบัดน้ำเสีย", "海水淡化 系统", "पानी शोधन", "مَاء البحر", "Tiê\u0301ng Việt"],
)
def test_words_with_their_places_are_the_words_and_stand_where_they_are_said(text: str) -> None:
    """Also where a mark is a letter of its own: a token is not cut at it."""
    found = placed_in(text, "vi")
    assert [word for word, _, _ in found] == words(text, "vi")
    for word, start, end in found:
        assert word in words(text[start:end], "vi")
