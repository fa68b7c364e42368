"""What a job's name means: each task takes the runtime and the job's own arguments, and bears being run twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from marketplace.models.jobs import Job
from marketplace.runtime import Runtime
from marketplace.schedule import Period
from marketplace.services import statistics
from marketplace.work import begin, look

Task = Callable[..., None]


def refresh_statistics(runtime: Runtime) -> None:
    """A new snapshot of word statistics, when the exchange has outgrown the current one."""
    with look(runtime) as work:
        if not statistics.outgrown(work):
            return
        snapshot = statistics.collected(work)
    with begin(runtime) as work:
        statistics.store(work, snapshot)


TASKS: Mapping[str, Task] = {
    "refresh_statistics": refresh_statistics,
}

SCHEDULE = (Period("refresh_statistics", every=timedelta(minutes=10)),)
"""Periodic jobs. The rows of the database are made to agree with this list at every start."""


def run(runtime: Runtime, job_id: str) -> None:
    """Do one job. Raises what the task raises; an unknown name is a job of another version."""
    with look(runtime) as work:
        job = work.session.get_one(Job, job_id)
        name, arguments = job.name, dict(job.arguments)
    TASKS[name](runtime, **arguments)
