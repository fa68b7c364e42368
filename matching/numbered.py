"""The terms of a listing as numbers in arrays, so that those of many listings can be met at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Row = NDArray[np.integer]

IN_TEXT, IN_HEADING, IN_TELLING, IN_WORDS = 1, 2, 4, 8
"""What a term belongs to."""
_END = ord("\n")
"""It ends a term, and stands in none."""


class Numbered(NamedTuple):
    """Everything one listing says or asks for; all arrays are equally long. A demand that was put into another language
    asks for terms that it does not say."""

    numbers: Numbers
    belongs: Row
    """The sum of what each term belongs to."""
    counts: Row
    """How often the listing says it."""
    text: Row
    heading: Row
    telling: Row
    """What it weighs there; nought where it does not belong."""


Counted = Mapping[str, int]


def numbered(words: Counted, text: Counted, heading: Counted, telling: Counted) -> Numbered:
    """What a listing says, and what its text, heading and telling terms weigh."""
    asked = (text, heading, telling)
    places = dict(zip(words, range(len(words)), strict=True))
    for part in asked:
        for term in part.keys() - places.keys():
            places[term] = len(places)
    said, rows = len(words), np.zeros((len(asked) + 1, len(places)), np.int32)
    rows[-1, :said] = np.fromiter(words.values(), np.int32, said)
    belongs = np.zeros(len(places), np.uint8)
    belongs[:said] = IN_WORDS
    for bit, part in enumerate(asked):
        where = np.fromiter(map(places.__getitem__, part), np.intp, len(part))
        rows[bit, where] = np.fromiter(part.values(), np.int32, len(part))
        belongs[where] |= 1 << bit
    return Numbered(numbers(places), belongs, counts=rows[-1], text=rows[0], heading=rows[1], telling=rows[2])


def numbers(terms: Collection[str]) -> Numbers:
    """A number of 64 bits for each term, the same in every process: the sum of its bytes, each times a factor of its place
    that was drawn at random once (multilinear hashing, Lemire and Kaser 2014). Of two terms in 2^56 one is taken for
    another."""
    if not terms:
        return np.zeros(0, np.int64)
    written = np.frombuffer(("\n".join(terms) + "\n").encode("utf-8", "surrogatepass"), np.uint8)
    ends = np.flatnonzero(written == _END)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    places = np.arange(len(written)) - np.repeat(starts, lengths)
    mixed = np.add.reduceat(written * _factors(int(lengths.max()))[places], starts)
    # The table that terms are found by looks at the low bits, in which there is the least of chance.
    found: Numbers = (mixed ^ (mixed >> np.uint64(32))).view(np.int64)
    return found


@lru_cache(maxsize=64)
def _factors(count: int) -> NDArray[np.uint64]:
    """The first so many of an endless row of odd numbers (SplitMix64, Steele and others 2014)."""
    state = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    factors: NDArray[np.uint64] = (state ^ (state >> np.uint64(31))) | np.uint64(1)
    return factors
