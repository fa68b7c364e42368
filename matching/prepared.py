"""One listing with everything that follows from it alone, worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from matching.limits import Wanted, figures
from matching.profile import Profile
from matching.statistics import Statistics
from vocabulary.listing import Requirement

TELLING = 20
"""So many of a demand's heaviest terms stand for what it is really about; 12 and 30 were no better."""
DAMPED = (0, 100, 169, 210, 239, 261, 279, 295, 308, 320, 330)
"""Hundredths: 1 + ln(count). A word said ten times counts for a little more than three said once."""
REMEMBERED = 1_000
"""Profiles whose weights are kept, some 25 kB each."""


class Weighted(NamedTuple):
    """Terms with their weights, heaviest first, and the sum of these."""

    terms: tuple[tuple[str, int], ...]
    total: int


class Asked(NamedTuple):
    """One requirement: the words a sentence must hold to speak to it, and its limit when it has one."""

    terms: tuple[tuple[str, int], ...]
    total: int
    wanted: Wanted | None
    must: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """A profile with what its words weigh under one snapshot of statistics."""

    profile: Profile
    vector: Mapping[str, int]
    """Term -> its weight times its damped count."""
    square: int
    """The square of the length of that vector."""
    heading: Weighted
    telling: Weighted
    asked: tuple[Asked, ...]


@lru_cache(maxsize=REMEMBERED)
def prepare(profile: Profile, statistics: Statistics) -> Prepared:
    """`worked_out`, remembered, because a listing is compared with hundreds of others."""
    return worked_out(profile, statistics)


def worked_out(profile: Profile, statistics: Statistics) -> Prepared:
    """What depends on one side only."""
    weights = statistics.weights
    vector = {term: weights[term] * _damped(count) for term, count in profile.words.items()}
    rows = zip(profile.requirements, profile.asked, strict=True)
    return Prepared(
        profile=profile,
        vector=vector,
        square=sum([weight * weight for weight in vector.values()]),
        heading=_weighted((term, weights[term]) for term in profile.heading),
        telling=_weighted(sorted(vector.items(), key=_heaviest_first)[:TELLING]),
        asked=tuple(_asked(row, words, weights) for row, words in rows),
    )


def _damped(count: int) -> int:
    return DAMPED[count] if count < len(DAMPED) else DAMPED[-1]


def _weighted(terms: Iterable[tuple[str, int]]) -> Weighted:
    listed = tuple(terms)
    return Weighted(listed, sum(weight for _, weight in listed))


def _asked(row: Requirement, words: Iterable[str], weights: Mapping[str, int]) -> Asked:
    terms, total = _weighted((word, weights[word]) for word in words)
    return Asked(terms, total, figures(row), row.must)


def _heaviest_first(weighed: tuple[str, int]) -> tuple[int, str]:
    """By weight, then by the alphabet, so that equal weights never depend on the order of a dictionary."""
    return -weighed[1], weighed[0]
