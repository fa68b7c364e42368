"""Those who follow the feed, each with a durable cursor of its own.

A reader that was down simply continues where it stopped. A row it cannot handle is tried five times, then put aside
in `reader_failures` and tried again later, so that one bad row stops nothing; a newer version of the record clears it.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from marketplace.db import rows_of
from marketplace.errors import Unavailable
from marketplace.loop import Step
from marketplace.models.feed import ReaderFailure
from marketplace.runtime import Runtime
from marketplace.services import feed, sequencing
from marketplace.services.feed import Row
from marketplace.work import Work, begin, look
from search.engine import SearchError

log = logging.getLogger("giao.readers")

TRIES = 5
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=6)
AWAY = (SearchError, Unavailable)
"""What is nobody's fault: a server that is away, or two who stood in each other's way. The reader waits."""

Keep = Callable[[Work], Mapping[str, str] | None]
"""What a reader wants written, in the one transaction that also moves its cursor. It may return the records that it
cannot handle, uid -> why: these are put aside, all others are done."""


_FAILED = rows_of(ReaderFailure)
_DUE = select(_FAILED.c.uid, _FAILED.c.sequence, _FAILED.c.attempts).where(
    _FAILED.c.reader == bindparam("name"), _FAILED.c.retry_at <= bindparam("now")
)
"""Built once, and past the ORM: every reader asks it with each turn."""
_CLEARED = delete(_FAILED).where(
    _FAILED.c.reader == bindparam("name"), _FAILED.c.uid.in_(bindparam("uids", expanding=True))
)


class Reader(Protocol):
    """One follower. `handle` may take its time outside any transaction; what it returns must be quick."""

    name: str
    batch: int

    def reach(self, runtime: Runtime) -> int:
        """The last sequence this reader may go to now."""

    def handle(self, runtime: Runtime, rows: Sequence[Row]) -> Keep: ...


def put_aside(work: Work, reader: str, row: Row, error: str, attempts: int = TRIES) -> None:
    """Note that a reader goes on without this row, for people to see and for the next attempt."""
    log.error("%s cannot handle %s and goes on without it: %s", reader, row.uid, error.splitlines()[-1])
    wait = min(FIRST_RETRY * 2 ** (attempts - TRIES), LONGEST_RETRY)
    work.session.merge(
        ReaderFailure(
            reader=reader, uid=row.uid, sequence=row.sequence, attempts=attempts, error=error,
            failed_at=work.now, retry_at=work.now + wait,
        )
    )  # fmt: skip


@dataclass
class Follower:
    """Moves one reader along the feed."""

    runtime: Runtime
    reader: Reader

    def turn(self) -> bool:
        """One batch; True when there was something to do. Raises what `AWAY` names when a server is away."""
        until = self.reader.reach(self.runtime)
        # One look for all it has to know, for most turns find nothing: every reader takes one each second.
        with look(self.runtime) as work:
            start = feed.position(work, self.reader.name)
            due = self._due(work, start)
            rows = feed.after(work, start, self.reader.batch, until=until)
        for row, attempts in due:
            self._retry(row, attempts)
        if not rows:
            return False
        try:
            self._keep(self.reader.handle(self.runtime, rows), start, rows)
        except AWAY:
            raise
        except Exception:
            log.exception("%s: a batch of %d failed, going on one by one", self.reader.name, len(rows))
            self._one_by_one(start, rows)
        return True

    def _keep(self, keep: Keep, start: int, rows: Sequence[Row]) -> None:
        with begin(self.runtime) as work:
            if feed.move(work, self.reader.name, start=start, end=rows[-1].sequence):
                self._clear(work.session, rows)
                self._put_aside_all(work, rows, keep(work), TRIES)

    def _one_by_one(self, start: int, rows: Sequence[Row]) -> None:
        for row in rows:
            error = self._try(start, row)
            if error:
                with begin(self.runtime) as work:
                    if feed.move(work, self.reader.name, start=start, end=row.sequence):
                        put_aside(work, self.reader.name, row, error)
            start = row.sequence

    def _try(self, start: int, row: Row) -> str:
        """Five tries; empty when one of them went through, else the last error."""
        error = ""
        for _ in range(TRIES):
            try:
                self._keep(self.reader.handle(self.runtime, [row]), start, [row])
            except AWAY:
                raise
            except Exception:
                error = traceback.format_exc(limit=3)
            else:
                return ""
        return error

    def _put_aside_all(
        self, work: Work, rows: Sequence[Row], refused: Mapping[str, str] | None, attempts: int
    ) -> None:
        for row in rows:
            if refused and row.uid in refused:
                put_aside(work, self.reader.name, row, refused[row.uid], attempts)

    def _clear(self, session: Session, rows: Sequence[Row]) -> None:
        uids = [row.uid for row in rows]
        session.execute(_CLEARED, {"name": self.reader.name, "uids": uids})

    def _due(self, work: Work, passed: int) -> list[tuple[Row, int]]:
        """The rows put aside whose time has come, with how often they were tried. Those that changed since come in their
        own turn."""
        asked = work.session.execute(_DUE, {"name": self.reader.name, "now": work.now})
        tried = {uid: (sequence, attempts) for uid, sequence, attempts in asked}
        rows = feed.rows(work, tried) if tried else {}
        return [(row, tried[uid][1]) for uid, row in rows.items() if row.sequence == tried[uid][0] <= passed]

    def _retry(self, row: Row, attempts: int) -> None:
        try:
            keep = self.reader.handle(self.runtime, [row])
            with begin(self.runtime) as work:
                self._clear(work.session, [row])
                self._put_aside_all(work, [row], keep(work), attempts + 1)
        except AWAY:
            raise
        except Exception:
            with begin(self.runtime) as work:
                put_aside(work, self.reader.name, row, traceback.format_exc(limit=3), attempts + 1)


@dataclass
class Sequencer:
    """Numbers what was committed. Runs before the readers in every process; a lock lets one at a time."""

    runtime: Runtime

    def turn(self) -> bool:
        with look(self.runtime) as work:
            if not sequencing.waiting(work):
                return False
        with begin(self.runtime) as work:
            numbered = sequencing.number(work)
            work.after(self.runtime.bell.ring)
        return numbered > 0


class Turns(Protocol):
    """Anything that does one stretch of work at a time."""

    def turn(self) -> bool: ...


def drain(followers: Sequence[Turns]) -> None:
    """Turn until nobody has anything left to do. For tests, imports and the command line."""
    # A list, not a generator: every one has its turn, also when the first had something to do.
    while any([follower.turn() for follower in followers]):  # noqa: C419
        pass


def patient(follower: Turns) -> Step:
    """A turn that waits for a search engine that is away, and says so once, not every second."""
    said = ""

    def step() -> bool:
        nonlocal said
        try:
            turned, now = follower.turn(), ""
        except SearchError as error:
            turned, now = False, str(error)
        if now and now != said:
            log.warning("waiting for the search engine: %s", now)
        said = now
        return turned

    return step
