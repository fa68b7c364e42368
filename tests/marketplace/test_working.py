"""A process that is asked to end does so in time, whatever stands still."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from marketplace.clock import utc_now
from marketplace.models.jobs import Lease
from marketplace.runtime import Runtime
from marketplace.settings import Limits
from marketplace.work import look
from marketplace.working import Working
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened


def test_while_the_database_stands_still_all_parts_together_are_waited_for_once(
    tmp_path: Path, clock: HandMovedClock
) -> None:
    slow = replace(embedded_settings(tmp_path), database_limits=Limits(pool=1, wait=60.0))
    with opened(slow, clock) as runtime:
        working = Working(runtime)
        with look(runtime):  # The only connection there is.
            working.start()
            asked = time.monotonic()
            working.stop(seconds=0.5)
            assert time.monotonic() - asked < 2, "not each for itself"


def test_the_timetable_is_another_process_s_at_once(tmp_path: Path, clock: HandMovedClock) -> None:
    with opened(embedded_settings(tmp_path), clock) as runtime:
        working = Working(runtime)
        working.start()
        working.stop()
        with closing(Runtime(runtime.settings, utc_now)) as another, look(another) as work:
            assert [lease.until < clock() for lease in work.session.scalars(select(Lease))] == [True]
