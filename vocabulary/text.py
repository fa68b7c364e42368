"""Text as the field needs it: one form for every letter, folded for comparing, cut into tokens and pairs.

Vietnamese letters carry up to two marks, and may arrive composed (NFC) or decomposed (NFD); both are the same
letter to a reader. Folding therefore goes through the full Unicode decomposition, never a hand-made table of letters;
only đ has no decomposition and is named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

_INVISIBLE = dict.fromkeys(
    [0x00AD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
)
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0xD800, 0xE000)])

# Scripts written without spaces between words: Thai, Lao, Myanmar, Khmer, Kana, Han and their compatibility forms.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_SENTENCE_END = re.compile(
    r"(?<=[.!?…。！？])(?<!\bTP\.)(?<!\bThS\.)(?<!\bTS\.)(?<!\be\.g\.)(?<!\bi\.e\.)[\"'”»)]*\s+(?=[\W\d_]*[^\W\d_a-zà-ỹđ])|\n+|(?<=[。！？])"
)


def nfc(text: str) -> str:
    """The composed form. Cheap where the text is already in it."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _folding() -> dict[int, str | None]:
    """Every Latin letter with marks -> its letter, and every free mark -> nothing, from the Unicode data itself."""
    table: dict[int, str | None] = {ord("đ"): "d"}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))
        if len(base) > 1:
            table[code] = base[0]
    # Only the marks of Latin, Greek and Cyrillic go: in Thai or Hindi a mark is a vowel.
    for first, last in (
        (0x300, 0x370),
        (0x1AB0, 0x1B00),
        (0x1DC0, 0x1E00),
        (0x20D0, 0x2100),
        (0xFE20, 0xFE30),
    ):
        table.update(dict.fromkeys(range(first, last)))
    return table


_FOLDING = _folding()


def fold(text: str) -> str:
    """For comparing: small letters without marks, đ as d; composed and decomposed input alike."""
    return text.lower() if text.isascii() else nfc(text).casefold().translate(_FOLDING)


@cache
def _runs() -> re.Pattern[str]:
    # Python's \w leaves combining marks out, which would cut a Thai word at every vowel sign.
    marks = [code for code in range(0x300, 0x20000) if unicodedata.category(chr(code))[0] == "M"]
    spans: list[list[int]] = []
    for code in marks:
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    written = "".join(f"{chr(first)}-{chr(last)}" for first, last in spans)
    return re.compile(rf"[^\W_](?:[^\W_]|[{written}])*")


def tokens(text: str) -> list[str]:
    """Runs of letters, marks and digits in any script, in their order."""
    found: list[str] = (_ASCII_RUNS if text.isascii() else _runs()).findall(text)
    return found


_ASCII_RUNS = re.compile(r"[A-Za-z0-9]+")


def pairs(found: Sequence[str]) -> list[str]:
    """Neighbours joined by `_`: most Vietnamese words are two syllables long."""
    return [f"{first}_{second}" for first, second in zip(found, found[1:], strict=False)]


def is_unspaced(token: str) -> bool:
    """Whether the token is of a script that does not part its words by spaces."""
    return not token.isascii() and _UNSPACED.search(token) is not None


def character_pairs(run: str) -> list[str]:
    """Overlapping pairs of characters; a single character stays alone."""
    return [run[place : place + 2] for place in range(len(run) - 1)] or [run]


def clean(text: str) -> str:
    """What is taken in from outside: composed, without control characters and lone surrogates, trimmed."""
    return nfc(text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL)).strip()


def plain(text: str) -> str:
    """Without what cannot be seen: zero-width and direction controls, by which two titles may differ unseen."""
    return text.translate(_INVISIBLE)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where one ends in the last fifth; never between letter and mark."""
    text = nfc(text)
    if len(text) <= limit:
        return text
    head = text[:limit]
    while head and unicodedata.combining(text[len(head)]):
        head = head[:-1]
    space = head.rfind(" ")
    return (head[:space] if space >= limit * 4 // 5 else head).rstrip()


def first_words(text: str, count: int, limit: int) -> str:
    """The first `count` words in at most `limit` characters: a title for a text that has none."""
    return cut(" ".join(text.split()[:count]), limit)


def sentences(text: str) -> list[str]:
    """Sentences and lines. «0.5», «1,5 tỷ» and «TP. cần thơ» are not cut: a new sentence begins with a capital."""
    return [part for piece in _SENTENCE_END.split(text) if (part := piece.strip())]


# -- Vietnamese order --------------------------------------------------------------------------------------------------

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_ORDER = {letter: place for place, letter in enumerate(_LETTERS, start=1)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
"""ngang 0, huyền, hỏi, ngã, sắc, nặng: the order of Vietnamese dictionaries."""


def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Vietnamese dictionary order: by letters first (ă after a, đ after d), then by tones."""
    letters: list[int] = []
    tones: list[int] = []
    for character in nfc(text).casefold():
        letter, tone = _letter_and_tone(character)
        letters.append(_ORDER.get(letter, 0 if letter == " " else ord(letter[0]) + 64))
        tones.append(tone)
    return tuple(letters), tuple(tones), text


@cache
def _letter_and_tone(character: str) -> tuple[str, int]:
    marks = unicodedata.normalize("NFD", character)
    tone = next((_TONES[mark] for mark in marks if mark in _TONES), 0)
    return unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES)) or " ", tone


# -- language ----------------------------------------------------------------------------------------------------------

_SCRIPTS = (
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
)
_VIETNAMESE = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
_WORDS = {
    "vi": frozenset(
        ["va", "cua", "cho", "trong", "duoc", "cac", "khong", "nhung", "voi", "de", "co", "la", "mot", "nay", "khi", "tai", "theo", "tu", "nuoc", "cong", "nghe"]
    ),
    "en": frozenset(["the", "of", "and", "to", "in", "for", "is", "with", "that", "on", "by", "as", "are", "be", "this", "from", "an", "or", "which", "at", "it"]),
}


def detect_language(text: str) -> str:
    """`vi`, `en`, another script's language, or empty when the text does not tell."""
    sample = nfc(text[:2_000]).casefold()
    for language, script in _SCRIPTS:
        if len(script.findall(sample)) * 4 > len(sample):
            return language
    words = tokens(fold(sample))
    if len(_VIETNAMESE.findall(sample)) * 20 > len(words):
        return "vi"
    counts = {language: sum(word in known for word in words) for language, known in _WORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] * 12 > len(words) else ""
