"""Everything a process does beside answering requests: following the feed, doing jobs, keeping the timetable."""

from __future__ import annotations

from functools import partial

from marketplace import schedule, tasks
from marketplace.followers import Following
from marketplace.loop import Loop
from marketplace.runtime import Runtime
from marketplace.work import begin

LOOK_AT_TIMETABLE = 15.0  # seconds


class Working:
    """The background of one process. Any number of processes may have one."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._following = Following(runtime)
        self._timetable = Loop("timetable", self._fire, every=LOOK_AT_TIMETABLE)

    def start(self) -> None:
        with begin(self._runtime) as work:
            schedule.agree(work.session, tasks.SCHEDULE, work.now)
        self._following.start()
        self._runtime.queue.start(partial(tasks.run, self._runtime))
        self._timetable.start()

    def stop(self) -> None:
        """Finish what is being done, begin nothing more."""
        self._timetable.stop()
        self._runtime.queue.stop()
        self._following.stop()

    def _fire(self) -> None:
        with begin(self._runtime) as work:
            schedule.fire(work, tasks.SCHEDULE)
