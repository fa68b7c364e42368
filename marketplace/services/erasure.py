"""Erasing a listing of ours for good: what it said goes from here and from every exchange that has it.

Where the law asks for it, or somebody with a right to it. Its id, revision and hash stay, so that it is known to be
gone and cannot come back; a new listing gets a new id.
"""

from __future__ import annotations

from sqlalchemy import delete, select

from marketplace.errors import NotFound
from marketplace.models.feed import Published
from marketplace.models.files import SealedFile
from marketplace.models.listings import Autosave, Listing, Revision, TimelineEvent
from marketplace.models.notices import Notice
from marketplace.models.review import ReviewItem
from marketplace.services import audit, embeddings, feed, matchmaking, profiles
from marketplace.services.classification import following
from marketplace.services.feed import Record
from marketplace.services.policy import Actor, permit
from marketplace.work import Work

REASON = "legal"
"""What people read in its place: the message `gone.legal`."""


def erase(work: Work, actor: Actor, uid: str) -> None:
    """Raises `NotFound` for what is no listing of ours, or was erased before."""
    permit(actor, "listing.erase")
    listing = work.session.scalar(select(Listing).where(Listing.uid == uid).with_for_update())
    if listing is None:
        raise NotFound("listing_not_found")
    if work.session.get(Published, uid) is not None:
        feed.write(work, [Record(uid, listing.kind, "erase", REASON)])
    _forget(work, listing)
    audit.record(work, actor, "listing.erase", uid)


def _forget(work: Work, listing: Listing) -> None:
    matchmaking.forget(work, listing.uid)
    embeddings.forget(work, listing.uid)
    profiles.forget(work, listing.uid)
    following.forget(work, [listing.uid])
    work.session.execute(delete(Notice).where(Notice.target == listing.uid))
    work.session.execute(delete(Autosave).where(Autosave.form == f"listing:{listing.uid}"))
    for table in (SealedFile, ReviewItem, TimelineEvent, Revision):
        work.session.execute(delete(table).where(table.listing_id == listing.id))
    work.session.delete(listing)
