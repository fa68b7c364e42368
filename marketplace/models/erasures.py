"""Listings that are to be erased for good: asked for by one, decided by another."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Table, new_id


class ErasureRequest(Table):
    """One request and what became of it. It outlives the listing, so nothing the listing said is in it."""

    __tablename__ = "erasure_requests"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    uid: Mapped[str] = mapped_column(index=True)
    ground: Mapped[str]
    """The law or right that asks for it."""
    asked_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    """None: at the command line, which is nobody in particular."""
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    decision: Mapped[str] = mapped_column(default="")
    """erased, refused or taken_back; empty while it is open."""
    reason: Mapped[str] = mapped_column(default="")
    """Why it was refused."""
