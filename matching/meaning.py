"""Meaning beyond words: each term as a place in a space of some hundred dimensions, each listing as a direction in it.

Terms that are used in the same company lie near each other («shrimp» and «pond»), so two listings may point the same
way without a word in common. `matching.latent` learns the space from the exchange's own listings; here it is only
used, in whole numbers throughout: sums of products stay below 2^53, so that float arithmetic is exact in any order and
no two machines differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from matching.damping import DAMPED
from matching.rating import FULL

LENGTH = 2_048
"""Of every listing's vector. Its square is below 2^24, so that even products in single precision are exact."""
_FINE = 1 << 20
"""To so many steps a sum is brought before it is squared."""

Vector = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Meaning:
    """The space: `rows` holds a direction for each of `terms` in 127ths, `scales` how far the term pulls."""

    terms: tuple[str, ...]
    rows: NDArray[np.int8]
    scales: NDArray[np.int32]
    index: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", {term: place for place, term in enumerate(self.terms)})

    def vector(self, words: Mapping[str, int]) -> Vector | None:
        """The direction of a text, given its terms with their counts; None when the space knows none of them."""
        known = words.keys() & self.index.keys()
        if not known:
            return None
        places = np.fromiter(map(self.index.__getitem__, known), np.intp, len(known))
        counts = map(words.__getitem__, known)
        damped = np.fromiter(map(DAMPED.__getitem__, counts), np.float64, len(known))
        return _unit(np.dot(self.scales[places] * damped, self.rows[places].astype(np.float64)))

    def nearest(self, among: Iterable[str], other: Vector, count: int) -> list[str]:
        """The terms that pull most towards another listing's direction, strongest first."""
        known = [term for term in among if term in self.index]
        places = [self.index[term] for term in known]
        pulls = self.scales[places] * (self.rows[places].astype(np.float64) @ other.astype(np.float64))
        best = sorted(zip(-pulls, known, strict=True))[:count]
        return [term for pull, term in best if pull < 0]


def closeness(one: Vector, other: Vector) -> int:
    """The cosine of the angle between two listings in millionths; never below nought."""
    return _cosine(int(one.astype(np.int64) @ other.astype(np.int64)))


def closenesses(one: Vector, others: NDArray[np.int16]) -> list[int]:
    """The same for many at once, one row each."""
    products: list[float] = (others.astype(np.float32) @ one.astype(np.float32)).tolist()
    return [_cosine(int(product)) for product in products]


def likeness(one: bytes, other: bytes) -> int | None:
    """The same for two directions by a sentence model. None where one is missing, says nothing, or has another number of
    dimensions."""
    if not one or not other:
        return None
    first, second = (np.frombuffer(each, np.int8).astype(np.int64) for each in (one, other))
    if not first.any() or not second.any() or len(first) != len(second):
        return None
    product = max(0, int(first @ second))
    return min(FULL, isqrt(product * product * FULL * FULL // (int(first @ first) * int(second @ second))))


def _cosine(product: int) -> int:
    return max(0, product) * FULL // (LENGTH * LENGTH)


def _unit(pulled: NDArray[np.float64]) -> Vector | None:
    """The direction alone, in whole steps of 1/LENGTH."""
    whole = pulled.astype(np.int64)
    whole = whole // (int(np.abs(whole).max()) // _FINE + 1)
    length = isqrt(int((whole * whole).sum()))
    if not length:
        return None
    # Towards nought, so that no vector is longer than LENGTH.
    shortened: Vector = (np.sign(whole) * (np.abs(whole) * LENGTH // (length + 1))).astype(np.int16)
    return shortened
