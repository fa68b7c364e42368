"""Anyone may say that something is wrong with a listing; a moderator looks at it within a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from marketplace.errors import Invalid, NotFound
from marketplace.models.listings import Listing
from marketplace.models.review import ReviewItem
from marketplace.services import audit, review, throttle
from marketplace.services.locks import alone
from marketplace.services.policy import Actor, permit
from marketplace.services.reasons import LONGEST, REPORT
from marketplace.services.throttle import Limit
from marketplace.work import Work
from vocabulary.problems import Problem
from vocabulary.text import clean

REPORTS_ADDRESS = Limit("reports.address", 10, timedelta(hours=1))
"""Reports from one network address: enough for a careful reader, too few to flood the queue."""
LONGEST_ADDRESS = 254
"""Characters of an e-mail address (RFC 5321 4.5.3.1.3)."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the form says. `reply_to` is an address a visitor may leave; the listing's owner never sees it."""

    reason: str
    text: str = ""
    reply_to: str = ""


def count(work: Work, address: str) -> None:
    """Count one report from a network address, in a transaction of its own. Raises `TooMany`."""
    throttle.take(work, REPORTS_ADDRESS, throttle.network(address))


def report(work: Work, actor: Actor, uid: str, said: Report) -> None:
    """Put a complaint about a public listing into the moderators' queue.

    Raises `NotFound` when there is no such public listing here, `Invalid` for a report without its reason.
    The same person reporting the same listing again adds nothing while the first report is open.
    """
    permit(actor, "listing.report")
    accept(said)
    public = select(Listing).where(Listing.uid == uid, Listing.status == "published")
    listing = work.session.scalar(public)
    if listing is None:
        raise NotFound("listing_not_found")
    reporter = actor.user_id or clean(said.reply_to)
    alone(work, f"reports {uid}")
    if reporter and _is_open(work, listing, reporter):
        return
    item = review.open_item(
        work,
        listing,
        "report",
        report_reason=said.reason,
        report_text=clean(said.text),
        reporter=reporter,
    )
    audit.record(work, actor, "listing.report", uid, item=item.id, reason=said.reason)


def accept(said: Report) -> None:
    """Raise `Invalid` for an unknown reason, «other» without a word, or too many words."""
    wrong = []
    if said.reason not in REPORT:
        wrong.append(Problem("reason", "reason.needed"))
    if said.reason == "other" and not clean(said.text):
        wrong.append(Problem("text", "report.text_needed"))
    for path, value, limit in (("text", said.text, LONGEST), ("reply_to", said.reply_to, LONGEST_ADDRESS)):
        if len(clean(value)) > limit:
            wrong.append(Problem(path, "text.too_long", {"limit": str(limit), "length": str(len(value))}))
    if wrong:
        raise Invalid(wrong)


def _is_open(work: Work, listing: Listing, reporter: str) -> bool:
    mine = select(ReviewItem.id).where(
        ReviewItem.listing_id == listing.id, ReviewItem.reporter == reporter, ReviewItem.decided_at.is_(None)
    )
    return work.session.scalar(mine.limit(1)) is not None
