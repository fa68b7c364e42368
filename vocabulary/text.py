"""Text as the field needs it: one form for every letter, folded for comparing, cut into tokens and pairs.

Vietnamese letters carry up to two marks, and may arrive composed (NFC) or decomposed (NFD); both are the same
letter to a reader. Folding therefore goes through the full Unicode decomposition, never a hand-made table of letters;
only the few letters that have no decomposition, such as đ, are named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from vocabulary import alphabet
from vocabulary.unspaced import is_unspaced

_JOINERS = "\u00ad\u200c\u200d"
"""Soft hyphen and joiners stand inside a word without being seen."""
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_BREAKS = ("Cc", "Cs", "Zl", "Zp")
"""Categories of characters that end a line or are none."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

_UNBLANK = re.compile("[^ ]+")


def nfc(text: str) -> str:
    """The composed form. Cheap where the text is already in it."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """For comparing: small letters without marks, đ as d, CO₂ as co2; composed and decomposed input alike.

    In Thai or Hindi a mark is a vowel and stays; in Latin, Greek, Cyrillic, Hebrew and Arabic it goes.
    """
    if text.isascii():
        return text.lower()
    quick = alphabet.translated(text, _quick_folding())
    return "".join(_parted(text, _quick_folding(), _fold)) if quick is None else quick


def tokens(text: str) -> list[str]:
    """Runs of letters, marks and digits in any script, in their order."""
    quick = blanked(text)
    if quick is None:
        quick = " ".join(_parted(text, _quick_words(), lambda part: " ".join(_runs().findall(part))))
    return quick.split()


def placed_tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """The same tokens with the place each has in the text: (token, start, end)."""
    quick = blanked(text)
    found = _runs().finditer(text) if quick is None else _UNBLANK.finditer(quick)
    return ((one[0], *one.span()) for one in found)


def folded(text: str) -> list[str] | None:
    """The same tokens, each folded. None for a text that has a script without blanks: its tokens are no words."""
    quick = alphabet.translated(text, _quick_folded_words())
    if quick is None:
        if is_unspaced(text):
            return None
        quick = " ".join(_parted(text, _quick_folded_words(), _folded_words))
    return quick.split()


def blanked(text: str) -> str | None:
    """The text with a blank for every character that belongs to no token, so that each token stands where it stood. None
    for a text with other characters than those of the quick alphabet."""
    return alphabet.translated(text, _quick_words())


def _parted(text: str, quick: alphabet.Table, slow: Callable[[str], str]) -> Iterator[str]:
    """The stretches of a text, each by its way: through the table, or by the general rules."""
    for foreign, part in alphabet.parted(text):
        yield slow(part) if foreign else alphabet.translated(part, quick) or ""


def _fold(text: str) -> str:
    # Taking a mark away may bring two others together that compose.
    return nfc(nfc(text).casefold().translate(_folding()))


def _folded_words(text: str) -> str:
    return " ".join(fold(token) for token in _runs().findall(text))


@cache
def _folding() -> dict[int, str | None]:
    """Every letter with marks -> its letter, and every free mark -> nothing, from the Unicode data itself."""
    table: dict[int, str | None] = dict.fromkeys(map(ord, _JOINERS))
    table.update({ord("đ"): "d", ord("ø"): "o", ord("ł"): "l", ord("ı"): "i", ord("æ"): "ae", ord("œ"): "oe"})
    # Of raised digits only those of areas and volumes: 10⁹ is not 109, and nobody writes it so.
    table.update({ord(small): digit for small, digit in zip("₀₁₂₃₄₅₆₇₈₉²³", "012345678923", strict=True)})
    for code in (*range(0xC0, 0x700), *range(0x1E00, 0x2000)):
        base = unicodedata.normalize("NFD", chr(code))
        if len(base) > 1:
            table[code] = base[0]
    for code in (
        *range(0x300, 0x700),
        *range(0x1AB0, 0x1B00),
        *range(0x1DC0, 0x1E00),
        *range(0x20D0, 0x2100),
    ):
        if is_mark(chr(code)):
            table[code] = None
    return table


@cache
def _quick_folding() -> alphabet.Table:
    return alphabet.table(lambda character: character.casefold().translate(_folding()))


@cache
def _quick_words() -> alphabet.Table:
    return alphabet.table(lambda character: character if character.isalnum() else " ")


@cache
def _quick_folded_words() -> alphabet.Table:
    return alphabet.table(lambda character: fold(character) if character.isalnum() else " ")


@cache
def _runs() -> re.Pattern[str]:
    # Python's \w leaves combining marks out, which would cut a Thai word at every vowel sign.
    # Asked for in one go: every process that reads a foreign word looks through all of Unicode for it.
    category = unicodedata.category
    marks_of_unicode = [code for code in range(0x300, 0x20000) if category(chr(code))[0] == "M"]
    spans: list[list[int]] = []
    for code in (*map(ord, _JOINERS), *marks_of_unicode):
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    marks = "".join(f"{chr(first)}-{chr(last)}" for first, last in spans)
    return re.compile(rf"[^\W_]+(?:[{marks}]+[^\W_]*)*")


def is_mark(character: str) -> bool:
    """Whether it belongs to the letter before it."""
    return unicodedata.category(character)[0] == "M"


def pairs(found: Sequence[str]) -> list[str]:
    """Neighbours joined by `_`: most Vietnamese words are two syllables long."""
    return [f"{first}_{second}" for first, second in pairwise(found)]


def clean(text: str) -> str:
    """What is taken in from outside: composed, without control characters and lone surrogates, trimmed."""
    return nfc(_CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def one_line(text: str, limit: int) -> str:
    """At most `limit` characters of what a stranger has chosen, each control character as a space: nothing in it can
    draw a second line in a log, and every database takes it."""
    line = "".join(" " if unicodedata.category(c) in _BREAKS else c for c in text[:limit])
    return nfc(line)


def plain(text: str) -> str:
    """Without what cannot be seen: zero-width and direction controls, by which two titles may differ unseen."""
    return _INVISIBLE.sub("", text)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where one ends in the last fifth; never between letter and mark."""
    text = nfc(text)
    if len(text) <= limit:
        return text
    end = limit
    while end and is_mark(text[end]):
        end -= 1
    space = max(text.rfind(blank, 0, end + 1) for blank in " \n\t")
    return text[: space if space >= limit * 4 // 5 else end].rstrip()


def first_words(text: str, count: int, limit: int) -> str:
    """The first `count` words in at most `limit` characters: a title for a text that has none."""
    return cut(" ".join(text.split(maxsplit=count)[:count]), limit)
