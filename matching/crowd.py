"""The order in which suggestions are shown, where it is not that of their scores. No score is ever changed here.

Three things move an offer, and each is said beside it: behind the best few it stands back the more demands it was
already suggested to (a hub), when too many of its organisation stand before it, and below the first of several that say
nearly the same. In the other direction a demand stands lower for an offer that has many better ones before it there.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

BEST = 2
"""So many of the best totals stand where these put them, however often they were suggested: a right answer that others
need, too, is no flood."""
ORDINARY = 2
"""Demands an offer may be suggested to before anybody speaks of a crowd."""
NEAR = 20
"""How often an offer is suggested is compared with so many of the best totals: those that could stand in its place."""
A_DOUBLING = 20_000
"""Thousandths of a point taken off for the order when an offer was suggested to twice as many demands as is usual. Less
lets the most frequent wrong offer reach more than one demand of a hundred, and without `BEST` and `ORDINARY` right ones
are lost: docs/matching.md."""
AT_MOST = 20_000
"""And no more than this: on a large exchange every good offer is suggested often."""
A_TENFOLD = 5_000
"""Taken off a demand's total for an offer that stands tenfold further down there than in the tenth place."""
FIRST = 10
"""The places that are looked at first: only among them is kept apart what belongs together."""
OF_ONE = 3
"""At most so many of one organisation stand there while others wait that are not much weaker."""
NOT_MUCH = 10_000
"""Thousandths of a point."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One offer that is to be placed: its uid and total, to how many other demands it is suggested among the first
    `FIRST`, whose it is (empty where that must not tell), and of which other one it is a near-copy."""

    uid: str
    total: int
    suggested: int = 0
    owner: str = ""
    copy_of: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a suggestion stands, and why it stands behind one with a smaller total: `crowd`, `owner`, or empty when it
    does not.

    `copies` are the near-copies folded below it.
    """

    uid: str
    lowered: str = ""
    copies: tuple[str, ...] = ()


def lowering(suggested: int, usual: float = 0) -> float:
    """Thousandths of a point taken off for the order, never from the score.

    `usual` is how often those that wait with it were suggested; as often as that costs nothing: where many ask and
    few offer, everything is suggested often, and that makes nothing a hub.
    """
    return min(AT_MOST, A_DOUBLING * max(0.0, math.log2((1 + suggested) / (1 + max(ORDINARY, usual)))))


def mutual(total: int, place: int) -> float:
    """What the order of demands goes by, on the side of an offer: its total, less where the offer's `place` for that
    demand (from 1; 0 when it was never placed) is behind the first ones."""
    return total - A_TENFOLD * math.log10(max(place, FIRST) / FIRST)


def placed(found: Sequence[Suggestion]) -> list[Place]:
    """The places in their order. Equal ones keep the order in which they came."""
    known = {one.uid for one in found}
    folded: dict[str, list[str]] = {}
    for one in found:
        if one.copy_of in known:
            folded.setdefault(one.copy_of, []).append(one.uid)
    heads = [one for one in found if one.copy_of not in known]
    by_total = sorted(heads, key=lambda one: -one.total)
    usual = statistics.median([one.suggested for one in by_total[:NEAR]]) if heads else 0.0
    best = {one.uid for one in by_total[:BEST]}
    worth = {one.uid: one.total - (0 if one.uid in best else lowering(one.suggested, usual)) for one in heads}
    ranked = sorted(heads, key=lambda one: -worth[one.uid])
    order = _spread(ranked, worth)
    lowered, by_crowd = _behind_less(order), _behind_less(ranked)
    why = {uid: "crowd" if uid in by_crowd else "owner" for uid in lowered}
    return [Place(one.uid, why.get(one.uid, ""), tuple(folded.get(one.uid, ()))) for one in order]


def joined(standing: Iterable[tuple[int, int]], total: int) -> int:
    """The place of one that comes to others, whose places and totals these are: that of the first which has less. Of two in
    one place the larger total stands first, so that it stands behind none with a smaller one."""
    places = list(standing)
    less = [place for place, other in places if other < total]
    return min(less, default=1 + max((place for place, _ in places), default=0))


def _spread(ranked: Sequence[Suggestion], worth: Mapping[str, float]) -> list[Suggestion]:
    """The first places with no more than `OF_ONE` of one organisation while others wait that are nearly as good."""
    waiting, order = list(ranked), list[Suggestion]()
    held: dict[str, int] = {}
    while waiting and len(order) < FIRST:
        best = waiting[0]
        taken = next(
            (one for one in waiting if not _full(one, held) and worth[one.uid] >= worth[best.uid] - NOT_MUCH),
            best,
        )
        waiting.remove(taken)
        order.append(taken)
        held[taken.owner] = held.get(taken.owner, 0) + 1
    return [*order, *waiting]


def _full(one: Suggestion, held: Mapping[str, int]) -> bool:
    return bool(one.owner) and held.get(one.owner, 0) >= OF_ONE


def _behind_less(order: Iterable[Suggestion]) -> set[str]:
    """Those that stand behind one with a smaller total."""
    least, found = math.inf, set[str]()
    for one in order:
        if one.total > least:
            found.add(one.uid)
        least = min(least, one.total)
    return found
