"""The order of Vietnamese dictionaries."""

from __future__ import annotations

import unicodedata
from functools import cache

from vocabulary.text import is_mark, nfc

_ORDER = {letter: place for place, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
"""ngang 0, huyền, hỏi, ngã, sắc, nặng: the order of Vietnamese dictionaries."""
_SIGNS_FROM, _DIGITS_FROM, _LETTERS_FROM, _OTHERS_FROM = 1, 0x200000, 0x210000, 0x220000
"""Signs before digits before Vietnamese letters before all others. Unicode ends at 0x110000."""


def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Vietnamese dictionary order: by letters first (ă after a, đ after d), then by tones, then small before capital."""
    weights = [weight for character in nfc(text).casefold() if (weight := _weight(character))]
    return tuple(letter for letter, _ in weights), tuple(tone for _, tone in weights), text.swapcase()


@cache
def _weight(character: str) -> tuple[int, int] | None:
    """Place of the letter and of its tone; None for a mark that stands alone. A foreign ö counts as an o with a mark."""
    marks = unicodedata.normalize("NFD", character)
    tone = next((_TONES[mark] for mark in marks if mark in _TONES), 0)
    letter = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
    if letter and letter not in _ORDER and marks[0] in _ORDER:
        letter, tone = marks[0], tone + len(_TONES) + ord(marks[1])
    if letter in _ORDER:
        return _LETTERS_FROM + _ORDER[letter], tone
    if not letter or is_mark(letter[0]):
        return None
    if letter[0].isdigit():
        return _DIGITS_FROM + unicodedata.digit(letter[0]), 0
    return (_OTHERS_FROM if letter[0].isalpha() else _SIGNS_FROM) + ord(letter[0]), tone
