"""From a pair to its score: every signal rated, weighed and put into points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat

from matching import gates, points
from matching.model import FIRST, RULES
from matching.pair import Pair
from matching.rating import FULL, MET, Rating
from matching.result import Score, Signal, State
from matching.stated import Stated
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


def rated_at_best(compared: Sequence[Pair]) -> list[tuple[Rating, ...]]:
    """The same of many pairs, signal by signal, as if every requirement were met: no total of a pair is higher, whatever
    its sentences say."""
    demands, offers = [pair.demand for pair in compared], [pair.offer for pair in compared]

    def column(number: int, rate: Callable[[Pair], Rating]) -> Iterable[Rating]:
        if number == _DEAR:
            return repeat(MET, len(compared))
        return rate.each(demands, offers) if isinstance(rate, Stated) else map(rate, compared)

    return list(zip(*[column(number, rate) for number, rate in enumerate(_RATES)], strict=True))


def read(compared: Pair, at_best: Sequence[Rating]) -> list[Rating]:
    """As it really is, when its sentences are read as well."""
    return [*at_best[:_DEAR], _RATES[_DEAR](compared), *at_best[_DEAR + 1 :]]


def total(ratings: Sequence[Rating], weights: Weights = FIRST) -> int:
    """The score alone, in thousandths of a point."""
    return points.total(ratings, weights.values)


def totals(rows: Sequence[Sequence[Rating]], weights: Weights = FIRST) -> list[int]:
    """The same of many pairs."""
    return points.totals(rows, weights.values)


def scored(compared: Pair, statistics: Statistics, weights: Weights = FIRST) -> Score:
    """The whole Score without evidence and lifts."""
    return told(compared, rated(compared), statistics, weights)


def told(compared: Pair, ratings: Sequence[Rating], statistics: Statistics, weights: Weights) -> Score:
    """The same of a pair that is rated already."""
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
