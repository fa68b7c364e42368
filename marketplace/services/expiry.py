"""What time does to listings: a warning 14 days before, and the end after 365. Run by periodic jobs."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import and_, select, update

from marketplace.models.accounts import Membership, User
from marketplace.models.listings import Listing, Revision
from marketplace.runtime import Runtime
from marketplace.services import brokerage, drafts, notices, review, steps
from marketplace.services.expiring import RUNNING, running_out, warned
from marketplace.services.letters import post_letter
from marketplace.services.policy import SYSTEM, WRITERS
from marketplace.work import Work, begin

AT_ONCE = 200
"""Listings of one transaction."""


def expire_due(work: Work, at_once: int = AT_ONCE) -> int:
    """Let at most `at_once` listings expire whose time is over; how many did."""
    due = select(Listing).where(Listing.status.in_(RUNNING), Listing.expires_at <= work.now)
    listings = work.session.scalars(due.order_by(Listing.expires_at).limit(at_once).with_for_update()).all()
    for listing in listings:
        steps.take(work, SYSTEM, listing, "expire")
        _tell(work, listing)
    return len(listings)


def warn(work: Work) -> int:
    """Tell the people of one organisation which of its listings expire soon; how many did, 0 when all are told.

    All at once, for a file of a thousand offers is one piece of news a year after its import, too.
    """
    due = and_(running_out(work), Listing.warned_at.is_(None))
    organisation_id = work.session.scalar(select(Listing.organisation_id).where(due).limit(1))
    if organisation_id is None:
        return 0
    theirs = update(Listing).where(due, Listing.organisation_id == organisation_id)
    warned = work.session.execute(theirs.values(warned_at=work.now).returning(Listing.id)).all()
    if warned:
        _warn_of(work, organisation_id)
    return len(warned)


def expire_listings(runtime: Runtime) -> None:
    """Periodic job, hourly: whatever has expired or soon will, licences too."""
    for part in (warn, expire_due, brokerage.run_out):
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


def _tell(work: Work, listing: Listing) -> None:
    assert listing.expires_at is not None
    title = work.session.scalars(select(Revision.title).where(Revision.id == listing.live_id)).one()
    day = f"{listing.expires_at:%Y-%m-%d}"
    notices.tell_organisation(
        work,
        listing.organisation_id,
        key=f"expired:{listing.uid}:{day}",
        what="expired",
        target=listing.uid,
        params={"title": title, "day": day},
    )


def _warn_of(work: Work, organisation_id: str) -> None:
    """On the desk and by one letter, each once."""
    ending = warned(work, organisation_id, work.now, most=1)
    (first,) = ending.soonest
    what, n = ("expiring", {}) if ending.total == 1 else ("expiring_many", {"n": ending.total})
    day = f"{first.expires_at:%Y-%m-%d}"
    notices.tell_organisation(
        work, organisation_id, key=f"{what}:{first.uid}:{day}", what=what, target=first.uid,
        params={"title": first.title, "day": day, **n},
    )  # fmt: skip
    for user_id in _who_may_renew(work, organisation_id):
        post_letter(
            work, "expiring", user_id=user_id, organisation_id=organisation_id, warned_at=work.now.isoformat()
        )


def _who_may_renew(work: Work, organisation_id: str) -> list[str]:
    """Those whose mailbox is known to be theirs."""
    wanted = (
        select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == organisation_id, Membership.role.in_(WRITERS))
        .where(User.email_confirmed_at.is_not(None), User.disabled_at.is_(None))
    )
    return list(work.session.scalars(wanted.distinct()))
