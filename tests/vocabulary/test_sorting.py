"""The order of Vietnamese dictionaries."""

from __future__ import annotations

import random
import unicodedata
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vocabulary.regions import PROVINCES
from vocabulary.sorting import sort_key

IN_ORDER = [
    "An Giang", "Bắc Ninh", "Cà Mau", "Cao Bằng", "Cần Thơ", "Đà Nẵng", "Đắk Lắk", "Điện Biên", "Đồng Nai",
    "Đồng Tháp", "Gia Lai", "Hà Nội", "Hà Tĩnh", "Hải Phòng", "Huế", "Hưng Yên", "Khánh Hòa", "Lai Châu",
    "Lạng Sơn", "Lào Cai", "Lâm Đồng", "Nghệ An", "Ninh Bình", "Phú Thọ", "Quảng Ngãi", "Quảng Ninh",
    "Quảng Trị", "Sơn La", "Tây Ninh", "Thái Nguyên", "Thanh Hóa", "TP. Hồ Chí Minh", "Tuyên Quang", "Vĩnh Long",
]  # fmt: skip
"""The 34 provinces and cities as a Vietnamese reader looks them up."""

WORDS = st.text(alphabet="aàảãáạăằâấbdđeêiơoôuưy zZ9-ö")


def test_the_provinces_stand_where_a_reader_looks_for_them() -> None:
    names = [one.vi for one in PROVINCES]
    random.Random(1).shuffle(names)
    assert sorted(names, key=sort_key) == IN_ORDER


def test_tones_are_ordered_ngang_huyen_hoi_nga_sac_nang() -> None:
    assert sorted(["mạ", "má", "mã", "mả", "mà", "ma"], key=sort_key) == ["ma", "mà", "mả", "mã", "má", "mạ"]


def test_letters_come_before_tones() -> None:
    assert sorted(["mà", "mab", "ma"], key=sort_key) == ["ma", "mà", "mab"]
    assert sorted(["đa", "da", "dz", "ea"], key=sort_key) == ["da", "dz", "đa", "ea"]
    assert sorted(["ơ", "ô", "o", "p", "ư", "u"], key=sort_key) == ["o", "ô", "ơ", "p", "u", "ư"]


def test_signs_then_digits_then_letters_then_other_scripts() -> None:
    assert sorted(["ông", "Жук", "5G", "2 pha", "(mới)", "zoom"], key=sort_key) == [
        "(mới)",
        "2 pha",
        "5G",
        "ông",
        "zoom",
        "Жук",
    ]


def test_a_foreign_mark_counts_as_its_letter() -> None:
    assert sorted(["Kz", "Köln", "Kon", "Kola"], key=sort_key) == ["Kola", "Köln", "Kon", "Kz"]


def test_small_before_capital() -> None:
    assert sorted(["Ba", "ba", "BA"], key=sort_key) == ["ba", "Ba", "BA"]


@given(st.text())
def test_any_text_has_a_place(text: str) -> None:
    assert sort_key("") <= sort_key(text) < sort_key(f"{text}z")


@given(WORDS)
def test_the_place_does_not_depend_on_how_letters_are_composed(text: str) -> None:
    assert (
        sort_key(unicodedata.normalize("NFD", text))[:2] == sort_key(unicodedata.normalize("NFC", text))[:2]
    )


@given(st.lists(WORDS))
def test_the_order_is_total(words: list[str]) -> None:
    ordered = sorted(set(words), key=sort_key)
    assert all(sort_key(first) < sort_key(second) for first, second in pairwise(ordered))
