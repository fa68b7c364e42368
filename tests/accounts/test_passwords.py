"""Passwords: what is accepted, what everybody tries first, and how they are kept."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace import passwords
from marketplace.common_passwords import DISGUISES, is_common, words

GOOD = "ruộng bậc thang mùa nước đổ"


def codes(password: str, *about: str) -> list[str]:
    return [problem.code for problem in passwords.problems(password, path="password", about=about)]


@pytest.mark.parametrize(
    "password",
    [
        "        ", "_.-_.-_.-", "giao1234", "San-giao-dich-2026",
        "12345678", "123456789", "1234567890", "87654321", "11111111", "00000000", "12121212", "123123123", "abcabcabc",
        "password", "Password1", "P@ssw0rd", "passw0rd123", "qwertyuiop", "qwerty123456", "1qaz2wsx", "zxcvbnm,", "letmein1",
        "iloveyou", "iloveyou2", "admin123", "@dmin1234", "welcome1", "monkey123", "dragon2024", "sunshine!",
        "matkhau1", "Mật khẩu 2026", "mat_khau_123", "M4tKh@u2026!", "anhyeuem", "Em yêu anh", "emyeuanh123", "conyeume1",
        "vietnam1", "Việt Nam 2026", "hanoi2024", "saigon123", "nguyen123", "nguyenvana", "hoanganh1", "linh12345",
        "01011990", "19900101", "31122000", "adminadmin", "hanoihanoi", "tinhyeu!!",
    ],
)  # fmt: skip
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert codes(password) == ["password_common"]


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "correct horse battery",
        "con mèo ngồi trên nóc tủ",
        "83749261",
        "Xk29!fpLa",
        "ăn cơm chưa bạn ơi",
        "x" * 7 + "y z w",
    ],
)
def test_uncommon_ones_need_no_digit_no_sign_and_no_capital(password: str) -> None:
    assert codes(password) == []


def test_length_is_counted_in_characters_as_they_are_composed() -> None:
    assert codes("ộ" * 3 + "ạy bè") == []
    assert codes(unicodedata.normalize("NFD", "ộạệởữẫy")) == ["password_short"], (
        "seven letters, many code points"
    )
    assert codes("kẽo kẹt " * 32) == []
    assert codes("kẽo kẹt " * 32 + "k") == ["password_long"]


@pytest.mark.parametrize(
    ("password", "about"),
    [
        ("lan.nguyen@example.org", "lan.nguyen@example.org"),
        ("LanNguyenThi", "lan.nguyen.thi@example.org"),
        ("Bạch Tuyết Mỹ", "Bạch Tuyết Mỹ"),
        ("bachtuyetmy", "Bạch Tuyết Mỹ"),
    ],
)
def test_the_own_name_and_address_are_no_password(password: str, about: str) -> None:
    assert codes(password, about) == ["password_personal"]


def test_only_the_same_password_matches() -> None:
    kept = passwords.hashed(GOOD)
    assert passwords.matches(kept, GOOD)
    assert passwords.matches(kept, unicodedata.normalize("NFD", GOOD)), "another keyboard, the same password"
    assert not passwords.matches(kept, GOOD + " ")
    assert not passwords.matches(kept, GOOD.upper())
    assert not passwords.matches("no hash at all", GOOD)


@pytest.mark.usefixtures("full_cost")
def test_nobodys_hash_has_todays_cost_and_lets_nobody_in() -> None:
    assert not passwords.is_outdated(passwords.NOBODYS)
    assert not passwords.matches(None, GOOD)


def test_a_megabyte_of_password_is_refused_quickly() -> None:
    kept = passwords.hashed("x" * 256)
    assert passwords.matches(kept, "x" * 256)
    assert not passwords.matches(kept, "x" * 1_000_000)


@settings(max_examples=10, deadline=None)
@given(st.text(alphabet=st.characters(codec=None), min_size=1, max_size=50))
def test_every_text_can_be_a_password(password: str) -> None:
    assert passwords.matches(passwords.hashed(password), password)


@given(st.sampled_from(sorted(words())), st.integers(0, 9999), st.sampled_from(["", "!", "!!", "@", "."]))
def test_a_common_word_is_common_in_every_dress(word: str, number: int, sign: str) -> None:
    dressed = f"{word.capitalize()}{number}{sign}"
    assert is_common(dressed)
    assert is_common(f"{word}{sign}")


def test_the_words_are_plain_and_can_be_met() -> None:
    assert all(word.isascii() and word == word.lower() for word in words())
    assert len(words()) > 400
    assert not any(chr(sign) in word for sign in DISGUISES for word in words())
