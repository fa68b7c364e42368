"""From a pair to its score: every signal rated, weighed and put into points."""

from __future__ import annotations

from collections.abc import Sequence

from matching import gates, points
from matching.model import FIRST, RULES
from matching.pair import Pair
from matching.rating import FULL, Rating
from matching.result import Score, Signal, State
from matching.statistics import Statistics
from matching.weights import Weights

MET_FROM, PARTLY_FROM = 3 * FULL // 4, FULL // 4
"""From three quarters a signal is called met, below one quarter unmet."""
_RATES = tuple(rule.rate for rule in RULES)


def rated(compared: Pair) -> list[Rating]:
    """Every signal of the model, in its order."""
    return [rate(compared) for rate in _RATES]


def total(ratings: Sequence[Rating], weights: Weights = FIRST) -> int:
    """The score alone, in thousandths of a point."""
    return points.total(ratings, weights.values)


def scored(compared: Pair, statistics: Statistics, weights: Weights = FIRST) -> Score:
    """The whole Score without evidence and lifts."""
    return put_together(compared, rated(compared), statistics, weights)


def put_together(
    compared: Pair, ratings: Sequence[Rating], statistics: Statistics, weights: Weights = FIRST
) -> Score:
    """The same of a pair that was rated already."""
    shares = points.shares(ratings, weights.values)
    demand, offer = compared.demand.profile, compared.offer.profile
    return Score(
        demand=demand.uid,
        offer=offer.uid,
        total=sum(shares.earned),
        signals=_signals(compared, ratings, shares),
        gates=gates.checked(demand, offer),
        certainty=points.certainty(ratings, weights.values),
        model_version=weights.version,
        statistics_version=statistics.version,
        revisions=(demand.rev, offer.rev),
        ratings=tuple(ratings),
    )


def _signals(compared: Pair, ratings: Sequence[Rating], shares: points.Points) -> tuple[Signal, ...]:
    return tuple(
        Signal(rule.name, earned, of, _state(rating), rule.demand(compared), rule.offer(compared))
        for rule, rating, earned, of in zip(RULES, ratings, shares.earned, shares.of, strict=True)
    )


def _state(rating: Rating) -> State:
    if not rating.known:
        return "unknown"
    if rating.rate >= MET_FROM:
        return "met"
    return "partly" if rating.rate >= PARTLY_FROM else "unmet"
