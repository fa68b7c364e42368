"""A demand beside an offer, with everything that follows from one of them alone worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from matching.profile import Profile
from matching.statistics import Statistics

TELLING = 20
"""So many of a demand's heaviest terms stand for what it is really about; 12 and 30 were no better."""
DAMPED = (0, 100, 169, 210, 239, 261, 279, 295, 308, 320, 330)
"""Hundredths: 1 + ln(count). A word said ten times counts for a little more than three said once."""
REMEMBERED = 2_000


class Weighted(NamedTuple):
    """Terms with their weights, heaviest first, and the sum of these."""

    terms: tuple[tuple[str, int], ...]
    total: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A profile with what its words weigh under one snapshot of statistics."""

    profile: Profile
    square: int
    """The square of the length of its vector of weighted terms."""
    heading: Weighted
    telling: Weighted
    asked: tuple[Weighted, ...]


class Pair(NamedTuple):
    """What every signal reads. `shared` are the terms both sides use."""

    demand: Prepared
    offer: Prepared
    weights: Mapping[str, int]
    shared: frozenset[str] | set[str]


def pair(demand: Profile, offer: Profile, statistics: Statistics) -> Pair:
    return beside(prepare(demand, statistics), prepare(offer, statistics), statistics)


def beside(demand: Prepared, offer: Prepared, statistics: Statistics) -> Pair:
    return Pair(demand, offer, statistics.weights, demand.profile.words.keys() & offer.profile.words.keys())


@lru_cache(maxsize=REMEMBERED)
def prepare(profile: Profile, statistics: Statistics) -> Prepared:
    """`worked_out`, remembered, because a listing is compared with hundreds of others."""
    return worked_out(profile, statistics)


def worked_out(profile: Profile, statistics: Statistics) -> Prepared:
    """What depends on one side only."""
    weights = statistics.weights
    weighed = [(term, weights[term] * damped(count)) for term, count in profile.words.items()]
    return Prepared(
        profile=profile,
        square=sum([weight * weight for _, weight in weighed]),
        heading=_weighted((term, weights[term]) for term in profile.heading),
        telling=_weighted(sorted(weighed, key=_heaviest_first)[:TELLING]),
        asked=tuple(_weighted((word, weights[word]) for word in words) for words in profile.asked),
    )


def damped(count: int) -> int:
    return DAMPED[count] if count < len(DAMPED) else DAMPED[-1]


def _weighted(terms: Iterable[tuple[str, int]]) -> Weighted:
    listed = tuple(terms)
    return Weighted(listed, sum(weight for _, weight in listed))


def _heaviest_first(weighed: tuple[str, int]) -> tuple[int, str]:
    """By weight, then by the alphabet, so that equal weights never depend on the order of a dictionary."""
    return -weighed[1], weighed[0]
