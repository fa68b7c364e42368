"""Work that is not a reader's: imports, mails, reports. The row is the memory, whichever queue rings for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Json, Table, new_id


class Job(Table):
    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_state_run_at", "state", "run_at"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    arguments: Mapped[Any] = mapped_column(Json, default=dict)
    state: Mapped[str] = mapped_column(default="waiting")
    """waiting, running, done, stopped or dead (gave up after `max_attempts`)."""
    asked_by: Mapped[str | None]
    created_at: Mapped[datetime]
    run_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=5)
    progress: Mapped[Any] = mapped_column(Json, default=dict)
    error: Mapped[str] = mapped_column(default="")
    finished_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    """When the attempt under way, or the last one, began."""
    holder: Mapped[str] = mapped_column(default="", server_default="")
    """The process that runs it, or did so last."""


class Lease(Table):
    """A task that one process at a time may do, such as keeping the timetable; `holder` may until `until`."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    """Host, process and a random word."""
    since: Mapped[datetime]
    until: Mapped[datetime]


class Schedule(Table):
    """One periodic job and the moment it is next due; whoever moves that moment forward has won the right to run it."""

    __tablename__ = "schedules"
    name: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]
    last_at: Mapped[datetime | None]
