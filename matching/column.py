"""One signal of many pairs, rated at once: most of what a rating costs is to begin it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from matching.pair import Pair
from matching.rating import Rating


class Column(NamedTuple):
    """`Rating.rate` and `Rating.known` of each pair, in their order."""

    rates: Sequence[int]
    known: Sequence[int]


Each = Callable[[Sequence[Pair]], Column]
"""The `each` of a signal that has a quicker way for many pairs; each is rated as it would be alone."""


def column(rate: Callable[[Pair], Rating], pairs: Sequence[Pair]) -> Column:
    """How these pairs do on one signal."""
    each: Each | None = getattr(rate, "each", None)
    return collected(map(rate, pairs)) if each is None else each(pairs)


def collected(ratings: Iterable[Rating]) -> Column:
    """Ratings that were made one by one."""
    made = list(ratings)
    return Column(*zip(*made, strict=True)) if made else Column((), ())
