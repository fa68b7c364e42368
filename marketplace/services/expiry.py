"""What time does to listings: a warning 14 days before, and the end after 365. Run by periodic jobs."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from marketplace.models.listings import Listing, Revision
from marketplace.runtime import Runtime
from marketplace.services import drafts, notices, review, steps
from marketplace.services.lifecycle import WARNING
from marketplace.services.policy import SYSTEM
from marketplace.work import Work, begin

AT_ONCE = 200
"""Listings of one transaction."""
RUNNING = ("published", "paused")
"""Statuses in which time runs out."""


def expire_due(work: Work, at_once: int = AT_ONCE) -> int:
    """Let at most `at_once` listings expire whose time is over; how many did."""
    due = select(Listing).where(Listing.status.in_(RUNNING), Listing.expires_at <= work.now)
    listings = work.session.scalars(due.order_by(Listing.expires_at).limit(at_once).with_for_update()).all()
    for listing in listings:
        steps.take(work, SYSTEM, listing, "expire")
        _tell(work, listing, "expired")
    return len(listings)


def warn(work: Work) -> int:
    """Tell the owners of at most `AT_ONCE` listings that these expire soon, once each; how many were due."""
    due = select(Listing).where(
        Listing.status.in_(RUNNING), Listing.expires_at <= work.now + WARNING, Listing.warned_at.is_(None)
    )
    listings = work.session.scalars(due.order_by(Listing.expires_at).limit(AT_ONCE).with_for_update()).all()
    for listing in listings:
        listing.warned_at = work.now
        _tell(work, listing, "expiring")
    return len(listings)


def expire_listings(runtime: Runtime) -> None:
    """Periodic job, hourly: whatever has expired or soon will."""
    for part in (warn, expire_due):
        while _in_one_transaction(runtime, part):
            pass


def tidy_desks(runtime: Runtime) -> None:
    """Periodic job, hourly: owners for orphaned review items, an end for what browsers left behind."""
    with begin(runtime) as work:
        review.give_out(work)
        drafts.forget_old(work)


def _in_one_transaction(runtime: Runtime, part: Callable[[Work], int]) -> int:
    with begin(runtime) as work:
        return part(work)


def _tell(work: Work, listing: Listing, what: str) -> None:
    assert listing.expires_at is not None
    title = work.session.scalars(select(Revision.title).where(Revision.id == listing.live_id)).one()
    day = f"{listing.expires_at:%Y-%m-%d}"
    notices.tell_organisation(
        work,
        listing.organisation_id,
        key=f"{what}:{listing.uid}:{day}",
        what=what,
        target=listing.uid,
        params={"title": title, "day": day},
    )
