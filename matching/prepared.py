"""One listing with everything that follows from it alone, worked out once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import mul
from typing import NamedTuple

from matching.limits import Wanted, figures
from matching.profile import Profile
from matching.statistics import Statistics
from vocabulary.listing import Requirement

TELLING = 20
"""So many of a demand's heaviest terms stand for what it is really about; 12 and 30 were no better."""
WEIGHED = 128
"""So many of a demand's heaviest terms are compared at all: on judged pairs the rest of a long text changed nothing."""
REMEMBERED = 1_000
"""Profiles whose weights are kept, some 25 kB each."""


class _Damped(dict[int, int]):
    """Count -> hundredths of 1 + ln(count): a word said ten times counts for little more than three said once."""

    def __missing__(self, count: int) -> int:
        self[count] = round(100 * (1 + math.log(count)))
        return self[count]


_DAMPED = _Damped()


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
    """Term -> its weight times its damped count."""
    square: int
    """The square of the length of that vector."""
    heading: Weighted
    telling: Weighted
    asked: tuple[Asked, ...]


@lru_cache(maxsize=REMEMBERED)
def prepare(profile: Profile, statistics: Statistics, language: str) -> Prepared:
    """`worked_out`, remembered, because a listing is compared with hundreds of others."""
    return worked_out(profile, statistics, language)


def worked_out(profile: Profile, statistics: Statistics, language: str) -> Prepared:
    """What depends on one side only."""
    weights, spoken = statistics.weights, profile.spoken(language)
    words = spoken.words
    vector = dict(
        zip(
            words,
            map(mul, map(weights.__getitem__, words), map(_DAMPED.__getitem__, words.values())),
            strict=True,
        )
    )
    telling: list[tuple[str, int]] = []
    if profile.kind == "demand":
        vector, telling = dict(heaviest(vector, WEIGHED)), heaviest(vector, TELLING)
    rows = zip(profile.requirements, profile.asked, strict=True)
    return Prepared(
        profile=profile,
        language=language,
        words=words,
        vector=vector,
        square=sum(map(mul, vector.values(), vector.values())),
        heading=_weighted(zip(spoken.heading, map(weights.__getitem__, spoken.heading), strict=True)),
        telling=_weighted(telling),
        asked=tuple(_asked(row, spoken, weights) for row, spoken in rows),
    )


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
