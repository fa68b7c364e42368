"""Listings whose time is nearly over, as people are told of them 14 days before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, select

from marketplace.models.listings import Listing, Revision
from marketplace.services.lifecycle import WARNING
from marketplace.work import Work

RUNNING = ("published", "paused")
"""Statuses in which time runs out."""


class Ending(NamedTuple):
    """A listing as a letter names it: what is public of it, and until when."""

    uid: str
    kind: str
    title: str
    language: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Endings:
    """The soonest of `total` listings that end."""

    total: int
    soonest: tuple[Ending, ...]


def warned(work: Work, organisation_id: str, at: datetime, *, most: int) -> Endings:
    """Those of an organisation that were found at that moment and have not been renewed, withdrawn or ended since."""
    found = and_(
        running_out(work), Listing.organisation_id == organisation_id, Listing.warned_at == at
    )  # fmt: skip
    total = work.session.scalar(select(func.count()).select_from(Listing).where(found)) or 0
    columns = (Listing.uid, Listing.kind, Revision.title, Revision.content, Listing.expires_at)
    soonest = select(*columns).join(Revision, Revision.id == Listing.live_id).where(found)
    rows = work.session.execute(soonest.order_by(Listing.expires_at, Listing.id).limit(most))
    return Endings(
        total,
        tuple(
            Ending(uid, kind, title, content["language"], ends) for uid, kind, title, content, ends in rows
        ),
    )


def running_out(work: Work) -> ColumnElement[bool]:
    """The condition that a listing ends within the time of the warning, or should have ended."""
    return and_(Listing.status.in_(RUNNING), Listing.expires_at <= work.now + WARNING)
