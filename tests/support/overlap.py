"""Two transactions on PostgreSQL, of which the second begins while the first is open."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import text

from marketplace.runtime import Runtime
from marketplace.work import Work, begin, look

T = TypeVar("T")
Step = Callable[[Work], T]
PATIENCE = 60  # seconds


def overlapping(runtime: Runtime, first: Step[T], second: Step[T]) -> tuple[T, T]:
    """`first` is done; `second` begins and goes on until it has to wait, or to its end; then `first` is committed.

    What both have given back. Raises what either raises.
    """
    with ThreadPoolExecutor(1) as pool:
        with begin(runtime) as work:
            before = first(work)
            after = pool.submit(_through, runtime, second)
            while not after.done() and not _somebody_waits(runtime):
                pass
        return before, after.result(PATIENCE)


def _through(runtime: Runtime, step: Step[T]) -> T:
    with begin(runtime) as work:
        return step(work)


def _somebody_waits(runtime: Runtime) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with look(runtime) as work:
        return bool(work.session.scalar(text(waiting)))
