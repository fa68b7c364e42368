"""Text as terms: the only form in which the scorer compares two listings.

A term is a folded word («độ» is `do`), in English its stem and never a stop word; or two neighbouring words,
as in `do_man`. Vietnamese writes one word as several syllables, so pairs are where its meaning stands, and
English gains from them too (`heat_pump` is neither heat nor a pump). In scripts written without spaces runs of
characters stand for words, and shorter runs for pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from vocabulary.detecting import detect_language
from vocabulary.stemming import stem
from vocabulary.text import fold, pairs, placed_tokens, tokens
from vocabulary.unspaced import character_runs, is_unspaced

_LISTED = """
a about above after again against all also am an and any are as at be because been before being below between
both but by can could did do does doing down during each few for from further had has have having he her here
hers him his how i if in into is it its itself just may me might more most must my no nor not of off on once
only or other our ours out over own same shall she should so some such than that the their them then there
these they this those through to too under until up upon us very was we were what when where which while who
whom why will with within without would you your
"""
STOP_WORDS = frozenset(_LISTED.split())
"""English words that say nothing about a technology. Vietnamese has no such list here: folded, its small
words are also other words (`cua` is «của», of, and «cua», crab), and rarity weighs them down without one."""


def words(text: str, language: str) -> list[str]:
    """The single words of `text` in their order, folded; in English stemmed and without stop words."""
    found = tokens(fold(text))
    if is_unspaced(text):
        found = [
            part for token in found for part in (character_runs(token) if is_unspaced(token) else (token,))
        ]
    if language == "en":
        return [stem(token) for token in found if token not in STOP_WORDS]
    return found


def placed(text: str, language: str) -> list[tuple[str, int, int]]:
    """The words of `text` with the place each has in it as it is typed: (word, start, end).

    `language` counts only where the text itself does not tell which one it is in.
    """
    return placed_in(text, detect_language(text) or language)


def placed_in(text: str, language: str) -> list[tuple[str, int, int]]:
    """The same, of a text in this language."""
    return [
        (word, start, end) for token, start, end in placed_tokens(text) for word in words(token, language)
    ]


def terms(text: str, language: str) -> list[str]:
    """The words of `text`, then what stands beside them."""
    single = words(text, language)
    return single + beside(single)


def beside(single: list[str]) -> list[str]:
    """What stands beside the words of a text: the pairs of neighbours; in scripts without spaces the shorter runs of
    characters, `_` before each."""
    if "".join(single).isascii():
        return pairs(single)
    spaced = (pair for pair in pairwise(single) if not any(map(is_unspaced, pair)))
    return [*_shorter(single), *map("_".join, spaced)]


def _shorter(single: list[str]) -> Iterator[str]:
    """Each once: runs overlap. Of the beginning of a text they are among those of the whole."""
    for former, word in pairwise(["", *single]):
        if len(word) > 1 and is_unspaced(word):
            if not former.endswith(word[:-1]):
                yield f"_{word[:-1]}"
            yield f"_{word[1:]}"


def is_pair(term: str) -> bool:
    """Whether a term stands beside the words: it repeats what these have said already."""
    return "_" in term
