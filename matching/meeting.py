"""What the words of one listing have in common with those of many: `overlap` of each, in arrays and at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.meaning import likeness
from matching.overlap import MENTIONED, Overlap, Shared, close
from matching.prepared import REMEMBERED, Prepared

Numbers = NDArray[np.int64]

_SIEVE = (1 << 16) - 1
"""So many low bits of a term's number tell at once that most words of one listing are not among those of another."""


def overlaps(demands: Sequence[Prepared], offers: Sequence[Prepared]) -> Iterator[Overlap]:
    """Of one demand and each of these offers, or of each of these demands and one offer, in their order."""
    asking, offering = [_numbered(one) for one in demands], [_numbered(one) for one in offers]
    said, used = [one.said for one in offering], [one.used for one in offering]
    shared = zip(
        _met([one.text for one in asking], said),
        _met([one.heading for one in asking], said),
        _met([one.telling for one in asking], used),
        _met([one.used for one in asking], [one.heading for one in offering]),
        strict=True,
    )
    for common, (demand, offer) in zip(shared, product(demands, offers), strict=True):
        sense = likeness(demand.profile.embedding, offer.profile.embedding)
        yield Overlap(*common, close(demand, offer), sense)


class Terms(NamedTuple):
    """Terms by their numbers, which ascend, each with what it weighs. A term's number is its hash, which lives as long as
    the process and is never written down: of two terms in 2^64 one is taken for another."""

    numbers: Numbers
    weights: Numbers


class _Numbered(NamedTuple):
    """A listing's terms as numbers: `said` weighed by how much it says them, in thousandths, `used` all by one."""

    said: Terms
    used: Terms
    text: Terms
    heading: Terms
    telling: Terms


@lru_cache(maxsize=REMEMBERED)
def _numbered(prepared: Prepared) -> _Numbered:
    words = _terms(prepared.words)
    thousandths = 1_000 * words.weights
    return _Numbered(
        said=Terms(words.numbers, MENTIONED * thousandths // (thousandths + prepared.pace)),
        used=Terms(words.numbers, np.ones_like(words.numbers)),
        text=_terms(prepared.text.terms),
        heading=_terms(prepared.heading.terms),
        telling=_terms(prepared.telling.terms),
    )


def _terms(weights: Mapping[str, int]) -> Terms:
    numbers = np.fromiter(map(hash, weights), np.int64, len(weights))
    order = np.argsort(numbers)
    return Terms(numbers[order], np.fromiter(weights.values(), np.int64, len(weights))[order])


def _met(left: Sequence[Terms], right: Sequence[Terms]) -> list[Shared]:
    """For each of the many: the sum, over the terms it has in common with the one, of the product of both weights.

    One of the two sides is a single listing. Sums stay below 2^53, where floats are exact in any order.
    """
    many, one = (left, right[0]) if len(right) == 1 else (right, left[0])
    if not len(one.numbers):
        return [Shared(0, 0)] * len(many)
    numbers = np.concatenate([terms.numbers for terms in many])
    near = _sieved(numbers, one.numbers)
    found, place = _common(numbers[near], one.numbers)
    found = near[found]
    rows = np.repeat(np.arange(len(many)), [len(terms.numbers) for terms in many])[found]
    products = np.concatenate([terms.weights for terms in many])[found] * one.weights[place]
    weights = np.bincount(rows, products, len(many)).astype(np.int64).tolist()
    return list(map(Shared, weights, np.bincount(rows, minlength=len(many)).tolist()))


def _sieved(numbers: Numbers, sought: Numbers) -> Numbers:
    """Where in `numbers` one may stand that is sought: most do not, and their low bits tell."""
    marked = np.zeros(_SIEVE + 1, np.bool_)
    marked[sought & _SIEVE] = True
    return np.flatnonzero(marked[numbers & _SIEVE])


def _common(numbers: Numbers, sought: Numbers) -> tuple[Numbers, Numbers]:
    """Where in `numbers` a sought one stands, and where in `sought` that is."""
    place = sought.searchsorted(numbers)
    found = (sought.take(place, mode="clip") == numbers).nonzero()[0]
    return found, place[found]
