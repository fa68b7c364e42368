"""Which language a text is in."""

from __future__ import annotations

import re

from vocabulary.text import fold, nfc, tokens

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
