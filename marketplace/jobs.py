"""The table of jobs: how one is claimed, kept, ended, and looked after by people.

The row is the memory; a queue only rings for it. A claim is a lease: whoever holds it must extend it, and
once it has run out anybody may claim the job anew, so a process that is killed delays its job and loses
nothing. The number of the attempt goes with every later step. Whoever comes back from a long pause, its lease
long given to another, finds that its number is no longer the row's, and changes nothing.

A job can therefore run more than once: what it does must bear repetition.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, case, delete, null, or_, select, update
from sqlalchemy.orm import Session

from marketplace.models.jobs import Job

_Does = TypeVar("_Does", bound=Callable[..., Any])

LEASE = timedelta(seconds=60)
"""How long a claim holds without a sign of life, and so how long a killed process delays its job."""

UNFINISHED = ("waiting", "running")

LONGEST_ERROR = 300
"""Characters kept of what went wrong."""

LOST = "The process ended while the job ran."

SHORTEST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)


PUT_OFF = timedelta(seconds=30)
"""How long a job waits that the process which claimed it does not know."""

SKEW = timedelta(minutes=5)
"""What the clocks of our machines may differ by. A lease that ends later than this allows was written by a clock that
had jumped, and is worth nothing."""


KEPT = timedelta(days=30)
"""How long people may look at what is done; the timetable alone makes hundreds of rows a day."""


class NotNow(Exception):
    """Raised by what runs a job that it should not run now; the job waits, and no attempt is counted."""


def known(what: str, all_of_them: Mapping[str, _Does], name: str, *first: Any, **arguments: Any) -> _Does:
    """The one of this name, which takes these arguments.

    Raises `NotNow` for another: while an upgrade runs, a newer process asks for what an older one cannot do, and that is
    left to the newer ones.
    """
    found = all_of_them.get(name)
    if found is None:
        raise NotNow(f"{name} is a {what} of another version of Giao")
    try:
        inspect.signature(found).bind(*first, **arguments)
    except TypeError as error:
        raise NotNow(f"{name} is asked for as another version of Giao does: {error}") from None
    return found


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run a job until the lease ends. `attempt`, from 1, tells one claim from the next."""

    job_id: str
    attempt: int
    is_last: bool


class Stopped(Exception):
    """Raised by a job that has noticed that a person stopped it: it ends where it is, and that is no failure."""


def claim(session: Session, now: datetime, *, job_id: str | None = None, holder: str = "") -> Claim | None:
    """Claim the job that has been due longest, or `job_id` if it is due; None when there is none.

    `holder` is the process, for people who look at the job.
    """
    _take_back(session, now)
    wanted = [is_due(now)] if job_id is None else [is_due(now), Job.id == job_id]
    # Without SKIP LOCKED two workers on PostgreSQL would pick the same row, and one would wait for nothing.
    oldest = (
        select(Job.id).where(*wanted).order_by(Job.run_at, Job.id).limit(1).with_for_update(skip_locked=True)
    )
    row = session.execute(
        update(Job)
        .where(Job.id == oldest.scalar_subquery())
        .values(
            state="running", attempts=Job.attempts + 1, lease_until=now + LEASE, started_at=now, holder=holder
        )
        .returning(Job.id, Job.attempts, Job.max_attempts)
    ).one_or_none()
    return Claim(row.id, row.attempts, row.attempts >= row.max_attempts) if row else None


def due(session: Session, now: datetime, *, limit: int = 200) -> list[str]:
    """Ids of jobs that wait to be claimed now, those due longest first."""
    _take_back(session, now)
    return list(session.scalars(select(Job.id).where(is_due(now)).order_by(Job.run_at, Job.id).limit(limit)))


def extend(session: Session, held: Claim, now: datetime) -> bool:
    """Renew the lease. False when the job is no longer ours: stopped by a person, or claimed by another."""
    return _change(session, held, lease_until=now + LEASE)


def finish(session: Session, held: Claim, now: datetime) -> bool:
    return _change(session, held, state="done", lease_until=None, finished_at=now, error="")


def fail(session: Session, held: Claim, now: datetime, *, error: str, jitter: float) -> bool:
    """Put the job back to wait, each time longer, until its attempts are used up; then it is dead.

    `jitter` in [0, 1) spreads jobs that failed together, so that they do not come back together.
    """
    kept = error[:LONGEST_ERROR]
    if held.is_last:
        return _change(session, held, state="dead", lease_until=None, finished_at=now, error=kept)
    again = now + wait_after(held.attempt, jitter)
    return _change(session, held, state="waiting", lease_until=None, run_at=again, error=kept)


