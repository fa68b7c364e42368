"""How the people behind a listing are reached: for signed-in members, and never of another exchange's listing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from marketplace.models.accounts import Organisation
from marketplace.models.listings import Listing, Revision
from marketplace.services import slices
from marketplace.services.policy import Actor, may
from marketplace.services.slices import Party, Reader
from marketplace.work import Work
from vocabulary.listing import Contact, Content, Sealed, from_record


@dataclass(frozen=True, slots=True)
class Reach:
    """What a listing says of it, as far as its reader may know; what it does not say is empty."""

    contact: Contact = field(default_factory=Contact)
    website: str = ""
    confirmed_at: datetime | None = None
    """When its owner last said that it still holds."""
    for_members: bool = False
    """Whether a visitor would see more of it after signing in."""

    @property
    def said(self) -> bool:
        """Whether there is a way to reach them, of those that this reader sees."""
        return self.contact != Contact() or bool(self.website)


def reach(work: Work, actor: Actor, uid: str) -> Reach:
    """What `actor` sees of a listing that is public here, of its approved revision."""
    found = work.session.execute(
        select(Revision.content, Organisation, Listing.confirmed_at)
        .join(Listing, Listing.live_id == Revision.id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .where(Listing.uid == uid, Listing.status == "published")
    ).one_or_none()
    if found is None:
        return Reach()
    record, organisation, confirmed_at = found
    return seen(
        from_record(record), slices.party(organisation), confirmed_at,
        "member" if may(actor, "listing.contact.read") else "public",
    )  # fmt: skip


def seen(content: Content, party: Party, confirmed_at: datetime | None, reader: Reader) -> Reach:
    """What one sort of reader sees of it."""
    if reader == "public":
        return Reach(for_members=seen(content, party, confirmed_at, "member").said)
    slice_ = slices.view(content, Sealed(), party, reader)
    return Reach(slice_.content.contact, slice_.party.website if slice_.party else "", confirmed_at)
