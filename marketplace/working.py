"""Everything a process does beside answering requests: following the feed, doing jobs, keeping the timetable."""

from __future__ import annotations

from functools import partial

from marketplace import leases, schedule, tasks
from marketplace.followers import Following
from marketplace.leases import TIMETABLE
from marketplace.loop import Loop
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

    def stop(self) -> None:
        self._loop.stop()
        with begin(self._runtime) as work:
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

    def stop(self) -> None:
        """Finish what is being done, begin nothing more."""
        try:
            self._timekeeping.stop()
        finally:
            self._runtime.queue.stop()
            self._following.stop()
