"""What a moderator decides: approve, return, reject; suspend and restore; mark with its legal ground.

Of two who decide at once one wins and the other is told. Nobody decides on a listing of the own organisation.
"""

from __future__ import annotations

from sqlalchemy import select

from marketplace.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.models.accounts import User
from marketplace.models.listings import Listing, Revision
from marketplace.models.review import ReviewItem
from marketplace.services import audit, notices, review, steps
from marketplace.services.policy import Actor, permit
from marketplace.services.reasons import Reason
from marketplace.work import Work
from vocabulary.problems import Problem
from vocabulary.text import clean

MARKS = ("restricted", "prohibited")
"""Law on Technology Transfer 07/2017/QH14, art. 10 (restricted from transfer) and art. 11 (prohibited)."""
LONGEST_GROUND = 300


def approve(work: Work, actor: Actor, item_id: str) -> Listing:
    """Publish the revision under review."""
    return _decide(work, actor, item_id, "approve", Reason())


def send_back(work: Work, actor: Actor, item_id: str, reason: Reason) -> Listing:
    """Return the revision to its owner, who mends it and sends it again."""
    return _decide(work, actor, item_id, "return", reason)


def reject(work: Work, actor: Actor, item_id: str, reason: Reason) -> Listing:
    """Refuse the revision for good; what is public of the listing stays."""
    return _decide(work, actor, item_id, "reject", reason)


def answer_report(work: Work, actor: Actor, item_id: str, *, upheld: bool, reason: Reason) -> Listing:
    """Close a report. What is to follow from one that is upheld (suspend, mark) is a step of its own."""
    item, listing = _hold(work, actor, item_id)
    if item.kind != "report":
        raise Conflict("not_a_report")
    item.decided_at, item.decided_by = work.now, actor.user_id or None
    item.decision, item.reason = ("upheld" if upheld else "dismissed"), reason.written()
    audit.record(work, actor, f"report.{item.decision}", listing.uid, item=item.id)
    return listing


def reassign(work: Work, actor: Actor, item_id: str, owner_id: str) -> None:
    """Give an open item to another moderator."""
    item, listing = _hold(work, actor, item_id, deciding=False)
    if owner_id not in review.moderators(work):
        raise Invalid([Problem("owner", "moderator.unknown")])
    item.owner_id = owner_id
    audit.record(work, actor, "review.reassign", listing.uid, item=item.id, owner=owner_id)


def suspend(work: Work, actor: Actor, uid: str, reason: Reason) -> Listing:
    """Take a public listing away until it is restored."""
    return _step(work, actor, uid, "suspend", reason.written())


def restore(work: Work, actor: Actor, uid: str) -> Listing:
    """End a suspension: the listing is again what it was before."""
    return _step(work, actor, uid, "restore", "")


def mark(work: Work, actor: Actor, uid: str, mark: str, ground: str) -> Listing:
    """Mark a technology as restricted or prohibited; `ground` names the law, and is public."""
    listing = _held(work, actor, uid)
    if listing.mark:
        raise Conflict("already_marked")
    listing.mark, listing.mark_ground = _known_mark(mark), _ground(ground)
    return _finish(work, actor, listing, "mark", Reason((), listing.mark_ground).written())


def unmark(work: Work, actor: Actor, uid: str) -> Listing:
    """Take the mark away. Raises `Conflict` when there is none."""
    listing = _held(work, actor, uid)
    if not listing.mark:
        raise Conflict("not_marked")
    listing.mark, listing.mark_ground = "", ""
    return _finish(work, actor, listing, "unmark", "")


def _decide(work: Work, actor: Actor, item_id: str, step: str, reason: Reason) -> Listing:
    item, listing = _hold(work, actor, item_id)
    if item.revision_id != listing.working_id or item.kind == "report":
        raise Conflict("not_under_review")
    steps.take(work, actor, listing, step, reason=reason.written())
    _tell(work, listing, step)
    audit.record(work, actor, f"review.{step}", listing.uid, item=item.id)
    return listing


def _hold(work: Work, actor: Actor, item_id: str, *, deciding: bool = True) -> tuple[ReviewItem, Listing]:
    """The item and its listing, locked, for somebody who may decide on it now."""
    permit(actor, "review.work")
    wanted = select(ReviewItem).where(ReviewItem.id == item_id).with_for_update()
    item = work.session.scalar(wanted.execution_options(populate_existing=True))
    if item is None:
        raise NotFound("review_item_not_found")
    if item.decided_at is not None:
        by = work.session.scalar(select(User.name).where(User.id == item.decided_by))
        raise Conflict("already_decided", by=by or "", decision=item.decision)
    listing = work.session.get_one(Listing, item.listing_id, with_for_update=True, populate_existing=True)
    if deciding:
        _impartial(actor, listing)
    return item, listing


def _impartial(actor: Actor, listing: Listing) -> None:
    if listing.organisation_id in actor.roles:
        raise Forbidden("own_listing")


def _held(work: Work, actor: Actor, uid: str) -> Listing:
    listing = steps.hold(work, actor, uid, "listing.mark")
    _impartial(actor, listing)
    return listing


def _step(work: Work, actor: Actor, uid: str, step: str, reason: str) -> Listing:
    return _finish(work, actor, _held(work, actor, uid), step, reason)


def _finish(work: Work, actor: Actor, listing: Listing, step: str, reason: str) -> Listing:
    steps.take(work, actor, listing, step, reason=reason)
    _tell(work, listing, step)
    audit.record(work, actor, f"listing.{step}", listing.uid, reason=reason)
    return listing


def _known_mark(mark: str) -> str:
    if mark not in MARKS:
        raise Invalid([Problem("mark", "mark.unknown")])
    return mark


def _ground(ground: str) -> str:
    words = clean(ground)
    if not words:
        raise Invalid([Problem("ground", "ground.needed")])
    if len(words) > LONGEST_GROUND:
        raise Invalid(
            [Problem("ground", "text.too_long", {"limit": str(LONGEST_GROUND), "length": str(len(words))})]
        )
    return words


def _tell(work: Work, listing: Listing, step: str) -> None:
    """The owner's people hear of it on their desks. The words of a reason stay on the listing's own page."""
    title = work.session.scalars(select(Revision.title).where(Revision.id == listing.working_id)).one()
    notices.tell_organisation(
        work,
        listing.organisation_id,
        key=f"{step}:{listing.uid}:{listing.version}",
        what=f"listing_{step}",
        target=listing.uid,
        params={"title": title},
    )
