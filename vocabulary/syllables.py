"""Vietnamese syllables that are written in more than one way, all of them right: «hòa» and «hoà», «kỹ thuật» and «kĩ thuật».

The mark of the tone stands on the first or the second vowel of oa, oe and uy, and a last i after h, k, l, m, s, t and qu
may be a y. Schoolbooks write i and the mark on the second vowel (Ministry of Education, decision 1989/QĐ-BGDĐT of 2018),
laws and most enterprises y and the mark on the first: people search in the one and listings stand in the other.
"""

from __future__ import annotations

import unicodedata

from vocabulary.text import nfc

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
"""Grave, acute, tilde, hook above and dot below. Every other mark makes another vowel."""
_WITH_Y = {f"{beginning}i": f"{beginning}y" for beginning in ("h", "k", "l", "m", "s", "t", "qu")}
_OTHER = _WITH_Y | {y: i for i, y in _WITH_Y.items()}


def other_spelling(syllable: str) -> str:
    """The same folded syllable with i for y or y for i; empty where there is one spelling only."""
    return _OTHER.get(syllable, "")


def one_spelling(token: str) -> str:
    """A word as it is written, small and with its marks, in one way for all: the tone on its last letter, y for i. It is
    never shown; it only has to be the same for both."""
    small = token.lower()
    if small.isascii():
        return _WITH_Y.get(small, small)
    marked = unicodedata.normalize("NFD", small)
    tone = "".join(mark for mark in marked if mark in _TONES)
    toneless = nfc("".join(mark for mark in marked if mark not in _TONES))
    return nfc(_WITH_Y.get(toneless, toneless) + tone)
