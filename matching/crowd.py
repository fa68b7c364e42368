"""The order in which suggestions are shown, where it is not that of their scores. No score is ever changed here.

Three things move a listing, and each is said beside it: it stands behind others when it is near to everybody (a hub),
when too many of its organisation stand before it, and below the first of several that say nearly the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest

NEIGHBOURS = 10
"""So many of a listing's best totals say how near it is to everybody (CSLS, Conneau and others 2018)."""
HALF = 0.5
"""The part of its nearness that is taken off for the order."""
FIRST = 10
"""The places that are looked at first: only among them is kept apart what belongs together."""
OF_ONE = 3
"""At most so many of one organisation stand there while others wait that are not much weaker."""
NOT_MUCH = 10_000
"""Thousandths of a point."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One match as it is to be placed: the partner's uid, its total, how near the partner is to everybody, whose it
    is (empty where that must not tell), and of which other one it is a near-copy."""

    uid: str
    total: int
    nearness: int = 0
    owner: str = ""
    copy_of: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a suggestion stands, and why it stands lower than its total would put it: `crowd`, `owner` or empty.

    `copies` are the near-copies folded below it.
    """

    uid: str
    lowered: str = ""
    copies: tuple[str, ...] = ()


def nearness(totals: Iterable[int], least: int) -> int:
    """The mean of the best `NEIGHBOURS` of these totals; where there are fewer, `least` stands for the rest."""
    best = nlargest(NEIGHBOURS, totals)
    return (sum(best) + least * (NEIGHBOURS - len(best))) // NEIGHBOURS


def placed(found: Sequence[Suggestion]) -> list[Place]:
    """The places in their order. Equal ones keep the order in which they came."""
    known = {one.uid for one in found}
    folded: dict[str, list[str]] = {}
    for one in found:
        if one.copy_of in known:
            folded.setdefault(one.copy_of, []).append(one.uid)
    heads = [one for one in found if one.copy_of not in known]
    ranked = sorted(heads, key=lambda one: -_worth(one))
    order = _spread(ranked)
    why = _lowered(heads, ranked, order)
    return [Place(one.uid, why.get(one.uid, ""), tuple(folded.get(one.uid, ()))) for one in order]


def _worth(one: Suggestion) -> float:
    return one.total - HALF * one.nearness


def _spread(ranked: Sequence[Suggestion]) -> list[Suggestion]:
    """The first places with no more than `OF_ONE` of one organisation while others wait that are nearly as good."""
    waiting, order = list(ranked), list[Suggestion]()
    held: dict[str, int] = {}
    while waiting and len(order) < FIRST:
        best = waiting[0]
        taken = next((one for one in waiting if not _full(one, held) and _near(one, best)), best)
        waiting.remove(taken)
        order.append(taken)
        held[taken.owner] = held.get(taken.owner, 0) + 1
    return [*order, *waiting]


def _full(one: Suggestion, held: dict[str, int]) -> bool:
    return bool(one.owner) and held.get(one.owner, 0) >= OF_ONE


def _near(one: Suggestion, best: Suggestion) -> bool:
    return _worth(one) >= _worth(best) - NOT_MUCH


def _lowered(
    heads: Sequence[Suggestion], ranked: Sequence[Suggestion], order: Sequence[Suggestion]
) -> dict[str, str]:
    """uid -> what put it lower than its total, of those among the first places by total."""
    by_total = sorted(heads, key=lambda one: -one.total)[:FIRST]
    before = {one.uid: place for place, one in enumerate(by_total)}
    crowd = {one.uid: place for place, one in enumerate(ranked)}
    shown = {one.uid: place for place, one in enumerate(order)}
    why: dict[str, str] = {}
    for uid, place in before.items():
        if shown[uid] > crowd[uid]:
            why[uid] = "owner"
        elif crowd[uid] > place:
            why[uid] = "crowd"
    return why
