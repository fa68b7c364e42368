"""The moderators' queue: every item has an owner and a due date, and ends in exactly one decision."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select, update

from marketplace.db import new_id
from marketplace.models.accounts import Membership, Organisation, User
from marketplace.models.listings import Listing
from marketplace.models.review import ReviewItem
from marketplace.services.policy import Actor
from marketplace.work import Work

WORKING_DAYS = 3
"""A listing or a revision is decided within so many working days."""
REPORT_DUE = timedelta(days=1)
OFFICE = ZoneInfo("Asia/Ho_Chi_Minh")
"""Working days are those of the office. Public holidays are not known here and count as working days."""
SATURDAY = 5


def open_item(work: Work, listing: Listing, kind: str, **report: str) -> ReviewItem:
    """Put a listing on a moderator's desk. `kind` is first, revision or report (with its reason and text)."""
    due = work.now + REPORT_DUE if kind == "report" else working_days_after(work.now, WORKING_DAYS)
    item = ReviewItem(
        id=new_id(),
        kind=kind,
        listing_id=listing.id,
        revision_id=listing.working_id if kind != "report" else listing.live_id,
        owner_id=next_owner(work, listing.organisation_id),
        opened_at=work.now,
        due_at=due,
        **report,
    )
    work.session.add(item)
    work.session.flush()
    return item


def close(work: Work, actor: Actor, listing: Listing, *, decision: str, reason: str = "") -> None:
    """End what waits for a decision on the listing's revision; reports of it stay open."""
    waiting = update(ReviewItem).where(
        ReviewItem.listing_id == listing.id, ReviewItem.kind != "report", ReviewItem.decided_at.is_(None)
    )
    ended = {
        "decided_at": work.now,
        "decided_by": actor.user_id or None,
        "decision": decision,
        "reason": reason,
    }
    work.session.execute(waiting.values(**ended))


def next_owner(work: Work, organisation_id: str) -> str | None:
    """The moderator with the fewest open items; of equals the one who has waited longest for a new one.

    Nobody is given a listing of an organisation he belongs to. None when there is no one left to give it to.
    """
    own = select(Membership.user_id).where(Membership.organisation_id == organisation_id)
    candidates = [user_id for user_id in moderators(work) if user_id not in set(work.session.scalars(own))]
    if not candidates:
        return None
    open_items = func.count().filter(ReviewItem.decided_at.is_(None))
    held = select(ReviewItem.owner_id, open_items, func.max(ReviewItem.opened_at), func.max(ReviewItem.id))
    rows = work.session.execute(held.where(ReviewItem.owner_id.in_(candidates)).group_by(ReviewItem.owner_id))
    load = {owner: (count, opened.timestamp(), last) for owner, count, opened, last in rows}
    return min(candidates, key=lambda user_id: (*load.get(user_id, (0, 0.0, "")), user_id))


def moderators(work: Work) -> list[str]:
    """Everybody who moderates this exchange; where nobody is named to it, its administrators."""
    return staff(work, "moderator") or staff(work, "admin")


def give_out(work: Work) -> int:
    """Find an owner for items opened while there was no moderator, or whose owner is one no more; how many."""
    items = select(ReviewItem, Listing.organisation_id).join(Listing, Listing.id == ReviewItem.listing_id)
    without = or_(ReviewItem.owner_id.is_(None), ReviewItem.owner_id.not_in(moderators(work)))
    orphans = items.where(without, ReviewItem.decided_at.is_(None)).order_by(ReviewItem.due_at)
    given = 0
    for item, organisation_id in work.session.execute(orphans).all():
        item.owner_id = next_owner(work, organisation_id)
        given += item.owner_id is not None
        work.session.flush()
    return given


def working_days_after(moment: datetime, days: int) -> datetime:
    """The same time of day, `days` working days later; from a weekend, counted from Monday's beginning."""
    local = moment.astimezone(OFFICE)
    while local.weekday() >= SATURDAY:
        local = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    while days:
        local += timedelta(days=1)
        days -= local.weekday() < SATURDAY
    return local.astimezone(moment.tzinfo)


def staff(work: Work, *roles: str) -> list[str]:
    """Everybody who holds one of these roles in the exchange's own organisation and may sign in."""
    holders = (
        select(Membership.user_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .join(User, User.id == Membership.user_id)
        .where(Organisation.is_exchange, Membership.role.in_(roles), User.disabled_at.is_(None))
    )
    return sorted(set(work.session.scalars(holders)))
