"""The moderators' queue: what waits, who owns it, until when, and how it ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Table, new_id


class ReviewItem(Table):
    __tablename__ = "review_items"
    __table_args__ = (Index("ix_review_items_decided_at_due_at", "decided_at", "due_at"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    """first (a new listing), revision (of a published one) or report (somebody complains)."""
    listing_id: Mapped[str] = mapped_column(ForeignKey("listings.id"), index=True)
    revision_id: Mapped[str | None] = mapped_column(ForeignKey("revisions.id"))
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    report_reason: Mapped[str] = mapped_column(default="")
    report_text: Mapped[str] = mapped_column(default="")
    reporter: Mapped[str] = mapped_column(default="")
    """User id or the address a visitor gave; never shown to the listing's owner."""
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    decision: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
