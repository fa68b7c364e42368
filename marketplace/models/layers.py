"""What librarians of the national exchange have decided about listings: the history of the classification layer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Json, Table


class Classification(Table):
    """One decision about one listing. The newest that was not undone counts; what it says is an `Overlay` beside the
    listing, here and at its home."""

    __tablename__ = "classifications"
    __table_args__ = (Index("ix_classifications_uid_n", "uid", "n"),)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counted from 1, by whoever decides, alone: a database that was moved to another kind counts on."""
    uid: Mapped[str]
    """Of the listing, whichever exchange is its home."""
    body: Mapped[Any] = mapped_column(Json)
    """As it is published, `services.classification.layer`."""
    decided_at: Mapped[datetime]
    decided_by: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
