"""What somebody typed, read as words, pairs and phrases, and brought down to what tells listings apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Protocol

from search.analysis import Analysed, analysed
from search.plan import Match, Term
from vocabulary.text import nfc

LONGEST_TEXT = 10_000
"""Characters that are read of a query."""
MOST_WORDS = 64
"""Of a longer text only the heaviest words are asked for, and as many pairs."""

_PHRASE = re.compile(r'"([^"]+)"|“([^“”]+)”|«([^«»]+)»|„([^„“]+)“')

_ENGLISH = (
    "a about an and any are as at be been but by can could did do does for from had has have how i if in into is it "
    "its may might must no not of on or our shall should so such than that the their them then there these they this "
    "those to was we were what when where which while who whom whose why will with would you your"
)
STOP_WORDS = frozenset(_ENGLISH.split())
"""English words that are asked in sentences and never looked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """A text as terms, in order; repeated words are repeated."""

    tokens: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()


class Frequencies(Protocol):
    """How many listings hold each term."""

    def __call__(self, words: Sequence[str], pairs: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        """The number of listings, and of each term that is in the index the number of those that hold it."""


def read(text: str) -> Question:
    """Never fails: an unclosed quotation mark is a mark like any other, and without any word the question is empty."""
    text = nfc(text[:LONGEST_TEXT])
    terms = analysed(text)
    phrases = tuple(words for match in _PHRASE.finditer(text) if (words := _phrase(match)))
    return Question(tuple(terms.tokens), *_without_stop_words(terms), phrases)


def _phrase(match: re.Match[str]) -> tuple[str, ...]:
    return tuple(analysed(next(filter(None, match.groups()))).words)


def _without_stop_words(terms: Analysed) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(terms.words), tuple(terms.pairs)


def weighed(question: Question, frequencies: Frequencies) -> Match:
    """The match that is asked for: the heaviest words and pairs, each with how often it was said."""
    words, pairs = Counter(question.words), Counter(question.pairs)
    if len(words) > MOST_WORDS:
        total, known = frequencies(tuple(words), tuple(pairs))
        words, pairs = _heaviest(words, total, known), _heaviest(pairs, total, known)
    return Match(_terms(words), _terms(pairs), question.phrases, required(len(words)))


def required(words: int) -> int:
    """How many of so many words a listing must hold to be found."""
    return 1


def _terms(counted: Counter[str]) -> tuple[Term, ...]:
    return tuple(Term(text, float(count)) for text, count in counted.items())


def _heaviest(counted: Counter[str], total: int, known: Mapping[str, int]) -> Counter[str]:
    def weight(term: str) -> float:
        return counted[term] * log(1 + (total - known[term] + 0.5) / (known[term] + 0.5))

    heaviest = sorted((term for term in counted if known.get(term)), key=weight, reverse=True)[:MOST_WORDS]
    return Counter({term: counted[term] for term in heaviest})
