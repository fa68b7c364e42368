"""Text as people type it: with marks or without, composed or not, in any script."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vocabulary import alphabet
from vocabulary.text import clean, cut, first_words, fold, folded, nfc, pairs, placed_tokens, plain, tokens
from vocabulary.unspaced import is_unspaced

FOLDED = {
    "a": "àáảãạăằắẳẵặâầấẩẫậ",
    "d": "đ",
    "e": "èéẻẽẹêềếểễệ",
    "i": "ìíỉĩị",
    "o": "òóỏõọôồốổỗộơờớởỡợ",
    "u": "ùúủũụưừứửữự",
    "y": "ỳýỷỹỵ",
}
"""The 67 small letters with marks that Vietnamese writes, by the letter a keyboard without them has."""
LETTERS = [(marked, plain) for plain, letters in FOLDED.items() for marked in letters]

any_text = st.text()
typical = st.text(alphabet=st.sampled_from(alphabet.CHARACTERS[1:]))


def test_vietnamese_has_134_letters_with_marks() -> None:
    assert len({letter for small, _ in LETTERS for letter in (small, small.upper())}) == 134


@pytest.mark.parametrize(("marked", "bare"), LETTERS)
def test_every_letter_folds_to_its_key(marked: str, bare: str) -> None:
    for written in (marked, marked.upper()):
        assert fold(written) == bare
        assert fold(unicodedata.normalize("NFD", written)) == bare
        assert fold(f"漢{written}") == f"漢{bare}", "the general way gives the same"


def test_folding_is_the_same_for_composed_and_decomposed_text() -> None:
    title = "Cảm biến đo độ mặn – Đồng bằng sông Cửu Long"
    assert (
        fold(title)
        == fold(unicodedata.normalize("NFD", title))
        == "cam bien do do man – dong bang song cuu long"
    )


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łódź", "lodz"),
        ("Ærø", "aero"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("Αθήνα", "αθηνα"),
        ("Ёлка", "елка"),
        ("كِتَاب", "كتاب"),
        ("น้ำ", "น\u0e49ำ"),
        ("हिन्दी", "हिन्दी"),
        ("tech\u00adnology", "technology"),
        ("CO₂ và H₂S", "co2 va h2s"),
        ("m², m³", "m2, m3"),
        ("10⁹", "10⁹"),
    ],
)
def test_marks_go_where_they_are_no_vowels(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(any_text)
@example("か\u034f\u3099")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(any_text)
def test_folding_does_not_see_how_a_letter_is_composed(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)


@given(typical)
def test_the_quick_way_gives_what_the_general_way_gives(text: str) -> None:
    # A word with a character from outside the alphabet goes through the general rules.
    words = text.split(" ")
    assert fold(" ".join(f"漢{word}" for word in words)).split(" 漢") == f"漢{fold(text)}".split(" ")
    assert tokens(" ".join(f"漢_{word}" for word in words)) == [
        token for word in words for token in ("漢", *tokens(word))
    ]


@given(st.text(alphabet=st.sampled_from("aĐộ5 _.\n漢µ€ßΔ\u0301\u3000\u00a0")))
@example("một hai ba bốn năm sáu bảy tám chín mười mười một Δm một hai ba bốn năm sáu bảy tám chín mười 5Δ")
def test_a_text_is_the_words_between_its_blanks_whatever_letters_others_have(text: str) -> None:
    words = text.split(" ")
    assert tokens(text) == [token for word in words for token in tokens(word)]
    assert fold(text) == " ".join(map(fold, words))


@given(any_text | typical)
def test_folded_tokens_are_the_tokens_folded(text: str) -> None:
    found = folded(text)
    assert found == (None if is_unspaced(text) else [fold(token) for token in tokens(text)])


@given(any_text | typical)
def test_tokens_with_their_places_are_the_tokens(text: str) -> None:
    found = list(placed_tokens(text))
    assert [token for token, _, _ in found] == tokens(text)
    assert [text[start:end] for _, start, end in found] == tokens(text)


@pytest.mark.parametrize("text", ["а" * 20_000, "а " * 10_000, "a few words and а " * 500])
def test_a_text_of_foreign_words_only_is_read_in_one_go(text: str) -> None:
    assert len(list(alphabet.parted(text))) == 3


def test_the_alphabet_fills_its_table_without_a_double() -> None:
    assert len(set(alphabet.CHARACTERS)) == len(alphabet.CHARACTERS) <= 256
    assert nfc(alphabet.CHARACTERS) == alphabet.CHARACTERS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sai số ≤ 0,5 ‰ (LoRa-WAN)", ["Sai", "số", "0", "5", "LoRa", "WAN"]),
        ("snake_case", ["snake", "case"]),
        ("เซ็นเซอร์วัดความเค็ม", ["เซ็นเซอร์วัดความเค็ม"]),
        ("塩分センサー。安い", ["塩分センサー", "安い"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        (
            unicodedata.normalize("NFD", "độ mặn"),
            [unicodedata.normalize("NFD", word) for word in ("độ", "mặn")],
        ),
        ("tech\u00adnology", ["tech\u00adnology"]),
        ("", []),
        ("—…!?", []),
    ],
)
def test_tokens_are_runs_of_letters_marks_and_digits(text: str, found: list[str]) -> None:
    assert tokens(text) == found


@given(any_text)
def test_tokens_lose_no_letter_or_digit(text: str) -> None:
    kept = "".join(tokens(text))
    assert [letter for letter in text if letter.isalnum()] == [letter for letter in kept if letter.isalnum()]


@given(typical)
def test_cutting_and_folding_may_change_places(text: str) -> None:
    assert tokens(fold(text)) == [fold(token) for token in tokens(text)]


def test_pairs_are_neighbours() -> None:
    assert pairs(["cam", "bien", "do"]) == ["cam_bien", "bien_do"]
    assert pairs(["cam"]) == []


def test_cleaning_takes_what_no_keyboard_types() -> None:
    assert clean("  Giá\x00 trị\x1b\ud800 \r\n dòng hai\rba\x85 ") == "Giá trị \n dòng hai\nba"
    assert clean(unicodedata.normalize("NFD", "đo độ mặn")) == "đo độ mặn"


@given(any_text)
def test_what_is_clean_stays_as_it_is_and_can_be_stored(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode("utf-8")


def test_two_titles_that_look_alike_are_alike() -> None:
    assert plain("cảm\u200b biến\u202e\ufeff") == "cảm biến"


def test_a_cut_falls_between_words() -> None:
    assert cut("cảm biến đo độ mặn", 13) == "cảm biến đo"
    assert cut("cảm biến đo độ mặn", 14) == "cảm biến đo độ"
    assert cut("cảm biến", 8) == "cảm biến"
    assert cut("một hai ba bốn", 7) == "một hai"


def test_a_word_longer_than_the_limit_is_cut_but_never_off_its_mark() -> None:
    assert cut("a" * 30, 10) == "a" * 10
    assert cut("กี่กี่", 5) == "กี่"
    assert cut("กี่กี่", 2) == ""


@given(any_text, st.integers(1, 40))
def test_a_cut_is_a_beginning_within_the_limit(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= limit
    assert nfc(text).startswith(short)


@given(st.text(alphabet="aก \u0e35\u0e48\u0323"), st.integers(1, 40))
def test_no_mark_is_parted_from_its_letter(text: str, limit: int) -> None:
    short = cut(text, limit)
    rest = nfc(text)[len(short) :]
    assert not short or not rest or unicodedata.category(rest[0]) != "Mn"


def test_a_title_for_a_text_without_one() -> None:
    assert first_words("Một  hai\nba bốn", 3, 120) == "Một hai ba"
    assert first_words("nước " * 40, 12, 22) == "nước nước nước nước"
