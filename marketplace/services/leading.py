"""Where a notice leads, for who was told: nowhere he may not go any more, since he left an organisation or a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select

from marketplace.models.deals import Deal
from marketplace.models.listings import Listing
from marketplace.models.notices import Notice
from marketplace.services import erasure_requests, parties
from marketplace.services.policy import Actor, may
from marketplace.work import Work


class Place(NamedTuple):
    """A page: that of a listing, of its matches, of a deal, of an erasure, or the board; and which one."""

    page: str
    which: str = ""


NOWHERE = Place("")


class Told(NamedTuple):
    """One notice and where it leads today."""

    notice: Notice
    place: Place


def told(work: Work, actor: Actor, found: Sequence[Notice]) -> list[Told]:
    """These notices of the actor, in their order."""
    meant = [_meant(notice) for notice in found]
    deals = _deals(work, actor, [place.which for place in meant if place.page == "deal"])
    listings = _listings(
        work, actor, [place.which for place in meant if place.page in ("listing", "matches")]
    )
    open_to: Mapping[str, Callable[[str], bool]] = {
        "deal": deals.__contains__,
        "listing": listings.__contains__,
        "matches": listings.__contains__,
        "erasure": lambda _: may(actor, erasure_requests.ACTION),
        "board": lambda _: may(actor, "board.read"),
    }
    return [
        Told(notice, place if place.page and open_to[place.page](place.which) else NOWHERE)
        for notice, place in zip(found, meant, strict=True)
    ]


def _meant(notice: Notice) -> Place:
    page, _, which = notice.target.partition(":")
    if page in ("deal", "erasure", "board"):
        return Place(page, which)
    # A listing's own id has colons, too.
    return Place("matches" if "match" in notice.what else "listing", notice.target) if page else NOWHERE


def _deals(work: Work, actor: Actor, ids: Iterable[str]) -> frozenset[str]:
    found = select(Deal.id).where(Deal.id.in_(set(ids)), parties.seated(actor))
    return frozenset(work.session.scalars(found))


def _listings(work: Work, actor: Actor, uids: Iterable[str]) -> frozenset[str]:
    owners = select(Listing.uid, Listing.organisation_id).where(Listing.uid.in_(set(uids)))
    return frozenset(
        uid for uid, owner in work.session.execute(owners) if may(actor, "listing.own.read", owner)
    )
