"""A signal that follows from what the two sides state, and from nothing else of the pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

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

    def each(self, demands: Sequence[Prepared], offers: Sequence[Prepared]) -> list[Rating]:
        """The same of many pairs, without a step of Python for each where the fit is remembered."""
        return list(map(self.fit, map(self.asked, demands), map(self.offered, offers)))
