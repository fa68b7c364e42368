"""Posting, revising and keeping a listing: what its owner can do.

Each function takes one Work and the Actor who asks, permits or refuses, and leaves the commit to its caller.
`version` is the one the form was filled from; `Stale` is raised when somebody has changed the listing since.
"""

from __future__ import annotations

from marketplace.db import new_id
from marketplace.errors import Conflict, Forbidden, Invalid
from marketplace.models.listings import Listing
from marketplace.services import revisions, steps, timeline
from marketplace.services import sealed as sealing
from marketplace.services.lifecycle import SECOND_THOUGHTS, Standing, after
from marketplace.services.policy import Actor, permit
from marketplace.work import Work
from vocabulary.checks import problems
from vocabulary.listing import Content, Sealed, as_record, from_record


def post(
    work: Work, actor: Actor, organisation_id: str, content: Content, *, sealed: Sealed | None = None,
    submit: bool = False, source_id: str | None = None,
) -> Listing:  # fmt: skip
    """A new listing of the organisation, kept as a draft or sent for review at once.

    Raises `Invalid` for what a draft (or, when sent, a listing) may not say, and `Forbidden` when somebody
    who has not confirmed the own address wants to send it.
    """
    permit(actor, "listing.post", organisation_id)
    accept(content, publishing=submit)
    listing = _draft(work, actor, organisation_id, content.kind, source_id)
    work.session.add(listing)
    work.session.flush()
    revisions.add(work, actor, listing, content, sealed or sealing.NOTHING)
    timeline.tell(work, actor, listing.id, "post", public=False)
    if submit:
        _submit(work, actor, listing)
    return listing


def revise(
    work: Work, actor: Actor, uid: str, content: Content, *, version: int, sealed: Sealed | None = None
) -> Listing:
    """Save a new revision of the draft, or of a published listing beside what stays public.

    Without `sealed` the confidential part stays as it was. Saving the same again changes nothing. Raises
    `Stale`, `Invalid`, and `Conflict` while the listing is in review, withdrawn or rejected.
    """
    listing = steps.hold(work, actor, uid, "listing.edit", version=version)
    before = steps.working(work, listing)
    then = after("revise", Standing(listing.status, before.state))
    content = content.revised(kind=listing.kind)
    accept(content, publishing=False)
    kept = sealing.read(work, before)
    if as_record(content) == before.content and sealed in (None, kept):
        return listing
    if before.state == "draft":
        before.state = "dropped"
    revisions.add(work, actor, listing, content, kept if sealed is None else sealed, state=then.revision)
    steps.settle(work, actor, listing, "revise")
    work.session.flush()
    return listing


def submit(work: Work, actor: Actor, uid: str, *, version: int | None = None) -> Listing:
    """Send the working revision to the moderators. Raises `Invalid` when something needed is missing."""
    listing = steps.hold(work, actor, uid, "listing.edit", version=version)
    _submit(work, actor, listing)
    return listing


def recall(work: Work, actor: Actor, uid: str, *, version: int | None = None) -> Listing:
    """Take the working revision back from review, to go on writing."""
    return _simple(work, actor, uid, "recall", version)


def discard(work: Work, actor: Actor, uid: str, *, version: int | None = None) -> Listing:
    """Drop the revision that waits and go back to what is public."""
    return _simple(work, actor, uid, "discard", version)


def pause(work: Work, actor: Actor, uid: str, *, version: int | None = None) -> Listing:
    return _simple(work, actor, uid, "pause", version)


def resume(work: Work, actor: Actor, uid: str, *, version: int | None = None) -> Listing:
    return _simple(work, actor, uid, "resume", version)


def withdraw(work: Work, actor: Actor, uid: str, *, version: int | None = None) -> Listing:
    """Take the listing out for good, from whatever state; for ten minutes `unwithdraw` takes this back."""
    return _simple(work, actor, uid, "withdraw", version)


def unwithdraw(work: Work, actor: Actor, uid: str, *, version: int | None = None) -> Listing:
    """Undo a withdrawal. Raises `Conflict` when it is more than `SECOND_THOUGHTS` ago."""
    listing = steps.hold(work, actor, uid, "listing.edit", version=version)
    if listing.status == "withdrawn" and work.now - listing.updated_at > SECOND_THOUGHTS:
        raise Conflict("too_late_to_undo", minutes=int(SECOND_THOUGHTS.total_seconds() // 60))
    steps.take(work, actor, listing, "unwithdraw")
    return listing


def renew(work: Work, actor: Actor, uid: str, *, version: int | None = None) -> Listing:
    """Public for another 365 days from now; an expired listing is public again."""
    return _simple(work, actor, uid, "renew", version)


def confirm(work: Work, actor: Actor, uid: str, *, version: int | None = None) -> Listing:
    """Say that all of it is still true."""
    return _simple(work, actor, uid, "confirm", version)


def accept(content: Content, *, publishing: bool) -> None:
    """Raise `Invalid` for what is wrong; warnings stop nothing."""
    wrong = [problem for problem in problems(content, publishing=publishing) if not problem.warning]
    if wrong:
        raise Invalid(wrong)


def uid_of(work: Work, kind: str, own: str) -> str:
    """The name of a record for ever: `<node>:<kind>:<ulid>` (exchange protocol 2.1)."""
    return f"{work.runtime.settings.node_id}:{kind}:{own}"


def _draft(work: Work, actor: Actor, organisation_id: str, kind: str, source_id: str | None) -> Listing:
    own = new_id()
    return Listing(
        id=own,
        uid=uid_of(work, kind, own),
        kind=kind,
        organisation_id=organisation_id,
        created_by=actor.user_id or None,
        status="draft",
        earlier="",
        version=1,
        mark="",
        mark_ground="",
        source_id=source_id,
        source_hash="",
        created_at=work.now,
        updated_at=work.now,
    )


def _simple(work: Work, actor: Actor, uid: str, step: str, version: int | None) -> Listing:
    listing = steps.hold(work, actor, uid, "listing.edit", version=version)
    steps.take(work, actor, listing, step)
    return listing


def _submit(work: Work, actor: Actor, listing: Listing) -> None:
    if not actor.confirmed:
        raise Forbidden("confirm_first")
    accept(from_record(steps.working(work, listing).content), publishing=True)
    steps.take(work, actor, listing, "submit")
