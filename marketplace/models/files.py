"""Sealed files: kept encrypted, in the database, so that a file and its listing are saved together or not at all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Table, new_id


class SealedFile(Table):
    __tablename__ = "sealed_files"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    listing_id: Mapped[str] = mapped_column(ForeignKey("listings.id"), index=True)
    sealed_name: Mapped[bytes] = mapped_column(LargeBinary)
    """A file's name can tell a secret as well as its content can."""
    media_type: Mapped[str]
    size: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sealed_key: Mapped[str] = mapped_column(index=True)
    added_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime]
