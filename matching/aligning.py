"""A term table learned from parallel texts: sentences beside their translations, nothing else.

IBM model 1 (Brown and others, «The Mathematics of Statistical Machine Translation», 1993) in both directions at once:
each round only what both directions agree on is believed (Liang, Taskar and Klein, «Alignment by Agreement», 2006).
Units are words and pairs of neighbours, for a Vietnamese word is mostly two syllables. Sentences are sorted first and
weights are thousandths, so the same texts in any order give the same table.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matching.words import is_pair, placed
from vocabulary.bilingual import FULL, Entry, TermTable, form
from vocabulary.text import nfc

ROUNDS = 4
"""Of expectation and maximisation. Two are too few; from six on what is rare is bound to whatever stood beside it."""
NOTHING = 0.25
"""What stands for «this word has no counterpart», against the commonness of each word: keeps small words from binding
all that is rare."""
LEAST = 0.03
"""Weights below are noise: without them a table of 952 sentences has half as many entries and is as good."""
TWICE = 2
"""A pair of neighbours must be met so often: most that were met once are no term, and they are nine tenths of all."""
MOST_SENSES = 20
"""Counterparts kept of one unit, the heaviest."""
SHARPNESS = 0.75
"""The weight is (p·q) to this power, p and q being the probabilities both ways. At ½, their geometric mean, many weak
counterparts together outweigh a strong one; measured in docs/matching.md."""
MOST_CELLS = 24_000_000
"""Pairs of units looked at, about 1 GB: some 10,000 sentences. Of more texts the shortest are learned from."""

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Side:
    """All sentences of one language as units, and how people mostly write each of them."""

    language: str
    units: tuple[str, ...]
    sentences: tuple[Numbers, ...]
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Cells:
    """Every unit beside every unit of the other side of its sentence, all sentences after one another.

    `pair` numbers the two units, `one` and `other` are the places of both in the texts.
    """

    pair: Numbers
    one: Numbers
    other: Numbers
    units_one: Numbers
    """Of each numbered pair the unit of the first language; `units_other` likewise."""
    units_other: Numbers


def learned(texts: Iterable[tuple[str, str]], languages: tuple[str, str]) -> TermTable:
    """The table of these (text, its translation); empty when there are none."""
    chosen = _affordable(sorted({(nfc(one), nfc(other)) for one, other in texts}))
    one = _side([each for each, _ in chosen], languages[0])
    other = _side([each for _, each in chosen], languages[1])
    if not one.units or not other.units:
        return TermTable()
    cells = _cells(one, other)
    forth, back = _agreed(cells, len(one.units), len(other.units))
    return TermTable(tuple(_entries(one, other, cells, (forth * back) ** SHARPNESS)))


def _affordable(texts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """As many as memory allows, the shortest first, for what stands in a short one is the surer."""
    cost = [4 * (len(one.split()) + 1) * (len(other.split()) + 1) for one, other in texts]
    order = sorted(range(len(texts)), key=lambda n: (cost[n], n))
    spent = np.cumsum([cost[n] for n in order])
    return [texts[n] for n, so_far in zip(order, spent, strict=True) if so_far <= MOST_CELLS]


def _side(texts: Sequence[str], language: str) -> _Side:
    found: list[list[str]] = []
    typed: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        read = _written(text, language)
        for unit, spelling in read:
            typed[unit][spelling] += 1
        found.append(list(dict.fromkeys(unit for unit, _ in read)))
    units = tuple(sorted(unit for unit in typed if not is_pair(unit) or typed[unit].total() >= TWICE))
    number = {unit: n for n, unit in enumerate(units)}
    sentences = tuple(
        np.array([number[unit] for unit in each if unit in number], dtype=np.int64) for each in found
    )
    return _Side(language, units, sentences, {unit: _mostly(unit, typed[unit], language) for unit in units})


def _written(text: str, language: str) -> list[tuple[str, str]]:
    """The words of a text and the pairs of neighbours, each as a unit and as it is written there."""
    words = [(word, text[start:end].lower()) for word, start, end in placed(text, language)]
    return words + [(f"{a}_{b}", f"{one} {other}") for (a, one), (b, other) in pairwise(words)]


def _mostly(unit: str, written: Counter[str], language: str) -> str:
    """The spelling seen most, of those that are read back as this unit."""
    spellings = sorted(written, key=lambda each: (-written[each], each))
    return next((each for each in spellings if form(each, language) == (unit,)), "")


def _cells(one: _Side, other: _Side) -> _Cells:
    left, right, place_left, place_right = [], [], [], []
    seen_left = seen_right = 0
    for mine, theirs in zip(one.sentences, other.sentences, strict=True):
        left.append(np.repeat(mine, len(theirs)))
        right.append(np.tile(theirs, len(mine)))
        place_left.append(np.repeat(np.arange(seen_left, seen_left + len(mine)), len(theirs)))
        place_right.append(np.tile(np.arange(seen_right, seen_right + len(theirs)), len(mine)))
        seen_left, seen_right = seen_left + len(mine), seen_right + len(theirs)
    joined = np.concatenate(left) * len(other.units) + np.concatenate(right)
    numbered, pair = np.unique(joined, return_inverse=True)
    return _Cells(
        pair.astype(np.int64),
        np.concatenate(place_left),
        np.concatenate(place_right),
        *np.divmod(numbered, len(other.units)),
    )


def _agreed(cells: _Cells, ones: int, others: int) -> tuple[Floats, Floats]:
    """For every pair of units the probability of the second given the first, and of the first given the second."""
    seen: Floats = np.bincount(cells.pair).astype(np.float64)
    forth, back = _shares(seen, cells.units_one, ones), _shares(seen, cells.units_other, others)
    common_one, common_other = _common(seen, cells.units_one, ones), _common(seen, cells.units_other, others)
    for _ in range(ROUNDS):
        believed = _posterior(forth[cells.pair], cells.other, common_other[cells.units_other[cells.pair]])
        believed *= _posterior(back[cells.pair], cells.one, common_one[cells.units_one[cells.pair]])
        count = _summed(cells.pair, believed, len(seen))
        forth, back = _shares(count, cells.units_one, ones), _shares(count, cells.units_other, others)
    return forth, back


def _posterior(probability: Floats, place: Numbers, nothing: Floats) -> Floats:
    """How likely each cell explains the unit at its place, beside the others of the sentence and beside nothing."""
    posterior: Floats = probability / (_summed(place, probability)[place] + nothing)
    return posterior


def _shares(count: Floats, unit: Numbers, units: int) -> Floats:
    """The counts of every unit brought to sum to 1."""
    together = _summed(unit, count, units)[unit]
    shares: Floats = np.divide(count, together, out=np.zeros_like(count), where=together > 0)
    return shares


def _common(seen: Floats, unit: Numbers, units: int) -> Floats:
    """The probability that a unit has no counterpart, taken from its own share of all."""
    counted = _summed(unit, seen, units)
    common: Floats = NOTHING * counted / counted.sum()
    return common


def _summed(number: Numbers, values: Floats, least: int = 0) -> Floats:
    """The sum of the values that have the same number."""
    return np.bincount(number, values, least).astype(np.float64)


def _entries(one: _Side, other: _Side, cells: _Cells, weights: Floats) -> Iterable[Entry]:
    """The entries heavy enough, at most `MOST_SENSES` of a unit seen from either side."""
    heavy = np.flatnonzero(weights >= LEAST)
    order = heavy[np.argsort(-weights[heavy], kind="stable")]
    of_one: Counter[int] = Counter()
    of_other: Counter[int] = Counter()
    for cell in order.tolist():
        mine, theirs = int(cells.units_one[cell]), int(cells.units_other[cell])
        of_one[mine] += 1
        of_other[theirs] += 1
        if min(of_one[mine], of_other[theirs]) > MOST_SENSES:
            continue
        terms = one.typed[one.units[mine]], other.typed[other.units[theirs]]
        weight = round(FULL * float(weights[cell]))
        if all(terms) and weight:
            yield Entry((one.language, other.language), terms, weight, "learned")
