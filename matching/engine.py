"""One demand and one offer scored and explained; many ranked.

A score depends on the two profiles, the weights and the statistics named in it, and on nothing else: not on
the other candidates, the day, or who asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from heapq import nsmallest

from matching import gates
from matching.evidence import evidence
from matching.lifts import lifts
from matching.model import FIRST
from matching.pair import pair, pairs, sides
from matching.profile import Profile
from matching.result import Score
from matching.scoring import rated as ratings
from matching.scoring import scored, told, total
from matching.statistics import Statistics
from matching.weights import Weights
from matching.wording import quoted


def score(demand: Profile, offer: Profile, statistics: Statistics, weights: Weights = FIRST) -> Score:
    """The pair's score with its signals and gates. Evidence and lifts are left to `explain`, which costs
    more."""
    return scored(pair(demand, offer, statistics), statistics, weights)


def explain(demand: Profile, offer: Profile, statistics: Statistics, weights: Weights = FIRST) -> Score:
    """The same score with the quoted evidence for each requirement and the smallest changes that would raise
    it."""
    compared = pair(demand, offer, statistics)
    plain = scored(compared, statistics, weights)
    return replace(
        plain,
        signals=tuple(quoted(signal, compared, statistics) for signal in plain.signals),
        evidence=evidence(compared),
        lifts=lifts(demand, offer, statistics, weights),
    )


def rank(
    subject: Profile,
    candidates: Iterable[Profile],
    statistics: Statistics,
    limit: int = 20,
    *,
    weights: Weights = FIRST,
) -> list[Score]:
    """The best `limit` of the candidates of the other kind that pass every gate.

    Equal totals are ordered by the points of their texts, then by the candidate's uid, so that no two runs
    differ.
    """
    fitting = [
        other for other in candidates if other.kind != subject.kind and gates.open_to(*sides(subject, other))
    ]
    # One pair at a time, and of all of them only the best are held: what is told of them costs more.
    ranked = (
        (-total(rates, weights), -rates[0].rate, fitting[number].uid, number, compared, rates)
        for number, compared in pairs(subject, fitting, statistics)
        for rates in (ratings(compared),)
    )
    return [told(compared, rates, statistics, weights) for *_, compared, rates in nsmallest(limit, ranked)]
