"""Revisions: every text a listing ever had is kept, and any two can be compared."""

from __future__ import annotations

from sqlalchemy import func, select

from marketplace.db import new_id
from marketplace.models.listings import Listing, Revision
from marketplace.services import sealed as sealing
from marketplace.services.policy import Actor
from marketplace.work import Work
from vocabulary.listing import Content, Sealed, as_record


def add(
    work: Work, actor: Actor, listing: Listing, content: Content, sealed: Sealed, *, state: str = "draft"
) -> Revision:
    """A new revision, which becomes the working one."""
    last = select(func.max(Revision.number)).where(Revision.listing_id == listing.id)
    revision = Revision(
        id=new_id(),
        listing_id=listing.id,
        number=(work.session.scalar(last) or 0) + 1,
        state=state,
        content=as_record(content),
        title=content.title,
        author_id=actor.user_id or None,
        created_at=work.now,
        updated_at=work.now,
    )
    sealing.put(work, revision, sealed)
    work.session.add(revision)
    listing.working_id = revision.id
    work.session.flush()
    return revision
