"""What the words of one listing have in common with those of many: `overlap` of each, in arrays and at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.meaning import likeness
from matching.overlap import MENTIONED, Overlap, close
from matching.prepared import REMEMBERED, Prepared

Numbers = NDArray[np.integer]

_LOW = (1 << 16) - 1
"""So many low bits of a term's number find its place among those of one listing, bar one or two that share them."""

TOGETHER = 32
"""So many are met at once: their arrays stay in the cache, and so small that the memory allocator keeps them at hand. 300 at
once cost twice as much, most of it in page faults."""


def overlaps(demands: Sequence[Prepared], offers: Sequence[Prepared]) -> Iterator[Overlap]:
    """Of one demand and each of these offers, or of each of these demands and one offer, in their order."""
    for start in range(0, max(len(demands), len(offers)), TOGETHER):
        some = slice(start, start + TOGETHER)
        yield from _of_some(
            demands if len(demands) == 1 else demands[some], offers if len(offers) == 1 else offers[some]
        )


def _of_some(demands: Sequence[Prepared], offers: Sequence[Prepared]) -> Iterator[Overlap]:
    asking, offering = [_asking(one) for one in demands], [_offering(one) for one in offers]
    text, heading, telling = _met([one.asked for one in asking], [one.said for one in offering])
    (opening,) = _met([one.used for one in asking], [one.heading for one in offering])
    met = zip(text, heading, telling, opening, product(demands, offers), strict=True)
    for in_text, in_heading, told, opened, (demand, offer) in met:
        sense = likeness(demand.profile.embedding, offer.profile.embedding)
        yield Overlap(in_text, in_heading, told, opened, close(demand, offer), sense)


class Terms(NamedTuple):
    """Terms by their numbers, and what each of them brings to each part of an overlap.

    A term's number is its hash, which lives as long as the process and is never written down: of two terms in 2^64 one is
    taken for another.
    """

    numbers: Numbers
    parts: Numbers


class _Asking(NamedTuple):
    """A demand: what its text, its heading and its telling terms bring, and all its words, which count one."""

    asked: Terms
    used: Terms


class _Offering(NamedTuple):
    """An offer: how much it says a word for a demand's text and heading, and one for its telling terms; its own heading."""

    said: Terms
    heading: Terms


@lru_cache(maxsize=REMEMBERED)
def _asking(demand: Prepared) -> _Asking:
    asked = (demand.text.terms, demand.heading.terms, demand.telling.terms)
    used = Terms(_numbers(demand.words), np.ones((1, len(demand.words)), np.int8))
    return _Asking(_terms(dict.fromkeys(chain(*asked)), *asked), used)


@lru_cache(maxsize=REMEMBERED)
def _offering(offer: Prepared) -> _Offering:
    thousandths = 1_000 * np.fromiter(offer.words.values(), np.int64, len(offer.words))
    said = MENTIONED * thousandths // (thousandths + offer.pace)
    parts = np.stack((said, said, np.ones_like(said))).astype(np.int16)
    return _Offering(Terms(_numbers(offer.words), parts), _terms(offer.heading.terms, offer.heading.terms))


def _terms(terms: Collection[str], *parts: Mapping[str, int]) -> Terms:
    rows = [[part.get(term, 0) for term in terms] for part in parts]
    return Terms(_numbers(terms), np.array(rows, np.int64))


def _numbers(terms: Collection[str]) -> Numbers:
    return np.fromiter(map(hash, terms), np.int64, len(terms))


def _met(left: Sequence[Terms], right: Sequence[Terms]) -> list[list[int]]:
    """For each part, for each of the many: the sum, over the terms it has in common with the one, of the product of both.

    One of the two sides is a single listing. Sums stay below 2^53, where floats are exact in any order.
    """
    many, one = (left, right[0]) if len(right) == 1 else (right, left[0])
    if not len(one.numbers):
        return [[0] * len(many)] * len(one.parts)
    found, place = _common(np.concatenate([terms.numbers for terms in many]), one.numbers)
    rows = np.repeat(np.arange(len(many)), [len(terms.numbers) for terms in many])[found]
    theirs = np.concatenate([terms.parts for terms in many], axis=1)[:, found]
    products = theirs * one.parts[:, place]
    return [np.bincount(rows, part, len(many)).astype(np.int64).tolist() for part in products]


def _common(numbers: Numbers, sought: Numbers) -> tuple[Numbers, Numbers]:
    """Where in `numbers` a sought one stands, and where in `sought` that is."""
    places = np.arange(len(sought), dtype=np.min_scalar_type(len(sought)))
    table = np.zeros(_LOW + 1, places.dtype)
    table[sought & _LOW] = places
    place = table[numbers & _LOW]
    found = np.flatnonzero(sought[place] == numbers)
    met = [(found, place[found])]
    for hidden in np.flatnonzero(table[sought & _LOW] != places):
        found = np.flatnonzero(numbers == sought[hidden])
        met.append((found, np.full_like(found, hidden)))
    return np.concatenate([one for one, _ in met]), np.concatenate([other for _, other in met])
