"""Text cut into the terms that both engines index and ask for.

All of it happens here and not in the engines: Tantivy has no shingle filter and cannot be taught one, and what two
engines each do in their own way can never be made equal. They only split at spaces what is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from vocabulary.stemming import stem
from vocabulary.syllables import one_spelling
from vocabulary.text import fold, folded, pairs, tokens
from vocabulary.unspaced import is_lettered, is_unspaced

LONGEST_TERM = 80
"""Characters. Longer runs are no words, and Tantivy drops silently what is above 65,530 bytes."""
MOST_REMEMBERED = 65_536


@dataclass(frozen=True, slots=True)
class Analysed:
    """A text as terms. `words` keep their order; `tokens` are what was written, for corrections."""

    tokens: list[str]
    words: list[str]
    pairs: list[str]


@dataclass(frozen=True, slots=True)
class Indexed:
    """The terms as an index is given them, parted by blanks; `spellings` are the folded tokens that are not their own
    stems, and `written` the words of a text with marks in their one spelling, in any order."""

    words: str
    pairs: str
    spellings: set[str]
    written: set[str]


def analysed(text: str) -> Analysed:
    """The words of a text, and its neighbours in pairs.

    Of scripts written without spaces the words are the single characters, and the pairs those of characters.
    """
    found = tokens(text)
    if is_unspaced(text):
        return _unspaced(found)
    words = list(map(word, found))
    return Analysed(found, words, pairs(words))


def indexed(text: str) -> Indexed:
    """The same of a text that is to be indexed: of its hundreds of tokens none is looked at by itself."""
    found = folded(text)
    if found is None:
        terms = analysed(text)
        spellings = {_SPELLINGS[fold(token)] for token in terms.tokens} - {""}
        return Indexed(" ".join(terms.words), " ".join(terms.pairs), spellings, _written(text))
    words = list(map(_TERMS.__getitem__, found))
    # Every inner word ends a pair and begins the next: joined by «_», words said twice are pairs parted by blanks.
    inner = map(_TWICE.__getitem__, found[1:-1])
    pairs = "_".join((words[0], *inner, words[-1])) if len(words) > 1 else ""
    spellings = set(map(_SPELLINGS.__getitem__, found)) - {""}
    return Indexed(" ".join(words), pairs, spellings, _written(text))


def _written(text: str) -> set[str]:
    return set() if text.isascii() else set(map(_WRITTEN.__getitem__, tokens(text)))


@lru_cache(maxsize=65_536)
def word(token: str) -> str:
    """A token as it is indexed: folded and cut to its English stem. Vietnamese syllables have no ending to lose."""
    return _TERMS[fold(token)]


def spelling(token: str) -> str:
    """A token as the field `written` holds it: with its marks, in its one spelling, and cut as a word is."""
    return _WRITTEN[token]


class _Remembered(dict[str, str]):
    """Token -> what a rule makes of it. A listing asks for hundreds, and an `lru_cache` takes twice as long."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, token: str) -> str:
        made = self._rule(token)
        if len(token) <= LONGEST_TERM:  # Longer ones are seen once.
            if len(self) == MOST_REMEMBERED:
                self.clear()
            self[token] = made
        return made


def _spelled(token: str) -> str:
    """The token, where its stem is something else; empty where the word is indexed as it is written."""
    written = token[:LONGEST_TERM]
    return written if written != _TERMS[token] else ""


_TERMS = _Remembered(lambda token: stem(token[:LONGEST_TERM]))
_TWICE = _Remembered(lambda token: f"{_TERMS[token]} {_TERMS[token]}")
_SPELLINGS = _Remembered(_spelled)
_WRITTEN = _Remembered(lambda token: one_spelling(token)[:LONGEST_TERM])


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
    for length in (2, 3) if is_lettered(run) else (2,):
        yield from (run[start : start + length] for start in range(len(run) - length + 1))