def put_off(session: Session, held: Claim, now: datetime, *, reason: str) -> bool:
    """Let the job wait for another process, as often as it takes: it has not failed."""
    # The number of the attempt is spent all the same, for it must never come twice.
    return _change(
        session, held, state="waiting", lease_until=None, run_at=now + PUT_OFF, error=reason[:LONGEST_ERROR],
        max_attempts=Job.max_attempts + 1,
    )  # fmt: skip


def wait_after(attempt: int, jitter: float) -> timedelta:
    """5 s, 10 s, 20 s … at most an hour, each between half and one and a half times that."""
    steady: timedelta = min(SHORTEST_WAIT * 2 ** min(attempt - 1, 20), LONGEST_WAIT)
    return steady * (0.5 + jitter)


def report(session: Session, job_id: str, progress: Mapping[str, Any]) -> bool:
    """Keep how far a running job has come. False when a person has stopped it: it should end where it is."""
    changed = update(Job).where(Job.id == job_id, Job.state == "running").values(progress=dict(progress))
    return session.execute(changed.returning(Job.id)).one_or_none() is not None


def stop(session: Session, job_id: str, now: datetime) -> bool:
    """A person stops a job, or gives a dead one up; one that runs notices at its next report. False when it has ended."""
    ended = update(Job).where(Job.id == job_id, Job.state.in_((*UNFINISHED, "dead")))
    ended = ended.values(state="stopped", lease_until=None, finished_at=now)
    return session.execute(ended.returning(Job.id)).one_or_none() is not None


def resume(session: Session, job_id: str, now: datetime, *, attempts: int = 5) -> bool:
    """A person asks for a stopped or dead job again; ring afterwards. False when it is neither."""
    # The count goes on from where it was: an attempt's number must never come twice.
    again = update(Job).where(Job.id == job_id, Job.state.in_(("stopped", "dead")))
    again = again.values(state="waiting", run_at=now, finished_at=None, max_attempts=Job.attempts + attempts)
    return session.execute(again.returning(Job.id)).one_or_none() is not None


def hurry(session: Session, job_id: str, now: datetime) -> bool:
    """A person does not want to wait for the next attempt; ring afterwards. False when the job does not wait for one."""
    soon = update(Job).where(Job.id == job_id, Job.state == "waiting").values(run_at=now)
    return session.execute(soon.returning(Job.id)).one_or_none() is not None


def is_unfinished(session: Session, name: str) -> bool:
    """Whether a job of this name still waits or runs."""
    some = select(Job.id).where(Job.name == name, Job.state.in_(UNFINISHED)).limit(1)
    return session.scalar(some) is not None


def sweep(session: Session, now: datetime) -> None:
    """Forget what was done long ago. What was stopped or gave up stays, for people may let it go on."""
    session.execute(delete(Job).where(Job.state == "done", Job.finished_at < now - KEPT))


def is_due(now: datetime) -> ColumnElement[bool]:
    """Its moment has come. A clock that was set back must not put off for a day what was asked for at once, nor what
    waits for its next attempt."""
    at_once = Job.run_at == Job.created_at
    too_far = and_(Job.attempts > 0, Job.run_at > now + 2 * LONGEST_WAIT)
    return and_(Job.state == "waiting", or_(Job.run_at <= now, at_once, too_far))


def _take_back(session: Session, now: datetime) -> None:
    """Let jobs wait again whose lease has run out.

    One that took its process with it in every attempt is dead: it must not take the next process too.
    """
    used_up = Job.attempts >= Job.max_attempts
    over = or_(Job.lease_until < now, Job.lease_until > now + LEASE + SKEW)
    lost = update(Job).where(Job.state == "running", over)
    session.execute(
        lost.values(
            state=case((used_up, "dead"), else_="waiting"),
            finished_at=case((used_up, now), else_=null()),
            lease_until=None,
            error=LOST,
        )
    )


def _is_held(held: Claim) -> ColumnElement[bool]:
    return and_(Job.id == held.job_id, Job.state == "running", Job.attempts == held.attempt)


def _change(session: Session, held: Claim, **values: Any) -> bool:
    changed = update(Job).where(_is_held(held)).values(**values).returning(Job.id)
    return session.execute(changed).one_or_none() is not None
