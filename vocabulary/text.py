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

_JOINERS = "\u00ad\u200c\u200d"
"""Soft hyphen and joiners stand inside a word without being seen."""
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_BREAKS = ("Cc", "Cs", "Zl", "Zp")
"""Categories of characters that end a line or are none."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# Scripts written without spaces between words: Thai, Lao, Myanmar, Khmer, Kana, Han and their compatibility forms.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)

_LETTERED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Those of them whose characters are letters: Thai, Lao, Myanmar, Khmer. Two letters are no word yet."""

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
        if _is_mark(chr(code)):
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
    spans: list[list[int]] = []
    for code in (*map(ord, _JOINERS), *filter(lambda code: _is_mark(chr(code)), range(0x300, 0x20000))):
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    marks = "".join(f"{chr(first)}-{chr(last)}" for first, last in spans)
    return re.compile(rf"[^\W_]+(?:[{marks}]+[^\W_]*)*")


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def pairs(found: Sequence[str]) -> list[str]:
    """Neighbours joined by `_`: most Vietnamese words are two syllables long."""
    return [f"{first}_{second}" for first, second in pairwise(found)]


def is_unspaced(token: str) -> bool:
    """Whether the token is of a script that does not part its words by spaces."""
    return not token.isascii() and _UNSPACED.search(token) is not None


def character_runs(run: str) -> list[str]:
    """Overlapping runs of characters that stand for words: two of them, three where a character is a letter. A shorter one
    stays whole."""
    length = 3 if _LETTERED.match(run) else 2
    return [run[place : place + length] for place in range(len(run) - length + 1)] or [run]


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
    while end and _is_mark(text[end]):
        end -= 1
    space = max(text.rfind(blank, 0, end + 1) for blank in " \n\t")
    return text[: space if space >= limit * 4 // 5 else end].rstrip()


def first_words(text: str, count: int, limit: int) -> str:
    """The first `count` words in at most `limit` characters: a title for a text that has none."""
    return cut(" ".join(text.split(maxsplit=count)[:count]), limit)


# -- sentences ---------------------------------------------------------------------------------------------------------

_STOP = re.compile(
    "[.!?…\n。！？]"  # One set of characters at the head: the search then leaps from one of these to the next.
    r"(?:(?<=[.!?…])[.!?…]*[\"'”’»)\]]*\s+|(?<=\n)\n*|(?<=[。！？])[。！？]*)"
)
_SHORT_FORMS = """
TP. Tp. TX. TT. ThS. TS. PGS. GS. KS. BS. CN. Dr. Mr. Mrs. Ms. Prof. St. No. Fig. Eq. al. vs. e.g. i.e.
"""
_SHORTENED = frozenset(_SHORT_FORMS.split())
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+\Z")
_LIST_MARK = re.compile(r"(?:\d+|[^\W\d_])\.\Z")
_LONGEST_SHORTENED = 20
"""Characters in front of a stop that are looked at."""


def sentences(text: str) -> list[str]:
    """Sentences and lines. «0.5», «1,5 tỷ», «TP. Cần Thơ» and «1. Thiết bị» are not cut."""
    return [part for piece in _pieces(text) if (part := piece.strip())]


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for stop in _STOP.finditer(text):
        if "\n" in stop[0] or not _goes_on(text[start : stop.end()], text[stop.end() : stop.end() + 2]):
            yield text[start : stop.end()]
            start = stop.end()
    yield text[start:]


def _goes_on(before: str, after: str) -> bool:
    """Whether a stop ends no sentence: in front of a small letter, after a title, initials or the mark of a list."""
    if after.lstrip("«“\"'(")[:1].islower():
        return True
    word = before.rstrip()[-_LONGEST_SHORTENED:].split()[-1].lstrip("«“\"'(")
    if word in _SHORTENED or (word.isupper() and _INITIALS.match(word)):
        return True
    return before.strip() == word and _LIST_MARK.match(word) is not None


# -- Vietnamese order --------------------------------------------------------------------------------------------------

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
    if not letter or _is_mark(letter[0]):
        return None
    if letter[0].isdigit():
        return _DIGITS_FROM + unicodedata.digit(letter[0]), 0
    return (_OTHERS_FROM if letter[0].isalpha() else _SIGNS_FROM) + ord(letter[0]), tone


# -- language ----------------------------------------------------------------------------------------------------------

SAMPLE = 1_000
"""Characters that are looked at."""
_NOT_LATIN = re.compile("[\u0370-\u1dff\u2e80-\ud7ff]")
_SCRIPTS = (
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
)
_VIETNAMESE = re.compile("[đơưạ-ỹ]")
"""Letters of hardly any other language; â, ê and ô are French too, and ă is Romanian."""
_SMALL_WORDS = {
    "vi": "cua cac duoc khong nhung trong voi theo cho va mot nay khi tai tu nuoc nghe nguoi thiet phap",
    "en": "the of and to in for is with that on by as are be this from an or which at it",
    "fr": "de la le les des et du une est pour dans que un en sur par qui au",
    "es": "de la el los las del que en y por para con una un se es",
    "de": "der die das und den von mit fur ist ein eine zu im des dem auf nicht",
}
_WORDS = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}
"""Small words, folded: Vietnamese typed without marks is told by them as well."""


def detect_language(text: str) -> str:
    """`vi`, `en`, another language's code, or empty when the text does not tell. A guess for texts that do not say."""
    sample = nfc(text[:SAMPLE]).casefold()
    if len(_NOT_LATIN.findall(sample)) * 4 > len(sample):
        for language, script in _SCRIPTS:
            if len(script.findall(sample)) * 4 > len(sample):
                return language
    words = tokens(fold(sample))
    if len(_VIETNAMESE.findall(sample)) * 20 > len(words):
        return "vi"
    counts = {language: sum(map(known.__contains__, words)) for language, known in _WORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] * 12 > len(words) else ""
