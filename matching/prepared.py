"""One listing with everything that follows from it alone, worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from matching.damping import DAMPED
from matching.limits import Wanted, figures
from matching.meaning import Vector
from matching.profile import Profile
from matching.statistics import Statistics, length
from vocabulary.listing import Requirement

TELLING = 20
"""So many of a demand's heaviest terms stand for what it is really about; 12 and 30 were no better."""
WEIGHED = 128
"""So many of a demand's heaviest terms are compared at all: on judged pairs the rest of a long text changed nothing."""
REMEMBERED = 1_000
"""Profiles whose weights are kept, some 25 kB each."""


HALF_SAID, BY_LENGTH = 1_200, 900
"""Thousandths. A word said 1.2 times counts half of one said without end; nine tenths of that grow with the length of
the text, beside a usual one (k1 and b of BM25): what stands in a short text is more what it is about."""


class Weighted(NamedTuple):
    """Terms with their weights, and the sum of these."""

    terms: dict[str, int]
    total: int


class Asked(NamedTuple):
    """One requirement: the words a sentence must hold to speak to it, and its limit when it has one."""

    terms: dict[str, int]
    total: int
    wanted: Wanted | None
    must: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """A profile with what its words weigh under one snapshot of statistics, in the language that was chosen."""

    profile: Profile
    language: str
    words: Mapping[str, int]
    vector: dict[str, int]
    """Of a demand its heaviest terms: their weight times their damped count. Of an offer nothing."""
    total: int
    """The sum of that vector."""
    pace: int
    """So many thousandths of a mention count half of all there could be."""
    heading: Weighted
    telling: Weighted
    asked: tuple[Asked, ...]
    meaning: Vector | None
    """Its direction in the space of the snapshot; None where that has none, or knows no word of it."""


@lru_cache(maxsize=REMEMBERED)
def prepare(profile: Profile, statistics: Statistics, language: str) -> Prepared:
    """`worked_out`, remembered, because a listing is compared with hundreds of others."""
    return worked_out(profile, statistics, language)


def worked_out(profile: Profile, statistics: Statistics, language: str) -> Prepared:
    """What depends on one side only."""
    weights, spoken = statistics.weights, profile.spoken(language)
    words, vector, telling = spoken.words, list[tuple[str, int]](), list[tuple[str, int]]()
    if profile.kind == "demand":
        weighed = {word: weights[word] * DAMPED[count] for word, count in words.items()}
        vector, telling = heaviest(weighed, WEIGHED), heaviest(weighed, TELLING)
    rows = zip(profile.requirements, profile.asked, strict=True)
    return Prepared(
        profile=profile,
        language=language,
        words=words,
        vector=dict(vector),
        total=sum([weight for _, weight in vector]),
        pace=_pace(length(words), statistics.usual_length),
        heading=_weighted((word, weights[word]) for word in spoken.heading),
        telling=_weighted(telling),
        asked=tuple(_asked(row, spoken, weights) for row, spoken in rows),
        meaning=statistics.meaning.vector(words) if statistics.meaning else None,
    )


def _pace(words: int, usual: int) -> int:
    return HALF_SAID * ((1_000 - BY_LENGTH) * usual + BY_LENGTH * words) // (1_000 * usual)


def heaviest(vector: Mapping[str, int], count: int) -> list[tuple[str, int]]:
    """The heaviest terms, at most `count`; equal ones by the alphabet, never by the order of a dictionary."""
    if len(vector) > count:
        least = sorted(vector.values())[-count]
        vector = {term: weight for term, weight in vector.items() if weight >= least}
    return sorted(vector.items(), key=_heaviest_first)[:count]


def _weighted(terms: Iterable[tuple[str, int]]) -> Weighted:
    weights = dict(terms)
    return Weighted(weights, sum(weights.values()))


def _asked(row: Requirement, words: Iterable[str], weights: Mapping[str, int]) -> Asked:
    terms, total = _weighted((word, weights[word]) for word in words)
    return Asked(terms, total, figures(row), row.must)


def _heaviest_first(weighed: tuple[str, int]) -> tuple[int, str]:
    """By weight, then by the alphabet, so that equal weights never depend on the order of a dictionary."""
    return -weighed[1], weighed[0]
