"""One demand and one offer scored and explained; many ranked.

A score depends on the two profiles, the weights and the statistics named in it, and on nothing else: not on
the other candidates, the day, or who asks.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import replace

from matching import gates
from matching.evidence import evidence
from matching.lifts import lifts
from matching.model import FIRST
from matching.pair import Pair, count_together, pair, pairs, sides
from matching.prepared import Ready
from matching.profile import Profile
from matching.rating import Rating
from matching.result import Score
from matching.scoring import rated_at_best, read, scored, told, total, totals
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
    mine = subject.profile
    fitting = [
        other
        for other in candidates
        if other.profile.kind != mine.kind and gates.open_to(*sides(mine, other.profile))
    ]
    numbered = list(pairs(subject, fitting))
    at_best = rated_at_best([compared for _, compared in numbered])
    hopeful = [
        (-bound, number, compared, rates)
        for bound, (number, compared), rates in zip(totals(at_best, weights), numbered, at_best, strict=True)
    ]
    found: list[tuple[int, int, str, int, Pair, list[Rating]]] = []
    # Sentences are read only where they may still bring a pair among the best.
    for bound, number, compared, unread in sorted(hopeful):
        if -bound < least or (len(found) >= limit and (not found or bound > found[-1][0])):
            break
        rates = read(compared, unread)
        if (points := total(rates, weights)) >= least:
            uid = fitting[number].profile.uid
            insort(found, (-points, -rates[0].rate, uid, number, compared, rates))
            del found[limit:]
    count_together([compared for *_, compared, _ in found])
    return [told(compared, rates, subject.statistics, weights) for *_, compared, rates in found]
