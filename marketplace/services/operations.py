"""What operators see of the work in the background, and what they, or whoever asked for it, may do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, Select, func, select

from marketplace import jobs, leases
from marketplace.errors import Conflict, NotFound
from marketplace.leases import TIMETABLE
from marketplace.models.accounts import User
from marketplace.models.jobs import Job
from marketplace.services import audit
from marketplace.services.policy import Actor, may, permit
from marketplace.work import Work

PAGE = 25
Filter = Literal["open", "dead", "stopped", "done"]
FILTERS: tuple[Filter, ...] = ("open", "dead", "stopped", "done")
ESTIMATED_AFTER = timedelta(seconds=10)
"""An estimate made earlier than that would jump about."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come: `done` of `total` pieces, `wrong` of them left out. A total of 0 is not known."""

    done: int = 0
    total: int = 0
    wrong: int = 0

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Progress:
        counts = (kept.get(name, 0) for name in cls.__slots__)
        return cls(*(count if isinstance(count, int) else 0 for count in counts))


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job. `asked_by` is a person's name, empty for the exchange itself."""

    id: str
    name: str
    state: str
    """waiting, running, done, stopped or dead; or `stuck`: it runs, but its process has given no sign of life."""
    asked_by: str
    holder: str
    """The process that runs it, or did so last."""
    created_at: datetime
    run_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    error: str
    """What went wrong last, as the program says it; for operators only."""
    progress: Progress = field(default_factory=Progress)
    remaining: timedelta | None = None
    last_sign: datetime | None = None

    @property
    def over(self) -> bool:
        return self.state in ("done", "stopped", "dead")


@dataclass(frozen=True, slots=True)
class JobsPage:
    items: tuple[JobLine, ...]
    counts: Mapping[str, int]
    """Jobs under each filter."""
    page: int
    pages: int
    timekeeper: str
    """The process that keeps the timetable; empty when none does."""


def all_jobs(work: Work, actor: Actor, *, which: Filter = "open", page: int = 1) -> JobsPage:
    """A page of the jobs: of the unfinished what is due first at its head, of the others the latest."""
    permit(actor, "operations.read")
    counts = {name: _count(work, _condition(name)) for name in FILTERS}
    pages = max(1, -(-counts[which] // PAGE))
    page = min(max(page, 1), pages)
    order = Job.run_at if which == "open" else Job.finished_at.desc()
    rows = work.session.execute(
        _lines().where(_condition(which)).order_by(order, Job.id).offset((page - 1) * PAGE).limit(PAGE)
    )
    keeper = leases.holder_of(work.session, TIMETABLE, work.now)
    items = tuple(_line(work, job, name, operator=True) for job, name in rows)
    return JobsPage(items, {str(name): n for name, n in counts.items()}, page, pages, keeper)


def one_job(work: Work, actor: Actor, job_id: str) -> JobLine:
    """One job, for operators and for whoever asked for it. Raises `NotFound` for anybody else."""
    row = work.session.execute(_lines().where(Job.id == job_id)).one_or_none()
    if row is None or not _may_see(actor, row[0], "operations.read"):
        raise NotFound("job_not_found")
    return _line(work, row[0], row[1], operator=may(actor, "operations.read"))


def stop(work: Work, actor: Actor, job_id: str) -> None:
    """End a job where it is; one that runs notices at its next report. Raises `Conflict` when it has ended."""
    job = _held(work, actor, job_id)
    if not jobs.stop(work.session, job_id, work.now):
        raise Conflict("job_has_ended")
    audit.record(work, actor, "job.stop", job_id, name=job.name)


def resume(work: Work, actor: Actor, job_id: str) -> None:
    """Let a stopped or dead job run again, or one that waits for its next attempt run now.

    Raises `Conflict` when it runs or is done.
    """
    job = _held(work, actor, job_id)
    if not (jobs.resume(work.session, job_id, work.now) or jobs.hurry(work.session, job_id, work.now)):
        raise Conflict("job_cannot_resume")
    audit.record(work, actor, "job.resume", job_id, name=job.name)
    work.after(lambda: work.runtime.queue.ring(job_id))


def _held(work: Work, actor: Actor, job_id: str) -> Job:
    job = work.session.get(Job, job_id)
    if job is None or not _may_see(actor, job, "operations.act"):
        raise NotFound("job_not_found")
    return job


def _may_see(actor: Actor, job: Job, action: str) -> bool:
    permit(actor, "job.own")
    return may(actor, action) or (job.asked_by == actor.user_id and actor.signed_in)


def _condition(which: Filter) -> ColumnElement[bool]:
    return Job.state.in_(jobs.UNFINISHED) if which == "open" else Job.state == which


def _count(work: Work, condition: ColumnElement[bool]) -> int:
    return work.session.scalar(select(func.count()).select_from(Job).where(condition)) or 0


def _lines() -> Select[Job, str | None]:
    return select(Job, cast(ColumnElement[str | None], User.name)).join(
        User, User.id == Job.asked_by, isouter=True
    )


def _line(work: Work, job: Job, asked_by: str | None, *, operator: bool) -> JobLine:
    progress = Progress.read(job.progress)
    last_sign = job.lease_until - jobs.LEASE if job.lease_until else None
    stuck = job.state == "running" and job.lease_until is not None and job.lease_until < work.now
    return JobLine(
        id=job.id, name=job.name, state="stuck" if stuck else job.state, asked_by=asked_by or "",
        holder=job.holder if operator else "", created_at=job.created_at, run_at=job.run_at,
        started_at=job.started_at, finished_at=job.finished_at, attempts=job.attempts,
        error=job.error if operator else "", progress=progress,
        remaining=None if stuck else _remaining(job, progress, work.now), last_sign=last_sign,
    )  # fmt: skip


def _remaining(job: Job, progress: Progress, now: datetime) -> timedelta | None:
    """How long it will still take if it goes on as it did."""
    if job.state != "running" or job.started_at is None or not 0 < progress.done < progress.total:
        return None
    taken = now - job.started_at
    return taken * (progress.total - progress.done) / progress.done if taken >= ESTIMATED_AFTER else None
