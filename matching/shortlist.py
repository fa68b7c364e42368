"""The best of many pairs, without reading what those say that cannot be among them.

Two signals cost more than all others together: `requirements` reads sentences, `figures` holds every figure against every
other. So pairs are looked at in the order of what they could reach at most, and the nearer one comes to the best, the
more is read of it.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from heapq import heapify, heappop, heappushpop
from typing import NamedTuple

from matching import gates, points
from matching.column import Column, column
from matching.figure_signals import figures
from matching.model import RULES
from matching.pair import Pair
from matching.rating import MET, UNKNOWN, Rating
from matching.term_signals import hoped, requirements
from matching.weights import Weights

_FIGURES, _REQUIREMENTS = (
    next(number for number, rule in enumerate(RULES) if rule.rate is rate) for rate in (figures, requirements)
)
_QUICK = [number for number in range(len(RULES)) if number not in (_FIGURES, _REQUIREMENTS)]
_ROUNDED = 1
"""Thousandths of a point by which a hope may fall short of what comes true: the mean over rows is rounded down before it is
weighed."""


class Chosen(NamedTuple):
    """A pair with every rating of the model."""

    pair: Pair
    ratings: Sequence[Rating]


class _Hope(NamedTuple):
    """Of several the most hopeful is the least."""

    most: int
    """Below nought: no total of the pair is higher than `-most`."""
    number: int
    """Its place among the pairs that were compared."""
    figures: Rating | None = None
    """None until they were rated; nor has anybody asked then whether it passes its gates."""


def shortlist(compared: Sequence[Pair], limit: int, weights: Weights, least: int = 0) -> list[Chosen]:
    """The best `limit` of these pairs that pass every gate, without those whose total is below `least` thousandths.

    Equal totals are ordered by the points of their texts, then by the uids of the two, so that no two runs differ.
    """
    if not compared or limit < 1:
        return []
    pairs = _Pairs.rated(compared, weights)
    waiting = [pairs.first_hope(number) for number in range(len(compared))]
    heapify(waiting)
    found: list[tuple[int, int, str, str, int, Sequence[Rating]]] = []
    one = heappop(waiting)
    while -one.most >= least and (len(found) < limit or one.most <= found[-1][0]):
        pair = compared[one.number]
        if one.figures is None:
            if gates.open_to(pair.demand.profile, pair.offer.profile):
                one = heappushpop(waiting, pairs.second_hope(one.number))
                continue
        else:
            ratings = pairs.ratings(one.number, one.figures, requirements(pair))
            if (total := points.total(ratings, weights.values)) >= least:
                uids = pair.demand.profile.uid, pair.offer.profile.uid
                insort(found, (-total, -ratings[0].rate, *uids, one.number, ratings))
                del found[limit:]
        if not waiting:
            break
        one = heappop(waiting)
    return [Chosen(compared[number], ratings) for *_, number, ratings in found]


class _Pairs(NamedTuple):
    """What all quick signals make of each pair."""

    compared: Sequence[Pair]
    columns: Sequence[Column]
    """Of the quick signals."""
    sums: Sequence[tuple[int, int]]
    """What each pair earned by them, and how much of its weight is known."""
    weights: Weights

    @classmethod
    def rated(cls, compared: Sequence[Pair], weights: Weights) -> _Pairs:
        columns = [column(RULES[number].rate, compared) for number in _QUICK]
        sums = list(points.sums(columns, [weights.values[number] for number in _QUICK]))
        return cls(compared, columns, sums, weights)

    def first_hope(self, number: int) -> _Hope:
        """As if every figure fitted and every requirement were met."""
        pair = self.compared[number]
        figures = MET if pair.demand.figures else UNKNOWN
        return _Hope(-self._total(number, figures, MET if pair.demand.asked else UNKNOWN), number)

    def second_hope(self, number: int) -> _Hope:
        """With the figures as they are, and no more answers than the offer has words for."""
        pair = self.compared[number]
        rated = figures(pair)
        return _Hope(
            -max(self._total(number, rated, answers) for answers in hoped(pair)) - _ROUNDED, number, rated
        )

    def _total(self, number: int, figures: Rating, requirements: Rating) -> int:
        earned, known = self.sums[number]
        numbers = self.weights.values[_FIGURES] * figures.known
        answers = self.weights.values[_REQUIREMENTS] * requirements.known
        return points.total_of(
            earned + numbers * figures.rate + answers * requirements.rate, known + numbers + answers
        )

    def ratings(self, number: int, figures: Rating, requirements: Rating) -> list[Rating]:
        """In the order of the model."""
        quick = {
            place: Rating(one.rates[number], one.known[number])
            for place, one in zip(_QUICK, self.columns, strict=True)
        }
        every = quick | {_FIGURES: figures, _REQUIREMENTS: requirements}
        return [every[place] for place in range(len(RULES))]
