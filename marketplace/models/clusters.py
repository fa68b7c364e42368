"""Which records of different exchanges are one technology, as the national exchange knows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Json, Table, new_id


class NationalId(Table):
    """The id a record got when it was first seen here, and what it is known by now. Kept for ever, tombstones too."""

    __tablename__ = "national_ids"
    uid: Mapped[str] = mapped_column(primary_key=True)
    national_id: Mapped[str] = mapped_column(unique=True)
    first_seen: Mapped[int]
    """The place in the order in which records were first seen."""
    known_as: Mapped[str] = mapped_column(index=True)
    """The national id that survives in the record's group; its own while it stands alone."""
    stands: Mapped[str] = mapped_column(index=True)
    """The record that is found in the search for this one: the oldest public one of the group, mostly itself."""
    told: Mapped[str] = mapped_column(default=new_id)
    """The last part of the id of the record `cluster` that tells the home."""


class Print(Table):
    """What is compared of a public record; gone when the record is."""

    __tablename__ = "prints"
    uid: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[str]
    """Of the published record it was made of."""
    title: Mapped[str]
    owner: Mapped[str]
    rights: Mapped[Any] = mapped_column(Json)
    dois: Mapped[Any] = mapped_column(Json)


class BlockKey(Table):
    """A key of which two records that may be one share at least one."""

    __tablename__ = "block_keys"
    __table_args__ = (Index("ix_block_keys_uid", "uid"),)
    key: Mapped[str] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(primary_key=True)


class Candidate(Table):
    """Two records that may be one technology, and what has become of the question."""

    __tablename__ = "candidates"
    __table_args__ = (
        UniqueConstraint("a", "b"),
        Index("ix_candidates_b", "b"),
        Index("ix_candidates_state", "state"),
    )
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    a: Mapped[str]
    """Of the two ids the one that sorts first."""
    b: Mapped[str]
    score: Mapped[int]
    """Thousandths, from 0 to 1,000."""
    reasons: Mapped[Any] = mapped_column(Json)
    keys: Mapped[str]
    """A digest of what could link the two without asking, as it was when they were last judged."""
    state: Mapped[str]
    """open (the homes are asked), review (a reviewer is), linked, parted, or gone (one is not public, or they have
    nothing in common any more)."""
    by: Mapped[str] = mapped_column(default="")
    """Who decided: rule, homes or reviewer."""
    answers: Mapped[Any] = mapped_column(Json, default=dict)
    """Home -> its answer, who gave it, its note and when."""
    told_a: Mapped[str] = mapped_column(default=new_id)
    """The last part of the id of the suggestion to the home of `a`, and below to that of `b`."""
    told_b: Mapped[str] = mapped_column(default=new_id)
    asked_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class MergeLine(Table):
    """A line of the merge log, which is only added to: `exchange.clusters.MergeEvent`. No content of a record is in it."""

    __tablename__ = "merge_log"
    __table_args__ = (Index("ix_merge_log_a", "a"), Index("ix_merge_log_b", "b"))
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Given by whoever writes the line, alone: a database that was moved to another kind counts on."""
    op: Mapped[str]
    a: Mapped[str]
    b: Mapped[str]
    evidence: Mapped[str] = mapped_column(default="")
    """The names of the reasons."""
    score: Mapped[int] = mapped_column(default=0)
    actor: Mapped[str]
    """rule, homes, or the reviewer's id."""
    note: Mapped[str] = mapped_column(default="")
    reverses: Mapped[int | None]
    at: Mapped[datetime]
