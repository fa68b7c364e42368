"""Periodic jobs: a list in the code, a row for each, and one job whenever a row falls due.

Of any number of processes one keeps the timetable, under a lease (`marketplace/leases.py`). Should two believe that
they do, because a clock jumped or a process stood still, whoever moves `next_at` forward has won and asks for the
job, in the same transaction; for the other the row is no longer due. Moments stand on a fixed grid, so that a
restart neither fires at once nor shifts them, and what fell due while nobody looked is made up for once, not
many times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace import jobs
from marketplace.models.jobs import Schedule
from marketplace.work import Work

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """The job `name` every so often; `offset` moves it within its period (a day begins at 00:00 UTC)."""

    name: str
    every: timedelta
    offset: timedelta = timedelta()

    def after(self, moment: datetime) -> datetime:
        """The first moment of this period's grid that is later than `moment`."""
        passed = (moment - EPOCH - self.offset) // self.every
        return EPOCH + self.offset + (passed + 1) * self.every


def agree(session: Session, periods: Sequence[Period], now: datetime) -> None:
    """Add what the rows lack; it waits for its first moment. No row is moved.

    Rows of other names are left: a newer version of Giao, at work beside this one, may have made them.
    """
    known = set(session.scalars(select(Schedule.name)))
    for period in periods:
        if period.name not in known:
            _add(session, period, now)


def fire(work: Work, periods: Sequence[Period]) -> tuple[str, ...]:
    """Ask for each periodic job that is due; the names of those asked for.

    A job whose forerunner has not ended is passed over, so that a slow one does not pile up.
    """
    agree(work.session, periods, work.now)
    won = [period for period in periods if _take(work.session, period, work.now)]
    asked = [period.name for period in won if not jobs.is_unfinished(work.session, period.name)]
    for name in asked:
        work.ask(name)
    return tuple(asked)


def _add(session: Session, period: Period, now: datetime) -> None:
    try:
        with session.begin_nested():
            session.add(Schedule(name=period.name, next_at=period.after(now)))
    except IntegrityError:
        return  # Another process, starting at the same moment, has added it.


def _take(session: Session, period: Period, now: datetime) -> bool:
    mine, following = Schedule.name == period.name, period.after(now)
    # Written by a clock that was ahead and has been set back: nothing is due, but it must not wait for that day.
    session.execute(update(Schedule).where(mine, Schedule.next_at > following).values(next_at=following))
    due = update(Schedule).where(mine, Schedule.next_at <= now)
    return session.scalar(due.values(next_at=following, last_at=now).returning(Schedule.name)) is not None
