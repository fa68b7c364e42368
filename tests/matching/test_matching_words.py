"""Two spellings of one thing give the same terms."""

from __future__ import annotations

import unicodedata

import pytest

from matching.words import terms, words


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


def test_scripts_without_spaces_come_as_pairs_of_characters() -> None:
    assert words("水处理 ABC", "zh") == ["水处", "处理", "abc"]


@pytest.mark.parametrize("nothing", ["", "   ", "!!! … ---"])
def test_nothing_gives_nothing(nothing: str) -> None:
    assert terms(nothing, "vi") == []
