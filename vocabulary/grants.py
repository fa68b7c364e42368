"""Rights that were granted on a technology, as intervals: where, for what use, from when to when.

Two grants stand in each other's way when they meet in all three and one of them lets nobody else in. Whether a form
lets others in is the law's: an assignment hands over the right itself, an exclusive licence shuts out everybody, a
sole licence everybody but the owner (Law on Intellectual Property 50/2005/QH11, articles 138 and 143; Law on
Technology Transfer 07/2017/QH14, articles 5 and 7).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from vocabulary.industries import VSIC
from vocabulary.terms import NEEDS_RIGHT

SHUTTING = frozenset({"ownership_assignment", "exclusive_licence", "sole_licence"})
"""Forms that shut others out. Every other form of `NEEDS_RIGHT` can stand beside its like."""
EVERYWHERE: frozenset[str] = frozenset()
ANY_USE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Grant:
    """`form` is a code of `TRANSFER_FORMS`; `territory` ISO 3166-1 codes, empty for everywhere; `uses` divisions of
    industry, empty for any use; `first` and `last` are days that belong to it, `last` None for as long as the right
    lasts. `holder` names who has it: nobody stands in his own way."""

    id: str
    form: str
    holder: str
    first: date
    last: date | None = None
    territory: frozenset[str] = EVERYWHERE
    uses: frozenset[str] = ANY_USE


def collides(one: Grant, other: Grant) -> bool:
    """Whether the two cannot both stand. The order of the two does not matter."""
    return (
        one.holder != other.holder
        and (one.form in SHUTTING or other.form in SHUTTING)
        and one.form in NEEDS_RIGHT
        and other.form in NEEDS_RIGHT
        and _meet(one.territory, other.territory)
        and _meet(one.uses, other.uses)
        and _overlap(one, other)
    )


def collisions(asked: Grant, live: Iterable[Grant]) -> tuple[Grant, ...]:
    """Those of `live` that stand in the way of `asked`, in their order."""
    return tuple(grant for grant in live if collides(asked, grant))


def divisions(codes: Iterable[str]) -> frozenset[str]:
    """Industries as their divisions, so that a section and one of its divisions are seen to meet."""
    wanted = frozenset(codes)
    return frozenset(one.code for one in VSIC if one.parent and wanted & {one.code, one.parent})


def _meet(one: frozenset[str], other: frozenset[str]) -> bool:
    """An empty set stands for everything."""
    return not one or not other or not one.isdisjoint(other)


def _overlap(one: Grant, other: Grant) -> bool:
    return (other.last is None or one.first <= other.last) and (one.last is None or other.first <= one.last)
