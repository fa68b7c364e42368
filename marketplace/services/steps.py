"""Taking one step of a listing's life: asked for, checked against the table, told, and shown to the feed.

Everything a step changes is changed here, in one transaction, so that the published record always agrees with
the listing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select

from marketplace.errors import NotFound, Stale
from marketplace.models.accounts import Organisation
from marketplace.models.listings import Listing, Revision
from marketplace.services import feed, licences, review, sealed, slices, timeline
from marketplace.services.lifecycle import BEFORE, LIFE, STEPS, Standing, after
from marketplace.services.policy import Actor, permit
from marketplace.work import Work
from vocabulary.listing import Content, Sealed, from_record

RETIRED: Mapping[str, str] = {
    "paused": "paused", "expired": "expired", "withdrawn": "withdrawn", "suspended": "legal",
}  # fmt: skip
"""Status -> the reason a tombstone gives (exchange protocol 2.7)."""

REVISION_STEPS = frozenset({"submit", "recall", "approve", "return", "reject", "publish"})
"""On a listing that is public already these concern its revision only, and are told so."""


def find(work: Work, actor: Actor, uid: str, action: str = "listing.own.read") -> Listing:
    """The listing, for somebody who may do `action` with it.

    Raises `SignInNeeded`, `Forbidden` or `NotFound`.
    """
    permit(actor, action)
    listing = work.session.scalar(select(Listing).where(Listing.uid == uid))
    if listing is None:
        raise NotFound("listing_not_found")
    permit(actor, action, listing.organisation_id)
    return listing


def hold(work: Work, actor: Actor, uid: str, action: str, *, version: int | None = None) -> Listing:
    """The same, locked until the end of the transaction. Raises `Stale` when it is no longer at `version`."""
    listing = find(work, actor, uid, action)
    if work.session.get(Listing, listing.id, with_for_update=True, populate_existing=True) is None:
        raise NotFound("listing_not_found")  # It was erased while we waited for it.
    if version is not None and version != listing.version:
        raise Stale(listing.version)
    return listing


def working(work: Work, listing: Listing) -> Revision:
    """The revision its owner works on."""
    return work.session.get_one(Revision, listing.working_id)


def content(revision: Revision) -> Content:
    return from_record(revision.content)


def standing(work: Work, listing: Listing) -> Standing:
    return Standing(listing.status, working(work, listing).state)


def confidential(work: Work, actor: Actor, uid: str) -> Sealed:
    """The sealed part of the working revision, for those who may read it."""
    return sealed.read(work, working(work, find(work, actor, uid, "listing.sealed.read")))


def take(work: Work, actor: Actor, listing: Listing, step: str, *, reason: str = "") -> None:
    """Take `step`, told with its `reason`. Raises `Conflict` when it is illegal here.

    The listing must be held; whether the actor may was asked with its action in `lifecycle.STEPS`.
    """
    advance(work, actor, listing, step, reason=reason)
    show(work, [listing])


def advance(work: Work, actor: Actor, listing: Listing, step: str, *, reason: str = "") -> None:
    """The same without showing it, for who takes many steps and shows them together."""
    permit(actor, STEPS[step].action, listing.organisation_id)
    revision = working(work, listing)
    now = standing(work, listing)
    then = after(step, now, before=listing.earlier.rpartition(" ")[2])
    _remember(listing, step, now.status)
    listing.status, revision.state = then.status, then.revision
    settle(work, actor, listing, step, reason=reason, again=now.status == then.status)


def settle(
    work: Work, actor: Actor, listing: Listing, step: str, *, reason: str = "", again: bool = False
) -> None:
    """What follows from a step that was taken: its effects and its line of the timeline."""
    _EFFECTS.get(step, _nothing)(work, actor, listing, reason)
    listing.version += 1
    listing.updated_at = work.now
    what = f"{step}_revision" if again and step in REVISION_STEPS else step
    told = {"reason": reason} if reason else {}
    timeline.tell(work, actor, listing.id, what, public=STEPS[step].public, **told)


def show(work: Work, listings: Sequence[Listing]) -> None:
    """Make the published records agree with the listings: a public slice while published, else a tombstone."""
    work.session.flush()
    published = [listing for listing in listings if listing.status == "published"]
    granted = licences.shutting(work, [listing.uid for listing in published])
    ids = {one.organisation_id for one in published}
    owners = {own: work.session.get_one(Organisation, own) for own in ids}
    shown = [
        feed.Record(
            one.uid, one.kind, "upsert",
            _body(work, one, slices.party(owners[one.organisation_id]), granted.get(one.uid, [])),
        )
        for one in published
    ]  # fmt: skip
    ended = [
        feed.Record(one.uid, one.kind, "delete", RETIRED[one.status])
        for one in listings
        if one.status in RETIRED
    ]
    feed.write(work, shown + ended)


def _body(
    work: Work, listing: Listing, owner: slices.Party, granted: Sequence[Mapping[str, str]]
) -> dict[str, object]:
    """The public slice of the live revision."""
    live = work.session.get_one(Revision, listing.live_id)
    assert listing.published_at is not None
    assert listing.expires_at is not None
    assert live.decided_at is not None
    return slices.public_body(
        from_record(live.content),
        owner,
        published_at=listing.published_at,
        updated_at=live.decided_at,
        expires_at=listing.expires_at,
        mark=listing.mark,
        ground=listing.mark_ground,
        licences=granted,
    )


def _remember(listing: Listing, step: str, status: str) -> None:
    """Keep the status that a withdrawal or suspension interrupts; give up the one that is returned to."""
    if step in ("withdraw", "suspend"):
        listing.earlier = f"{listing.earlier} {status}".strip()
    elif BEFORE in STEPS[step].statuses.values():
        listing.earlier = listing.earlier.rpartition(" ")[0]


# -- what a step brings about ------------------------------------------------------------------------------

_Effect = Callable[[Work, Actor, Listing, str], None]


def _nothing(work: Work, actor: Actor, listing: Listing, reason: str) -> None:
    """Most steps change nothing beyond the two states."""


def _send(work: Work, actor: Actor, listing: Listing, reason: str) -> None:
    working(work, listing).submitted_at = work.now
    review.open_item(work, listing, "revision" if listing.live_id else "first")


def _take_back(work: Work, actor: Actor, listing: Listing, reason: str) -> None:
    review.close(work, actor, listing, decision="recalled")


def _decide(decision: str) -> _Effect:
    def decided(work: Work, actor: Actor, listing: Listing, reason: str) -> None:
        _decided(work, actor, listing, reason)
        review.close(work, actor, listing, decision=decision, reason=reason)

    return decided


def _decided(work: Work, actor: Actor, listing: Listing, reason: str) -> None:
    revision = working(work, listing)
    revision.decided_at, revision.decided_by, revision.reason = work.now, actor.user_id or None, reason


def _approve(work: Work, actor: Actor, listing: Listing, reason: str) -> None:
    _go_live(work, actor, listing, reason)
    review.close(work, actor, listing, decision="approved", reason=reason)


def _go_live(work: Work, actor: Actor, listing: Listing, reason: str) -> None:
    """What is published without having been sent to a moderator waits on nobody's desk."""
    _decided(work, actor, listing, reason)
    listing.live_id = listing.working_id
    listing.confirmed_at = work.now
    if listing.published_at is None:
        listing.published_at = work.now
        listing.expires_at = work.now + LIFE


def _renew(work: Work, actor: Actor, listing: Listing, reason: str) -> None:
    listing.expires_at = work.now + LIFE
    listing.confirmed_at = work.now
    listing.warned_at = None


def _confirm(work: Work, actor: Actor, listing: Listing, reason: str) -> None:
    listing.confirmed_at = work.now


def _discard(work: Work, actor: Actor, listing: Listing, reason: str) -> None:
    # The step's table names the state the listing is left with, which is that of its live revision.
    working(work, listing).state = "dropped"
    listing.working_id = listing.live_id


_EFFECTS: Mapping[str, _Effect] = {
    "submit": _send,
    "recall": _take_back,
    "withdraw": _take_back,
    "approve": _approve,
    "publish": _go_live,
    "return": _decide("returned"),
    "reject": _decide("rejected"),
    "renew": _renew,
    "confirm": _confirm,
    "discard": _discard,
}
