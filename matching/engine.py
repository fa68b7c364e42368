"""One demand and one offer scored and explained; many ranked.

A score depends on the two profiles, the weights and the statistics named in it, and on nothing else: not on
the other candidates, the day, or who asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from matching.evidence import evidence
from matching.lifts import lifts
from matching.model import FIRST
from matching.pair import count_together, pair, pairs
from matching.prepared import Ready
from matching.profile import Profile
from matching.result import Score
from matching.scoring import put_together, scored
from matching.shortlist import shortlist
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
    """`best` of listings that were built."""
    return best(
        Ready(subject, statistics), [Ready(one, statistics) for one in candidates], limit, weights=weights
    )


def best(
    subject: Ready, candidates: Iterable[Ready], limit: int = 20, *, weights: Weights = FIRST, least: int = 0
) -> list[Score]:
    """The best `limit` of the candidates of the other kind that pass every gate, without those whose total is below
    `least` thousandths.

    Equal totals are ordered by the points of their texts, then by the candidate's uid, so that no two runs
    differ.
    """
    others = [one for one in candidates if one.profile.kind != subject.profile.kind]
    chosen = shortlist(pairs(subject, others), limit, weights, least)
    count_together([one.pair for one in chosen])
    return [put_together(one.pair, one.ratings, subject.statistics, weights) for one in chosen]
