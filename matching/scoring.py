"""From a pair to its score: every signal rated, weighed and put into points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matching import gates, points
from matching.column import Column, column
from matching.model import FIRST, RULES
from matching.pair import Pair
from matching.rating import FULL, Rating
from matching.result import Score, Signal, State
from matching.statistics import Statistics
from matching.term_signals import requirements
from matching.weights import Weights

MET_FROM, PARTLY_FROM = 3 * FULL // 4, FULL // 4
"""From three quarters a signal is called met, below one quarter unmet."""
_RATES = tuple(rule.rate for rule in RULES)
_DEAR = next(number for number, rule in enumerate(RULES) if rule.rate is requirements)
"""The signal that costs as much as all others: it reads sentences."""


def rated(compared: Pair) -> list[Rating]:
    """Every signal of the model, in its order."""
    return [rate(compared) for rate in _RATES]


def total(ratings: Sequence[Rating], weights: Weights = FIRST) -> int:
    """The score alone, in thousandths of a point."""
    return points.total(ratings, weights.values)


class Unread(NamedTuple):
    """What all other signals make of a pair whose sentences nobody has read. Of several the most hopeful is the least."""

    most: int
    """Below nought: no total of it is higher than `-most`, whatever its sentences say."""
    number: int
    """Its place among the pairs that were compared."""
    earned: int
    known: int

    def total(self, requirements: Rating, weights: Weights) -> int:
        """In thousandths of a point, with what the sentences say."""
        part = weights.values[_DEAR] * requirements.known
        return points.total_of(self.earned + part * requirements.rate, self.known + part)


def unread(compared: Sequence[Pair], weights: Weights) -> list[Unread]:
    """These pairs, the most hopeful first, as if every requirement were met."""
    columns = [
        Column([0] * len(compared), [0] * len(compared)) if number == _DEAR else column(rate, compared)
        for number, rate in enumerate(_RATES)
    ]
    sums = enumerate(zip(compared, points.sums(columns, weights.values), strict=True))
    asked = weights.values[_DEAR] * FULL
    found = []
    for number, (pair, (earned, known)) in sums:
        part = asked if pair.demand.asked else 0
        found.append(Unread(-points.total_of(earned + part * FULL, known + part), number, earned, known))
    return sorted(found)


def scored(compared: Pair, statistics: Statistics, weights: Weights = FIRST) -> Score:
    """The whole Score without evidence and lifts."""
    ratings = rated(compared)
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
