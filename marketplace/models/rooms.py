"""What lies in a deal room: messages, files, tasks, proposals of terms, meetings. None of it ever leaves the exchange."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Json, Table, new_id


class Message(Table):
    __tablename__ = "deal_messages"
    __table_args__ = (Index("ix_deal_messages_deal_id_at", "deal_id", "at"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.id"))
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    side: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime]


class DealFile(Table):
    """One version of a file; all versions of a name stay. Kept encrypted, as every private file is."""

    __tablename__ = "deal_files"
    __table_args__ = (
        UniqueConstraint("deal_id", "name", "number"),
        # What one person has brought is counted from it alone: a row holds ten megabytes.
        Index("ix_deal_files_added_by_deal_id_size", "added_by", "deal_id", "size"),
    )
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.id"))
    message_id: Mapped[str | None] = mapped_column(ForeignKey("deal_messages.id"))
    name: Mapped[str]
    number: Mapped[int]
    media_type: Mapped[str]
    size: Mapped[int]
    digest: Mapped[str]
    """SHA-256 of the file, so that a contract can be told again from its copy."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sealed_key: Mapped[str] = mapped_column(index=True)
    added_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    side: Mapped[str]
    at: Mapped[datetime]


class DealTask(Table):
    __tablename__ = "deal_tasks"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.id"), index=True)
    title: Mapped[str]
    side: Mapped[str]
    """Whose task it is."""
    due_on: Mapped[date | None]
    added_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Proposal(Table):
    """One proposal of terms; a counter-proposal is a further row, so that the way to an agreement can be read."""

    __tablename__ = "deal_proposals"
    __table_args__ = (UniqueConstraint("deal_id", "number"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.id"))
    number: Mapped[int]
    side: Mapped[str]
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    terms: Mapped[Any] = mapped_column(Json)
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="open")
    """open, accepted, declined, countered or withdrawn."""
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None]


class Meeting(Table):
    __tablename__ = "deal_meetings"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.id"), index=True)
    title: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    called_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(default=0)
    """Grows with every change, so that a calendar takes the newer one (RFC 5545, 3.8.7.4)."""
    cancelled_at: Mapped[datetime | None]
