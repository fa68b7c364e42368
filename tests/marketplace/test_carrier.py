"""A carrier shows that it lives while its job runs."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from marketplace import jobs
from marketplace.carrier import Carrier
from marketplace.models.jobs import Job
from marketplace.runtime import Runtime
from marketplace.work import begin
from tests.support.clock import HandMovedClock

SOON = 20.0
NEVER = 3600.0


class WatchedClock:
    """A clock that lets a test wait until it has been looked at again."""

    def __init__(self, clock: HandMovedClock) -> None:
        self._clock = clock
        self._looked = threading.Condition()
        self._times = 0

    def __call__(self) -> datetime:
        with self._looked:
            self._times += 1
            self._looked.notify_all()
            return self._clock.now

    def wait_for_looks(self, number: int) -> None:
        with self._looked:
            wanted = self._times + number
            assert self._looked.wait_for(lambda: self._times >= wanted, SOON)


def ask(runtime: Runtime) -> None:
    with begin(runtime) as work:
        work.session.add(Job(name="long", created_at=work.now, run_at=work.now))


def take_over(
    runtime: Runtime, clock: HandMovedClock, *, beat: float, watched: WatchedClock, looks: int
) -> bool:
    """Whether another process gets hold of a job that runs for four thirds of a lease."""
    taken: list[bool] = []

    def run(job_id: str) -> None:
        for _ in range(2):
            clock.move(jobs.LEASE * 2 / 3)
            watched.wait_for_looks(looks)
        with begin(runtime) as work:
            taken.append(jobs.claim(work.session, clock()) is not None)

    ask(runtime)
    assert Carrier(runtime.sessions, watched, run, beat).carry()
    return taken[0]


def test_a_long_job_is_not_taken_away_while_its_process_lives(
    embedded: Runtime, clock: HandMovedClock
) -> None:
    # The second look of the thread that shows life proves that what followed the first is committed.
    assert not take_over(embedded, clock, beat=0.001, watched=WatchedClock(clock), looks=2)


def test_without_a_sign_of_life_it_is(embedded: Runtime, clock: HandMovedClock) -> None:
    assert take_over(embedded, clock, beat=NEVER, watched=WatchedClock(clock), looks=0)


def test_life_is_shown_several_times_within_a_lease(embedded: Runtime) -> None:
    usual = Carrier(embedded.sessions, embedded.clock, print)
    assert timedelta(seconds=usual.beat) * 3 < jobs.LEASE


def test_nothing_shows_life_after_the_job_has_ended(embedded: Runtime, clock: HandMovedClock) -> None:
    ask(embedded)
    Carrier(embedded.sessions, clock, lambda job_id: None, 0.001).carry()
    assert "signs of life" not in [thread.name for thread in threading.enumerate()]
