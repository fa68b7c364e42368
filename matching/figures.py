"""The figures a listing's texts name, each with its dimension and the words that stand around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from matching.quantities import Quantity, quantities
from matching.sides import asked
from matching.units import DIMENSIONS
from matching.words import placed

READ = 24
"""So many figures of a listing are compared at most, the first ones: a table in words is no description."""
ABOUT = 4
"""So many of the rarest words near a figure say what it is a figure of."""
BEFORE, AFTER = 60, 24
"""Characters around a figure in which these words stand: names mostly come before their figures."""
SAID_BEFORE = 24
"""Characters before a figure in which «ít nhất» or «at most» is said of it."""
_DIGIT = re.compile(r"\d")
SCALE = Decimal(10**12)
"""A nanometre is a whole number of these parts of a metre."""


class Figure(NamedTuple):
    """`low` to `high` in whole parts of the first unit of its dimension, `typed` as its author wrote it.

    `bound` is `>=` or `<=` where the author says so, else empty; `about` the rarest words near it.
    """

    low: int
    high: int
    bound: str
    about: frozenset[str]
    typed: str


Figures = Mapping[str, tuple[Figure, ...]]
"""Dimension -> the figures of it, in the order of the text."""


def figures(sentences: Iterable[str], language: str, weights: Mapping[str, int]) -> Figures:
    """The figures of these sentences whose dimension is known; money is left to the price."""
    found: dict[str, tuple[Figure, ...]] = {}
    count = 0
    for sentence in sentences:
        for named in _named(sentence, language):
            heaviest = sorted(named.near, key=lambda word: (-weights[word], word))[:ABOUT]
            figure = Figure(named.low, named.high, named.bound, frozenset(heaviest), named.typed)
            found[named.dimension] = (*found.get(named.dimension, ()), figure)
            count += 1
            if count == READ:
                return found
    return found


def named(figures: Figures) -> list[str]:
    """All of them as they were typed."""
    return [figure.typed for same in figures.values() for figure in same]


class _Named(NamedTuple):
    dimension: str
    low: int
    high: int
    bound: str
    near: tuple[str, ...]
    typed: str


@lru_cache(maxsize=8_192)
def _named(sentence: str, language: str) -> tuple[_Named, ...]:
    """What does not depend on how rare words are, kept beside the sentence."""
    if not _DIGIT.search(sentence):
        return ()
    found = quantities(sentence, language)
    meant = [one for one in found if _meant(one)]
    words = placed(sentence, language) if meant else []
    return tuple(_read(one, sentence, words, found) for one in meant)


def _meant(one: Quantity) -> bool:
    """Of a known dimension that is not money."""
    measured = not DIMENSIONS.isdisjoint(one.dimension.split("/"))
    return measured and not one.dimension.startswith(("money", "dollars"))


def _read(
    one: Quantity, sentence: str, words: Iterable[tuple[str, int, int]], found: Iterable[Quantity]
) -> _Named:
    before = max((other.end for other in found if other.end <= one.start), default=0)
    said = sentence[max(before, one.start - SAID_BEFORE) : one.start]
    side = asked(said).side
    return _Named(
        one.dimension,
        int(one.low * SCALE),
        int(one.high * SCALE),
        side and f"{side[0]}=",
        tuple(dict.fromkeys(_near(one, words))),
        sentence[one.start : one.end].strip(),
    )


def _near(one: Quantity, words: Iterable[tuple[str, int, int]]) -> Iterator[str]:
    for word, start, end in words:
        before, after = one.start - BEFORE <= start < one.start, one.end <= start and end <= one.end + AFTER
        if (before or after) and not word.isdigit():
            yield word
