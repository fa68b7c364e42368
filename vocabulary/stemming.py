"""English words cut to their stems, so that «sensors», «sensing» and «sensed» count as one word.

The rules are those of the Porter2 algorithm (M. F. Porter, snowballstem.org/algorithms/english) with its later
additions. A stem is never shown; it only has to be the same for both listings.
"""

from __future__ import annotations

import re
from functools import lru_cache

_KEPT = {
    "andes": "andes", "atlas": "atlas", "bias": "bias", "cosmos": "cosmos", "howe": "howe", "news": "news",
    "sky": "sky", "skies": "sky", "early": "earli", "gently": "gentl", "idly": "idl", "only": "onli",
    "singly": "singl", "ugly": "ugli",
}  # fmt: skip
"""Words that the rules would cut to another word: «early» to «ear»."""
_NO_FORMS = frozenset({
    "canning", "earring", "evening", "exceed", "herring", "inning", "outing", "proceed", "succeed",
})  # fmt: skip
"""Words that end like a form of a verb and are none."""
_WHOLE = re.compile("gener|commun|arsen|past|univers|later|emerg|organ|inter")
"""Beginnings that stay whole, or «general» and «generator», «organic» and «organization» would be one."""
_CONSONANT_Y = re.compile("(^|[aeiouy])y")
"""A y at the beginning or after a vowel is a consonant; the rules below see it as Y."""
_REGION = re.compile("[aeiouy][^aeiouy]")
_VOWEL = re.compile("[aeiouy]")
_SHORT_ENDING = re.compile("(?:[^aeiouy][aeiouy][^aeiouywxY]|^[aeiouy][^aeiouy]|^past)$")
_DOUBLES = ("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt")

_STEP_2 = (
    ("ization", "ize"), ("ational", "ate"), ("fulness", "ful"), ("ousness", "ous"), ("iveness", "ive"),
    ("tional", "tion"), ("biliti", "ble"), ("lessli", "less"), ("entli", "ent"), ("ation", "ate"),
    ("alism", "al"), ("aliti", "al"), ("ousli", "ous"), ("iviti", "ive"), ("fulli", "ful"), ("enci", "ence"),
    ("anci", "ance"), ("abli", "able"), ("ogist", "og"), ("izer", "ize"), ("ator", "ate"), ("alli", "al"), ("bli", "ble"),
)  # fmt: skip
_STEP_2_ENDS = tuple(suffix for suffix, _ in _STEP_2)
_STEP_3 = (
    ("ational", "ate"), ("tional", "tion"), ("alize", "al"), ("icate", "ic"), ("iciti", "ic"), ("ical", "ic"),
    ("ness", ""), ("ful", ""),
)  # fmt: skip
_STEP_4 = (
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize",
    "al", "er", "ic",
)  # fmt: skip


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of one lower-case English word. Words of up to two letters and words with digits stay as they are."""
    if len(word) <= 2 or not word.isalpha():
        return word
    return _KEPT.get(word) or _stemmed(_CONSONANT_Y.sub(r"\1Y", word)).replace("Y", "y")


def _stemmed(word: str) -> str:
    first = _first_region(word)
    second = _region(word, first)
    word = _plural(word)
    if word in _NO_FORMS:
        return word
    word = _past(word, first)
    if word[-1] in "yY" and len(word) > 2 and word[-2] not in "aeiouy":
        word = word[:-1] + "i"
    word = _replaced(word, _STEP_2, first) if word.endswith(_STEP_2_ENDS) else _adverb(word, first)
    word = _replaced(word, _STEP_3, first)
    if word.endswith("ative") and len(word) - 5 >= second:
        word = word[:-5]
    return _final(_residue(word, second), first, second)


def _first_region(word: str) -> int:
    whole = _WHOLE.match(word)
    return whole.end() if whole else _region(word, 0)


def _region(word: str, start: int) -> int:
    """Where the region after the first vowel and consonant from `start` begins; the word's end if there is none."""
    found = _REGION.search(word, start)
    return found.end() if found else len(word)


def _plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith(("ied", "ies")):
        return word[:-2] if len(word) > 4 else word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")) and _VOWEL.search(word, 0, len(word) - 2):
        return word[:-1]
    return word


def _past(word: str, first: int) -> str:
    for suffix in ("eedly", "eed"):
        if word.endswith(suffix):
            return word[: 2 - len(suffix)] if len(word) - len(suffix) >= first else word
    if len(word) == 5 and word.endswith("ying"):
        return word[0] + "ie"
    for suffix in ("ingly", "edly", "ing", "ed"):
        if word.endswith(suffix):
            rest = word[: -len(suffix)]
            return _mended(rest, first) if _VOWEL.search(rest) else word
    return word


def _mended(rest: str, first: int) -> str:
    """Give back the «e» that «-ed» or «-ing» took, or take away the letter they doubled."""
    if rest.endswith(("at", "bl", "iz")):
        return rest + "e"
    if rest.endswith(_DOUBLES):
        # «added» and «egged» double nothing.
        return rest if len(rest) == 3 and rest[0] in "aeo" else rest[:-1]
    return rest + "e" if len(rest) <= first and _SHORT_ENDING.search(rest) else rest


def _replaced(word: str, table: tuple[tuple[str, str], ...], region: int) -> str:
    """The longest suffix of the table replaced, when it lies in the region."""
    for suffix, instead in table:
        if word.endswith(suffix):
            return word[: -len(suffix)] + instead if len(word) - len(suffix) >= region else word
    return word


def _adverb(word: str, first: int) -> str:
    """Without «-ly» after a consonant that takes it; «-logy» as «-log»."""
    if word.endswith("li") and len(word) - 2 >= first and word[-3] in "cdeghkmnrt":
        return word[:-2]
    return word[:-1] if word.endswith("logi") and len(word) - 3 >= first else word


def _residue(word: str, second: int) -> str:
    for suffix in _STEP_4:
        if word.endswith(suffix):
            return word[: -len(suffix)] if len(word) - len(suffix) >= second else word
    if word.endswith(("sion", "tion")) and len(word) - 3 >= second:
        return word[:-3]
    return word


def _final(word: str, first: int, second: int) -> str:
    if word.endswith("e"):
        at = len(word) - 1
        if at >= second or (at >= first and not _SHORT_ENDING.search(word[:-1])):
            return word[:-1]
    elif word.endswith("ll") and len(word) - 1 >= second:
        return word[:-1]
    return word
