"""What librarians have decided about terms of two languages, and the tables that scores rest on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Table


class TermDecision(Table):
    """One decision; a later one about the same two terms stands above it, unless that was undone."""

    __tablename__ = "term_decisions"
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counted from 1."""
    key: Mapped[str] = mapped_column(index=True)
    """The languages and the forms of both terms: what makes two decisions speak about the same."""
    first_language: Mapped[str]
    first_term: Mapped[str]
    second_language: Mapped[str]
    second_term: Mapped[str]
    weight: Mapped[int]
    """Thousandths; 0 for two terms that do not mean the same."""
    decided_at: Mapped[datetime]
    decided_by: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]


class TermTable(Table):
    """A whole term table as it was when a score was made with it."""

    __tablename__ = "term_tables"
    version: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    entries: Mapped[int]
    made_at: Mapped[datetime]
