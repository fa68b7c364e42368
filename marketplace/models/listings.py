"""Listings, their revisions, what is sealed in them, drafts that save themselves, and the public timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Json, Table, new_id


class Listing(Table):
    """One offer, demand or initiative that has its home here.

    `status` is the life people see. What is published is the `live` revision; what its owner works on is the
    `working` one. They are the same row when nothing waits.
    """

    __tablename__ = "listings"
    __table_args__ = (
        UniqueConstraint("organisation_id", "source_id"),
        Index("ix_listings_organisation_status", "organisation_id", "status"),
        Index("ix_listings_status_expires_at", "status", "expires_at"),
    )
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    uid: Mapped[str] = mapped_column(unique=True)
    """`<node>:<kind>:<id>`, the name of the record everywhere and for ever."""
    kind: Mapped[str]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    created_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str]
    earlier: Mapped[str] = mapped_column(default="")
    """The statuses that a suspension or a withdrawal interrupted, the last one last, with spaces between."""
    version: Mapped[int] = mapped_column(default=1)
    """Grows with every change; a form that carries an older one is stale."""
    working_id: Mapped[str | None]
    live_id: Mapped[str | None]
    mark: Mapped[str] = mapped_column(default="")
    """`restricted` or `prohibited`, set by a moderator with its legal ground."""
    mark_ground: Mapped[str] = mapped_column(default="")
    source_id: Mapped[str | None]
    """The importing file's own id; with the owner it tells a repeated import from a new listing."""
    source_hash: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]


class Revision(Table):
    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("listing_id", "number"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    listing_id: Mapped[str] = mapped_column(ForeignKey("listings.id"))
    number: Mapped[int]
    state: Mapped[str]
    """draft, in_review, approved, returned, rejected or dropped."""
    content: Mapped[Any] = mapped_column(Json)
    """`vocabulary.listing.as_record`; never the sealed part."""
    title: Mapped[str]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_key: Mapped[str] = mapped_column(default="", index=True)
    author_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(default="")


class Autosave(Table):
    """What somebody typed and has not yet saved, encrypted whole, for it may hold sealed text."""

    __tablename__ = "autosaves"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    holder: Mapped[str]
    """`user:<id>`, or `visitor:<hash>` before signing in."""
    form: Mapped[str]
    """`new:<kind>`, `new:<kind>:<name>` for a further one, or `listing:<uid>`."""
    base_version: Mapped[int] = mapped_column(default=0)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_key: Mapped[str] = mapped_column(index=True)
    saved_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("holder", "form"),)


class TimelineEvent(Table):
    __tablename__ = "timeline_events"
    __table_args__ = (Index("ix_timeline_events_listing_id_at", "listing_id", "at"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    listing_id: Mapped[str] = mapped_column(ForeignKey("listings.id"))
    at: Mapped[datetime]
    what: Mapped[str]
    """The message `timeline.<what>`."""
    actor_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    params: Mapped[Any] = mapped_column(Json, default=dict)
    public: Mapped[bool] = mapped_column(default=True)
