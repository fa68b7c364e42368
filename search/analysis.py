"""Text cut into the terms that both engines index and ask for.

All of it happens here and not in the engines: Tantivy has no shingle filter and cannot be taught one, and what two
engines each do in their own way can never be made equal. They only split at spaces what is written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from vocabulary.stemming import stem
from vocabulary.text import fold, is_unspaced, pairs, tokens

_ALPHABETIC = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Thai, Lao, Myanmar and Khmer: written without spaces, but in letters. Measured in docs/matching.md."""
LONGEST_TERM = 80
"""Characters. Longer runs are no words, and Tantivy drops silently what is above 65,530 bytes."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """A text as terms. `words` keep their order; `tokens` are what was written, for spellings and highlights."""

    tokens: list[str]
    words: list[str]
    pairs: list[str]


def analysed(text: str) -> Analysed:
    """The words of a text, and its neighbours in pairs.

    Of scripts written without spaces the words are the single characters, and the pairs those of characters.
    """
    found = tokens(text)
    if is_unspaced(text):
        return _unspaced(found)
    words = list(map(word, found))
    return Analysed(found, words, pairs(words))


@lru_cache(maxsize=65_536)
def word(token: str) -> str:
    """A token as it is indexed: folded and cut to its English stem. Vietnamese syllables have no ending to lose."""
    return stem(fold(token[:LONGEST_TERM]))


@lru_cache(maxsize=65_536)
def spelling(token: str) -> str:
    """The token folded, where its stem is something else; empty where the word is indexed as it is written."""
    written = fold(token[:LONGEST_TERM])
    return written if written != word(token) else ""


def runs(token: str) -> Iterator[tuple[bool, str]]:
    """The token, parted where the script changes («5G技术» is two), and whether each part is unspaced."""
    for unspaced, characters in groupby(token, key=is_unspaced):
        yield unspaced, "".join(characters)


def _unspaced(found: list[str]) -> Analysed:
    words: list[str] = []
    joined: list[str] = []
    for token in found:
        for unspaced, run in runs(token):
            if unspaced:
                run = fold(run)
                words.extend(run)
                joined.extend(_joined(run))
            elif spelled := word(run):  # A soft hyphen alone is folded to nothing.
                words.append(spelled)
    return Analysed(found, words, joined)


def _joined(run: str) -> Iterator[str]:
    """Neighbouring characters: two of them, and also three where a character is a letter and two are no word yet."""
    for length in (2, 3) if _ALPHABETIC.match(run) else (2,):
        yield from (run[start : start + length] for start in range(len(run) - length + 1))
