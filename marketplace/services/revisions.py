"""Revisions: every text a listing ever had is kept, and any two can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from marketplace.db import new_id
from marketplace.errors import NotFound
from marketplace.models.accounts import User
from marketplace.models.listings import Listing, Revision
from marketplace.services import sealed as sealing
from marketplace.services.policy import Actor
from marketplace.work import Work
from vocabulary.listing import Content, Sealed, as_record, from_record


class New(NamedTuple):
    """What a listing is to say from now on, and its confidential part."""

    listing: Listing
    content: Content
    sealed: Sealed


def add(
    work: Work, actor: Actor, listing: Listing, content: Content, sealed: Sealed, *, state: str = "draft"
) -> Revision:
    """A new revision, which becomes the working one."""
    (revision,) = add_all(work, actor, [New(listing, content, sealed)], state=state)
    return revision


def add_all(work: Work, actor: Actor, some: Sequence[New], *, state: str = "draft") -> list[Revision]:
    """The same for many listings at once."""
    ids = [new.listing.id for new in some]
    last = select(Revision.listing_id, func.max(Revision.number)).where(Revision.listing_id.in_(ids))
    numbers = dict(work.session.execute(last.group_by(Revision.listing_id)).all())
    added = [_added(work, actor, new, numbers.get(new.listing.id, 0) + 1, state) for new in some]
    work.session.flush()
    return added


def _added(work: Work, actor: Actor, new: New, number: int, state: str) -> Revision:
    revision = Revision(
        id=new_id(),
        listing_id=new.listing.id,
        number=number,
        state=state,
        content=as_record(new.content),
        title=new.content.title,
        author_id=actor.user_id or None,
        created_at=work.now,
        updated_at=work.now,
    )
    sealing.put(work, revision, new.sealed)
    work.session.add(revision)
    new.listing.working_id = revision.id
    return revision


@dataclass(frozen=True, slots=True)
class Version:
    """One revision in the list of all of them."""

    number: int
    state: str
    created_at: datetime
    author: str
    live: bool
    working: bool


def versions(work: Work, listing: Listing) -> list[Version]:
    """Every revision of a listing, the latest first: for those to whom `steps.find` gave it."""
    told = select(Revision.id, Revision.number, Revision.state, Revision.created_at, User.name).outerjoin(
        User, User.id == Revision.author_id
    )
    rows = work.session.execute(
        told.where(Revision.listing_id == listing.id).order_by(Revision.number.desc())
    )
    return [
        Version(number, state, at, name or "", own == listing.live_id, own == listing.working_id)
        for own, number, state, at, name in rows
    ]


def content_of(work: Work, listing: Listing, number: int) -> Content:
    """What revision `number` said. Raises `NotFound`."""
    wanted = select(Revision.content).where(Revision.listing_id == listing.id, Revision.number == number)
    record = work.session.scalar(wanted)
    if record is None:
        raise NotFound("revision_not_found")
    return from_record(record)
