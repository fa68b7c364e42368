"""Periodic jobs: a list in the code, a row for each, and one job whenever a row falls due.

Any number of processes may look at the rows. Whoever moves `next_at` forward has won and asks for the job, in
the same transaction; for the others the row is no longer due. Moments stand on a fixed grid, so that a
restart neither fires at once nor shifts them, and what fell due while nobody looked is made up for once, not
many times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
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
    """Make the rows agree with the list: new ones wait for their first moment, old ones go, none is moved."""
    session.execute(delete(Schedule).where(Schedule.name.not_in([period.name for period in periods])))
    known = set(session.scalars(select(Schedule.name)))
    for period in periods:
        if period.name not in known:
            _add(session, period, now)


def fire(work: Work, periods: Sequence[Period]) -> tuple[str, ...]:
    """Ask for each periodic job that is due; the names of those asked for.

    A job whose forerunner has not ended is passed over, so that a slow one does not pile up.
    """
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
    due = update(Schedule).where(Schedule.name == period.name, Schedule.next_at <= now)
    moved = due.values(next_at=period.after(now), last_at=now).returning(Schedule.name)
    return session.scalar(moved) is not None
