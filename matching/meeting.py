"""What the words of one listing have in common with those of many: `overlap` of each, in arrays and at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.meaning import closenesses, likeness
from matching.numbered import IN_HEADING, IN_TELLING, IN_TEXT, IN_WORDS, Row
from matching.overlap import MENTIONED, Common, Overlap
from matching.prepared import Prepared

Many = Sequence[Prepared]

_LOW = (1 << 16) - 1
"""So many low bits of a term's number find its place among those of one listing, bar one or two that share them."""

TOGETHER = 64
"""So many are met at once: their arrays stay in the cache, and so small that the memory allocator keeps them at hand. 300 at
once cost twice as much, most of it in page faults."""


def overlaps(demands: Many, offers: Many) -> Iterator[Overlap]:
    """Of one demand and each of these offers, or of each of these demands and one offer, in their order."""
    for asking, offering in _parts(demands, offers):
        words = _weighed(asking, offering)
        yield from map(Overlap, *words, _meanings(asking, offering), _senses(asking, offering))


def commons(demands: Many, offers: Many) -> Iterator[Common]:
    """How many terms they have in common, in the same order."""
    for asking, offering in _parts(demands, offers):
        yield from map(Common, *_counted(asking, offering))


def _parts(demands: Many, offers: Many) -> Iterator[tuple[Many, Many]]:
    for start in range(0, max(len(demands), len(offers)), TOGETHER):
        some = slice(start, start + TOGETHER)
        yield demands if len(demands) == 1 else demands[some], offers if len(offers) == 1 else offers[some]


def _weighed(demands: Many, offers: Many) -> tuple[list[int], ...]:
    """The parts of `Overlap` that words make up, of each pair."""
    asking, offering = [one.arrays for one in demands], [one.arrays for one in offers]
    met = _met([one.numbers for one in asking], [one.numbers for one in offering])
    counts = 1e3 * met.said([one.counts for one in offering])
    # As `overlap.mentions` has it; a term of an offer's heading is in its words, too, unless somebody made it up.
    mentions = np.floor(
        MENTIONED * counts / np.maximum(1, counts + met.of_pair([one.pace for one in offers]))
    )
    used = met.asked([one.belongs for one in asking]) & IN_WORDS > 0
    return (
        met.sums(met.asked([one.text for one in asking]) * mentions),
        met.sums(met.asked([one.heading for one in asking]) * mentions),
        met.sums(met.asked([one.telling for one in asking]) * (counts > 0)),
        met.sums(met.said([one.heading for one in offering]) * used),
    )


def _counted(demands: Many, offers: Many) -> tuple[list[int], ...]:
    """The parts of `Common` of each pair."""
    asking, offering = [one.arrays for one in demands], [one.arrays for one in offers]
    met = _met([one.numbers for one in asking], [one.numbers for one in offering])
    asked, said = met.asked([one.belongs for one in asking]), met.said([one.belongs for one in offering])
    parts = [(asked & part > 0) & (said & IN_WORDS > 0) for part in (IN_TEXT, IN_HEADING, IN_TELLING)]
    return tuple(met.sums(part) for part in (*parts, (asked & IN_WORDS > 0) & (said & IN_HEADING > 0)))


def _meanings(demands: Many, offers: Many) -> list[int | None]:
    """As `overlap.close` has it."""
    many, one = (offers, demands[0]) if len(demands) == 1 else (demands, offers[0])
    found: list[int | None] = [None] * len(many)
    vectors = {n: other.meaning for n, other in enumerate(many) if other.language == one.language}
    known = {n: vector for n, vector in vectors.items() if vector is not None}
    if known and one.meaning is not None:
        for n, near in zip(known, closenesses(one.meaning, np.array(list(known.values()))), strict=True):
            found[n] = near
    return found


def _senses(demands: Many, offers: Many) -> list[int | None]:
    return [
        likeness(demand.profile.embedding, offer.profile.embedding)
        for demand, offer in product(demands, offers)
    ]


class _Met(NamedTuple):
    """Every term that the two of a pair have in common: the number of the pair, the term's place among all terms of the
    demands and its place among all terms of the offers, one listing behind the other."""

    pairs: int
    pair: Row
    in_demands: Row
    in_offers: Row

    def asked(self, rows: Sequence[Row]) -> Row:
        """Of each common term what these rows, one for each demand, say of it."""
        return _behind_one_another(rows)[self.in_demands]

    def said(self, rows: Sequence[Row]) -> Row:
        return _behind_one_another(rows)[self.in_offers]

    def of_pair(self, values: Sequence[int]) -> Row:
        """Of each common term what these values, one for each pair or one for all, say of its pair."""
        found: Row = np.array(values)[self.pair if len(values) > 1 else [0]]
        return found

    def sums(self, values: NDArray[np.integer | np.bool]) -> list[int]:
        """The sum of each pair. Sums stay below 2^53, where floats are exact in any order."""
        found: list[int] = np.bincount(self.pair, values, self.pairs).astype(np.int64).tolist()
        return found


def _behind_one_another(rows: Sequence[Row]) -> Row:
    return rows[0] if len(rows) == 1 else np.concatenate(rows)


def _met(demands: Sequence[Row], offers: Sequence[Row]) -> _Met:
    """One of the two sides is a single listing."""
    many, one = (offers, demands[0]) if len(demands) == 1 else (demands, offers[0])
    found, place = _common(_behind_one_another(many), one)
    pair = np.repeat(np.arange(len(many)), [len(numbers) for numbers in many])[found]
    return _Met(len(many), pair, *((place, found) if len(demands) == 1 else (found, place)))


def _common(numbers: Row, sought: Row) -> tuple[Row, Row]:
    """Where in `numbers` a sought one stands, and where in `sought` that is."""
    if not len(sought):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
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
