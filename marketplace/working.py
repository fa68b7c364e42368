"""Everything a process does beside answering requests: following the feed, doing jobs, keeping the timetable."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial

from marketplace import leases, schedule, tasks
from marketplace.errors import Unavailable
from marketplace.followers import Following
from marketplace.leases import TIMETABLE
from marketplace.loop import GRACE, Loop
from marketplace.runtime import Runtime
from marketplace.work import begin

LOOK_AT_TIMETABLE = 15.0  # seconds, a third of what its lease lasts


class Timekeeping:
    """Asks for periodic jobs when they fall due. Any number of processes may try; one at a time does."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._claim = leases.Claim(TIMETABLE, runtime.settings.data_dir)
        self._loop = Loop(TIMETABLE, self.look, every=LOOK_AT_TIMETABLE)

    def start(self) -> None:
        self._loop.start()

    def ask_to_stop(self) -> None:
        self._loop.ask_to_stop()

    def stop(self, seconds: float = GRACE) -> None:
        """Stop, and let another process have the timetable at once. Where the database stands still that one waits until the
        lease has run out."""
        if self._loop.stop(seconds):
            with suppress(Unavailable), begin(self._runtime) as work:
                self._claim.give_back(work.session, work.now)

    def look(self) -> None:
        """Ask for what is due, when it is ours to ask."""
        with begin(self._runtime) as work:
            if self._claim.hold(work.session, work.now):
                schedule.fire(work, tasks.SCHEDULE)


class Working:
    """The background of one process. Any number of processes may have one."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._following = Following(runtime)
        self._timekeeping = Timekeeping(runtime)

    def start(self) -> None:
        self._following.start()
        self._runtime.queue.start(partial(tasks.run, self._runtime))
        self._timekeeping.start()

    def stop(self, seconds: float = GRACE) -> None:
        """Finish what is being done, begin nothing more. All parts together are waited for so long."""
        until = time.monotonic() + seconds
        self._timekeeping.ask_to_stop()
        self._following.ask_to_stop()
        self._runtime.queue.stop(seconds)
        self._timekeeping.stop(max(0.0, until - time.monotonic()))
        self._following.stop(max(0.0, until - time.monotonic()))
