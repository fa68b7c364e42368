"""Where the terms of listings meet: the one loop over words, done in arrays for one listing beside many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

_SIEVE = (1 << 16) - 1
"""So many low bits of a term's number tell at once that most words of one listing are not among those of another."""


class Terms(NamedTuple):
    """Terms by their numbers, each with what it weighs. A term's number is its hash, which lives as long as the process
    and is never written down: of two terms in 2^64 one is taken for another."""

    numbers: Numbers
    weights: Numbers


class Shared(NamedTuple):
    """Of some weighted terms those the other side uses, too: what they weigh together, and how many they are."""

    weight: int
    terms: int


def numbered(weights: Mapping[str, int]) -> Terms:
    """These terms with their weights."""
    count = len(weights)
    return Terms(
        np.fromiter(map(hash, weights), np.int64, count), np.fromiter(weights.values(), np.int64, count)
    )


def counted_once(terms: Terms) -> Terms:
    """The same terms, all of weight one."""
    return Terms(terms.numbers, np.broadcast_to(np.int64(1), terms.numbers.shape))


def met(left: Sequence[Terms], right: Sequence[Terms]) -> list[Shared]:
    """For each of the many: the sum, over the terms it has in common with the one, of the product of both weights.

    One of the two sides is a single listing. Sums stay below 2^53, where floats are exact in any order.
    """
    many, one = (left, right[0]) if len(right) == 1 else (right, left[0])
    numbers = np.concatenate([terms.numbers for terms in many])
    found, place = _common(numbers, one.numbers)
    rows = np.repeat(np.arange(len(many)), [len(terms.numbers) for terms in many])[found]
    products = np.concatenate([terms.weights for terms in many])[found] * one.weights[place]
    weights = np.bincount(rows, products, len(many)).astype(np.int64).tolist()
    return list(map(Shared, weights, np.bincount(rows, minlength=len(many)).tolist()))


def _common(numbers: Numbers, sought: Numbers) -> tuple[Numbers, Numbers]:
    """Where in `numbers` a sought one stands, and where in `sought` that is."""
    if not len(sought):
        return sought, sought
    marked = np.zeros(_SIEVE + 1, np.bool_)
    marked[sought & _SIEVE] = True
    near = np.flatnonzero(marked[numbers & _SIEVE])
    order = np.argsort(sought)
    place = order[np.searchsorted(sought, numbers[near], sorter=order) % len(sought)]
    same = sought[place] == numbers[near]
    return near[same], place[same]
