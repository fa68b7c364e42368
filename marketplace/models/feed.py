"""The feed: one row a record with its current published state, and the cursors of those who read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Count, Json, Table

IS_LIVE = text("op = 'upsert'")
"""Whether a record is public. In these very words, which hold no parameter, they are counted from an index of all that are.
That begins with `pub_seq`, which nobody asks for: one of kinds SQLite takes even where twenty records are named."""


class Published(Table):
    """The published state of a record, ours or another exchange's.

    Written in the transaction that changes the record, with `pub_seq` empty; the sequencer numbers it afterwards,
    because transactions commit out of order and a reader must never pass a row it has not seen.
    """

    __tablename__ = "published"
    __table_args__ = (
        Index("ix_published_pub_seq", "pub_seq", unique=True),
        Index("ix_published_waiting", "id", sqlite_where=text("pub_seq IS NULL"),
              postgresql_where=text("pub_seq IS NULL")),
        Index("ix_published_live", "pub_seq", "kind", sqlite_where=IS_LIVE, postgresql_where=IS_LIVE),
    )  # fmt: skip
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    origin: Mapped[str]
    schema: Mapped[str]
    rev: Mapped[Count]
    op: Mapped[str]
    """upsert or delete; a deleted row stays for ever as the record's tombstone."""
    hash: Mapped[str]
    body: Mapped[Any] = mapped_column(Json)
    """Of an upsert the public slice, of a delete its reason."""
    audience: Mapped[str] = mapped_column(default="public")
    pub_seq: Mapped[Count | None]
    published_at: Mapped[datetime]


class FeedState(Table):
    """One row: the epoch of this feed and its head."""

    __tablename__ = "feed_state"
    id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[str]
    head: Mapped[Count] = mapped_column(default=0)


class Cursor(Table):
    __tablename__ = "cursors"
    reader: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[str]
    position: Mapped[Count]
    moved_at: Mapped[datetime]


class ReaderFailure(Table):
    """A record one reader could not handle five times. The reader has passed it; a newer version clears it."""

    __tablename__ = "reader_failures"
    reader: Mapped[str] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[Count]
    attempts: Mapped[int]
    error: Mapped[str]
    failed_at: Mapped[datetime]
    retry_at: Mapped[datetime]
