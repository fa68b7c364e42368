"""The queue protocol, and the queue that needs nothing but the database.

A queue is a bell, never the memory: services write a row of `jobs` in their own transaction and ring once it
is committed. A ring that is lost, or a Redis that is emptied, delays a job by seconds and loses none. The
contract tests in `tests/contract/test_queues.py` define what a queue does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sqlalchemy.orm import Session, sessionmaker

from marketplace.bell import Bell
from marketplace.carrier import Carrier
from marketplace.clock import Clock
from marketplace.loop import GRACE, Loop, stop_all

Run = Callable[[str], object]
"""Does the job of this id; raises when it failed. It may be called more than once for the same job."""

HANDS = 2
"""Jobs that run at the same time in one process."""

PATIENCE = 1.0
"""Seconds between two looks at the table: for jobs asked for by other processes, or due by the clock."""


class Queue(Protocol):
    """Sees to it that every row of `jobs` is run when it is due."""

    def ring(self, job_id: str) -> None:
        """Say that this job waits. Never raises: the row is committed and will be found anyway."""

    def state(self) -> tuple[str, int]:
        """The version of its server, empty where it needs none, and the rings that wait there.

        Raises `Unavailable` where it does not answer, or takes no rings.
        """

    def start(self, run: Run) -> None:
        """Begin to run jobs, in threads of this process. Calling it twice is an error."""

    def work_off(self, run: Run) -> None:
        """Run, in this thread, all that is due now, and what becomes due while that lasts."""

    def stop(self, seconds: float = GRACE) -> None:
        """Claim nothing more; wait so long for what runs. What runs longer is claimed anew later."""

    def close(self) -> None:
        """Stop, and let go of every connection."""


class DatabaseQueue:
    """The embedded queue: threads that look into the table, woken early by a ring from their own process."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock, *, patience: float = PATIENCE) -> None:
        self._sessions = sessions
        self._clock = clock
        self._patience = patience
        self._bell = Bell()
        self._hands: list[Loop] = []

    def ring(self, job_id: str) -> None:
        self._bell.ring()

    def state(self) -> tuple[str, int]:
        return "", 0

    def start(self, run: Run) -> None:
        if self._hands:
            raise RuntimeError("the queue has been started already")
        carrier = Carrier(self._sessions, self._clock, run)
        for number in range(HANDS):
            hand = Loop(f"jobs-{number + 1}", carrier.carry, every=self._patience, bell=self._bell)
            self._hands.append(hand)
            hand.start()

    def work_off(self, run: Run) -> None:
        carrier = Carrier(self._sessions, self._clock, run)
        while carrier.carry():
            continue

    def stop(self, seconds: float = GRACE) -> None:
        stop_all(self._hands, seconds)
        self._hands = []

    def close(self) -> None:
        self.stop()


def open_queue(_url: str, sessions: sessionmaker[Session], clock: Clock) -> Queue:
    """`database:` names no place of its own: the jobs are where everything is."""
    return DatabaseQueue(sessions, clock)
