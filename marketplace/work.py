"""One transaction, then what was promised for after it.

A request or a job opens one Work, calls services with it, and leaves. What services promise (ring the bell, start a
job) happens only when the transaction is committed; when it fails, nothing was promised.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from marketplace import tracing
from marketplace.db import for_reading, for_writing, new_id
from marketplace.errors import Collided
from marketplace.models.jobs import Job
from marketplace.runtime import Runtime

T = TypeVar("T")
TRIES = 3
"""How often something is done as a whole when it collides with what others do at the same time."""
LONGEST_PAUSE = 0.2  # seconds before it is done again, so that those who collided do not meet again


@dataclass
class Work:
    """What services work with: the open transaction, the time it began, and the runtime's seal and settings."""

    runtime: Runtime
    session: Session
    now: datetime
    trace: str = ""
    """The id of the request or job, for logs and the audit."""
    _promises: list[Callable[[], None]] = field(default_factory=list)

    def after(self, promise: Callable[[], None]) -> None:
        """Do this once the transaction is committed. The same promise made twice is kept once."""
        if promise not in self._promises:
            self._promises.append(promise)

    def ask(
        self, name: str, *, at: datetime | None = None, asked_by: str | None = None, attempts: int = 5,
        **arguments: Any,
    ) -> str:  # fmt: skip
        """Write a job, to be tried so often, into this transaction; its bell rings after the commit. Returns its id."""
        job = Job(
            id=new_id(),
            name=name,
            arguments=arguments,
            asked_by=asked_by,
            created_at=self.now,
            run_at=at or self.now,
            max_attempts=attempts,
        )
        self.session.add(job)
        self.after(lambda: self.runtime.queue.ring(job.id))
        return job.id

    def keep_promises(self) -> None:
        promises, self._promises = self._promises, []
        for promise in promises:
            promise()


@contextmanager
def begin(runtime: Runtime, *, trace: str = "") -> Iterator[Work]:
    """A transaction that writes: committed on leaving, rolled back on any exception."""
    with runtime.sessions() as session:
        with session.begin():
            work = Work(runtime, for_writing(session), runtime.clock(), trace or tracing.trace.get())
            yield work
        work.keep_promises()


@contextmanager
def look(runtime: Runtime, *, trace: str = "") -> Iterator[Work]:
    """A transaction that only reads, one consistent picture of the database; nothing in it is kept."""
    with runtime.sessions() as session:
        try:
            yield Work(runtime, for_reading(session), runtime.clock(), trace or tracing.trace.get())
        finally:
            session.rollback()


def again(step: Callable[[], T], *, pause: Callable[[float], None] = time.sleep) -> T:
    """Take `step`, and take it anew as a whole when it collided. For steps that bear being taken twice.

    Raises `Collided` when it did so three times.
    """
    for _ in range(TRIES - 1):
        try:
            return step()
        except Collided:
            pause(random.uniform(0, LONGEST_PAUSE))  # noqa: S311 - nothing secret depends on it
    return step()
