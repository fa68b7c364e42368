"""One listing as the people of its organisation (and moderators) see it: everything about it, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marketplace.models.accounts import Organisation
from marketplace.models.listings import Listing, Revision
from marketplace.services import sealed as sealing
from marketplace.services import slices, steps
from marketplace.services.lifecycle import SECOND_THOUGHTS, STEPS, after, steps_from
from marketplace.services.policy import Actor, may
from marketplace.services.reasons import Reason
from marketplace.services.slices import Party
from marketplace.work import Work
from vocabulary.listing import Content, Sealed, from_record

OWNERS_STEPS = (
    "submit", "recall", "discard", "resume", "pause", "renew", "confirm", "withdraw", "unwithdraw",
)  # fmt: skip
"""Steps that a button on the listing's own page takes, in the order of the buttons."""


@dataclass(frozen=True, slots=True)
class OwnListing:
    """`content` is the working revision, `live` what is public, None while it is the same or nothing is."""

    uid: str
    kind: str
    status: str
    revision_state: str
    version: int
    organisation_id: str
    party: Party
    content: Content
    live: Content | None
    sealed: Sealed | None
    """None for those who may not read it."""
    steps: tuple[str, ...]
    """What this person may do now."""
    editable: bool
    reason: Reason
    """Why the working revision was sent back or refused."""
    mark: str
    mark_ground: str
    published_at: datetime | None
    updated_at: datetime
    expires_at: datetime | None
    confirmed_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether something else is public than what its owner works on."""
        return self.live is not None


def read(work: Work, actor: Actor, uid: str) -> OwnListing:
    """Raises `SignInNeeded`, `Forbidden` or `NotFound`."""
    listing = steps.find(work, actor, uid)
    revision = steps.working(work, listing)
    allowed = _allowed(work, actor, listing, revision)
    sealed_too = may(actor, "listing.sealed.read", listing.organisation_id)
    return OwnListing(
        uid=uid,
        kind=listing.kind,
        status=listing.status,
        revision_state=revision.state,
        version=listing.version,
        organisation_id=listing.organisation_id,
        party=slices.party(work.session.get_one(Organisation, listing.organisation_id)),
        content=steps.content(revision),
        live=_live(work, listing),
        sealed=sealing.read(work, revision) if sealed_too else None,
        steps=tuple(step for step in OWNERS_STEPS if step in allowed),
        editable="revise" in allowed,
        reason=Reason.read(revision.reason) if revision.state in ("returned", "rejected") else Reason(),
        mark=listing.mark,
        mark_ground=listing.mark_ground,
        published_at=listing.published_at,
        updated_at=listing.updated_at,
        expires_at=listing.expires_at,
        confirmed_at=listing.confirmed_at,
    )


def editable(work: Work, actor: Actor, uid: str) -> OwnListing:
    """The same, for somebody who is about to write a new revision. Raises `Conflict` where none can be written."""
    listing = steps.find(work, actor, uid, "listing.edit")
    after("revise", steps.standing(work, listing))
    return read(work, actor, uid)


def _live(work: Work, listing: Listing) -> Content | None:
    if listing.live_id in (None, listing.working_id):
        return None
    return from_record(work.session.get_one(Revision, listing.live_id).content)


def _allowed(work: Work, actor: Actor, listing: Listing, revision: Revision) -> frozenset[str]:
    open_now = steps_from(steps.standing(work, listing))
    too_late = work.now - listing.updated_at > SECOND_THOUGHTS
    return frozenset(
        step
        for step in open_now
        if may(actor, STEPS[step].action, listing.organisation_id) and not (step == "unwithdraw" and too_late)
    )
