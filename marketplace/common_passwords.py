"""The passwords that everybody tries first, in Vietnam and elsewhere.

Rather than thousands of lines, some hundreds of words and the few ways in which people dress them: capitals,
marks left out or put in, `@` for a, `0` for o, a year, a short number or a sign at either end, all of it
twice. So `M4tKh@u2026!` is found by `matkhau`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_suffix(".txt")

DISGUISES = str.maketrans("@4013$5!|7+", "aaoiessiitt")
"""Signs and digits that stand for the letter they look like."""

BEFORE = re.compile(r"^[\W_\d]{1,4}")
BEHIND = re.compile(r"[\W_\d]{1,6}$")
"""A short number or sign before the word; a year, a number or signs behind it."""

RUNS = (
    *(
        "01234567890123456789",
        "98765432109876543210",
        "147258369147258369",
        "741852963741852963",
        "159357159357",
    ),
    *("abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba"),
    *("qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn"),
    *("qazwsxedcrfvtgbyhnujmikolp", "zaqxswcdevfrbgtnhymjukilop", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p"),
    *("1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0"),
)
"""Neighbours on the keyboard and in the alphabet: any piece of these is common."""

DAY, MONTH, YEAR = r"(0[1-9]|[12]\d|3[01])", r"(0[1-9]|1[0-2])", r"(19|20)\d\d"
DATE = re.compile(f"{DAY}{MONTH}{YEAR}|{YEAR}{MONTH}{DAY}")
"""A day in eight digits: in Vietnam the first thing to be tried after the name."""


def is_common(password: str) -> bool:
    """Whether the password is one of the commonest, as it is or in its usual dress; or nothing but dress."""
    bare = plain(password)
    return not bare or DATE.fullmatch(bare) is not None or any(_is_known(core) for core in _cores(bare))


def plain(text: str) -> str:
    """Small letters without marks, spaces, dots and hyphens: `Mật_khẩu` is `matkhau`."""
    letters = unicodedata.normalize("NFKD", text.casefold()).replace("đ", "d")
    return re.sub(r"[\s._-]", "", "".join(letter for letter in letters if not unicodedata.combining(letter)))


@cache
def words() -> frozenset[str]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _cores(bare: str) -> Iterator[str]:
    """What is left without its dress, each also with the disguises taken off; the password itself first."""
    for core in (bare, BEHIND.sub("", bare), BEFORE.sub("", bare), BEFORE.sub("", BEHIND.sub("", bare))):
        if core == bare or any(letter.isalpha() for letter in core):
            yield core
            yield core.translate(DISGUISES)


def _is_known(core: str) -> bool:
    half = core[: len(core) // 2]
    is_run = len(core) > 2 and any(core in run for run in RUNS)
    return core in words() or (half * 2 == core and half in words()) or is_run or _is_repetition(core)


def _is_repetition(core: str) -> bool:
    """One to four characters again and again: `11111111`, `abcabcabc`, `12121212`."""
    sizes = range(1, min(4, len(core) // 2) + 1)
    return any(core == (core[:size] * len(core))[: len(core)] for size in sizes)
