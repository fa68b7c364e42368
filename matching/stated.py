"""A signal that follows from what the two sides state, and from nothing else of the pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from matching.column import Column, collected
from matching.pair import Pair
from matching.prepared import Prepared
from matching.rating import Rating

Asked = TypeVar("Asked")
Offered = TypeVar("Offered")


@dataclass(frozen=True, slots=True)
class Stated(Generic[Asked, Offered]):
    """`asked` is what a demand states, `offered` what an offer does, and `fit` how well they agree. Where that takes
    longer than to look it up, it remembers: few listings state what no other does."""

    asked: Callable[[Prepared], Asked]
    offered: Callable[[Prepared], Offered]
    fit: Callable[[Asked, Offered], Rating]

    def __call__(self, pair: Pair) -> Rating:
        return self.fit(self.asked(pair.demand), self.offered(pair.offer))

    def each(self, pairs: Sequence[Pair]) -> Column:
        """The same of many, without a step of Python for each where the fit is remembered."""
        demands, offers = [pair.demand for pair in pairs], [pair.offer for pair in pairs]
        return collected(map(self.fit, map(self.asked, demands), map(self.offered, offers)))
