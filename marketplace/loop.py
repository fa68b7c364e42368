"""A thread that takes a step, waits, and takes the next."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from marketplace.bell import Bell
from marketplace.errors import Unavailable

log = logging.getLogger(__name__)


Step = Callable[[], bool | None]


GRACE = 30.0
"""Seconds that a step under way is waited for."""


class Loop:
    """Calls `step` until stopped. A step may answer True, there is more to do: then the next follows at once.

    A step that raises is logged and tried again after the wait: a database that is away for a minute must not
    end the thread for good. That a server is away is said once, not every second. `bell` cuts a wait short;
    several loops may share one.
    """

    def __init__(self, name: str, step: Step, *, every: float, bell: Bell | None = None) -> None:
        self._step = step
        self._every = every
        self._bell = bell or Bell()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._waiting_for = ""

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Stop after the step that is being taken."""
        self._stopping.set()
        self._bell.ring()

    def stop(self, seconds: float = GRACE) -> bool:
        """Ask, and wait at most `seconds` for the step to end. True when the thread is gone."""
        self.ask_to_stop()
        self._thread.join(seconds)
        return not self.alive

    def _run(self) -> None:
        heard = 0
        while not self._stopping.is_set():
            if not self._take_step():
                heard = self._bell.wait(heard, self._every)

    def _take_step(self) -> bool | None:
        try:
            more, missing = self._step(), ""
        except Unavailable as away:
            more, missing = False, away.code
            if missing != self._waiting_for:
                log.warning("%s waits: %s: %s", self._thread.name, missing, away.why)
        except Exception:
            log.exception("%s failed and will be tried again", self._thread.name)
            return False
        self._waiting_for = missing
        return more


def stop_all(loops: Sequence[Loop], seconds: float = GRACE) -> bool:
    """Ask all of them, and wait at most `seconds` in all. True when all threads are gone."""
    until = time.monotonic() + seconds
    for loop in loops:
        loop.ask_to_stop()
    return all([loop.stop(max(0.0, until - time.monotonic())) for loop in loops])  # noqa: C419 - each is waited for
