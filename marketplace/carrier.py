"""One job, from its claim to its end: the same way whichever queue rang for it."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, sessionmaker

from marketplace import jobs, leases
from marketplace.clock import Clock
from marketplace.db import for_writing

log = logging.getLogger(__name__)

BEAT = jobs.LEASE.total_seconds() / 4
"""Seconds between two signs of life: three may be lost before the lease is."""


@dataclass(frozen=True)
class Carrier:
    """Claims jobs and runs them. `run` gets the id of a job and raises when the job failed."""

    sessions: sessionmaker[Session]
    clock: Clock
    run: Callable[[str], object]
    beat: float = BEAT
    holder: str = field(default_factory=leases.a_name)

    def carry(self, job_id: str | None = None) -> bool:
        """Run the job that has been due longest, or the one named. False when there was none to claim."""
        with self._writing() as session:
            claimed = jobs.claim(session, self.clock(), job_id=job_id, holder=self.holder)
        if claimed is None:
            return False
        with _signs_of_life(lambda: self._extend(claimed), every=self.beat):
            end = self._attempt(claimed)
        with self._writing() as session:
            end(session)
        return True

    def _attempt(self, claimed: jobs.Claim) -> Callable[[Session], object]:
        """Run the job; how it is to be written down."""
        try:
            self.run(claimed.job_id)
        except jobs.Stopped:
            log.info("job %s was stopped by a person", claimed.job_id)
            return lambda session: None
        except jobs.NotNow as reason:
            log.warning("job %s waits: %s", claimed.job_id, reason)
            said = str(reason)
            return lambda session: jobs.put_off(session, claimed, self.clock(), reason=said)
        except Exception as error:
            named = {"action": "job", "object": claimed.job_id, "trace": claimed.job_id}
            log.exception("job %s failed in attempt %d", claimed.job_id, claimed.attempt, extra=named)
            # The first line only: in those that follow, databases and parsers quote the data.
            kept = f"{type(error).__name__}: {error}".partition("\n")[0]
            spread = secrets.SystemRandom().random()
            return lambda session: jobs.fail(session, claimed, self.clock(), error=kept, jitter=spread)
        return lambda session: jobs.finish(session, claimed, self.clock())

    def _extend(self, claimed: jobs.Claim) -> None:
        with self._writing() as session:
            jobs.extend(session, claimed, self.clock())

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self.sessions.begin() as session:
            yield for_writing(session)


@contextmanager
def _signs_of_life(extend: Callable[[], None], *, every: float) -> Iterator[None]:
    """Call `extend` from a thread of its own `every` so many seconds, until the block ends."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(every):
            try:
                extend()
            except Exception:
                log.warning("a lease could not be extended", exc_info=True)

    thread = threading.Thread(target=beat, name="signs of life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
