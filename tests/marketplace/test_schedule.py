"""Periodic jobs on both databases: once a period, whoever looks and however often."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from marketplace import jobs, leases, schedule
from marketplace.models.jobs import Job, Schedule
from marketplace.runtime import Runtime
from marketplace.schedule import Period
from marketplace.work import begin, look
from marketplace.working import Timekeeping
from tests.support.clock import HandMovedClock

HOURLY = Period("hourly", every=timedelta(hours=1))
NIGHTLY = Period("nightly", every=timedelta(days=1), offset=timedelta(hours=19))
BOTH = (HOURLY, NIGHTLY)

MOMENTS = st.integers(1_700_000_000, 2_500_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
SPANS = st.timedeltas(timedelta(seconds=1), timedelta(days=40))


def agree(runtime: Runtime, *periods: Period) -> None:
    with begin(runtime) as work:
        schedule.agree(work.session, periods, work.now)


def fire(runtime: Runtime, *periods: Period) -> tuple[str, ...]:
    with begin(runtime) as work:
        return schedule.fire(work, periods)


def asked(runtime: Runtime) -> list[str]:
    with look(runtime) as work:
        return list(work.session.scalars(select(Job.name).order_by(Job.id)))


def end_all(runtime: Runtime) -> None:
    with begin(runtime) as work:
        while claimed := jobs.claim(work.session, work.now):
            jobs.finish(work.session, claimed, work.now)


def test_a_new_exchange_does_not_begin_with_every_periodic_job(runtime: Runtime) -> None:
    agree(runtime, *BOTH)
    assert fire(runtime, *BOTH) == ()


def test_each_is_asked_for_when_its_moment_comes(runtime: Runtime, clock: HandMovedClock) -> None:
    agree(runtime, *BOTH)
    clock.move(timedelta(hours=1))
    assert fire(runtime, *BOTH) == ("hourly",)
    assert fire(runtime, *BOTH) == ()
    end_all(runtime)
    clock.now = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
    assert fire(runtime, *BOTH) == ("hourly", "nightly")
    assert asked(runtime) == ["hourly", "hourly", "nightly"]


def test_what_was_missed_is_made_up_for_once_and_the_grid_stays(
    runtime: Runtime, clock: HandMovedClock
) -> None:
    agree(runtime, HOURLY)
    clock.move(timedelta(hours=30, minutes=20))
    assert fire(runtime, HOURLY) == ("hourly",)
    with look(runtime) as work:
        assert work.session.get_one(Schedule, "hourly").next_at == clock() + timedelta(minutes=40)


def test_a_job_that_has_not_ended_is_not_asked_for_again(runtime: Runtime, clock: HandMovedClock) -> None:
    agree(runtime, HOURLY)
    for _ in range(3):
        clock.move(timedelta(hours=1))
        fire(runtime, HOURLY)
    assert asked(runtime) == ["hourly"]


def test_of_many_processes_one_asks(runtime: Runtime, clock: HandMovedClock) -> None:
    agree(runtime, HOURLY)
    clock.move(timedelta(hours=1))
    together, won = threading.Barrier(4), []

    def look_at_timetable() -> None:
        together.wait(20)
        won.append(fire(runtime, HOURLY))

    threads = [threading.Thread(target=look_at_timetable) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [(), (), (), ("hourly",)]
    assert asked(runtime) == ["hourly"]


def test_many_processes_may_agree_at_the_same_moment(runtime: Runtime) -> None:
    together = threading.Barrier(4)
    done: list[bool] = []

    def begin_process() -> None:
        together.wait(20)
        agree(runtime, *BOTH)
        done.append(True)

    threads = [threading.Thread(target=begin_process) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True] * 4


def test_agreeing_moves_no_moment_and_leaves_the_rows_of_a_newer_version(
    runtime: Runtime, clock: HandMovedClock
) -> None:
    agree(runtime, *BOTH)
    clock.move(timedelta(hours=1))
    agree(runtime, HOURLY)
    with look(runtime) as work:
        assert sorted(work.session.scalars(select(Schedule.name))) == ["hourly", "nightly"]
    assert fire(runtime, HOURLY) == ("hourly",), "agreeing again has not put the moment off"


def test_a_clock_that_ran_ahead_and_was_set_back_puts_nothing_off(
    runtime: Runtime, clock: HandMovedClock
) -> None:
    agree(runtime, HOURLY)
    clock.move(timedelta(days=400))
    assert fire(runtime, HOURLY) == ("hourly",)
    end_all(runtime)
    clock.move(timedelta(days=-400))
    assert fire(runtime, HOURLY) == (), "nothing is due yet"
    clock.move(timedelta(hours=1))
    assert fire(runtime, HOURLY) == ("hourly",)


def test_one_process_keeps_the_timetable_until_its_lease_is_over(
    runtime: Runtime, clock: HandMovedClock
) -> None:
    def holds(name: str) -> bool:
        with begin(runtime) as work:
            return leases.hold(work.session, "timetable", name, work.now)

    assert [holds("first"), holds("second"), holds("first")] == [True, False, True]
    clock.move(leases.LASTS)
    assert not holds("second")
    assert holds("first"), "it renews what it holds"
    clock.move(leases.LASTS + timedelta(seconds=1))
    assert [holds("second"), holds("first")] == [True, False]
    with begin(runtime) as work:
        leases.give_back(work.session, "timetable", "second", work.now)
    assert holds("first"), "a process that ends gives it back"


def test_a_lease_written_by_a_clock_that_ran_ahead_is_worth_nothing(
    runtime: Runtime, clock: HandMovedClock
) -> None:
    clock.move(timedelta(days=30))
    with begin(runtime) as work:
        assert leases.hold(work.session, "timetable", "ahead", work.now)
    clock.move(timedelta(days=-30))
    with begin(runtime) as work:
        assert leases.hold(work.session, "timetable", "right", work.now)


def test_of_many_who_start_at_once_one_keeps_the_timetable(runtime: Runtime) -> None:
    together, held = threading.Barrier(4), []

    def start(name: str) -> None:
        together.wait(20)
        with begin(runtime) as work:
            held.append(leases.hold(work.session, "timetable", name, work.now))

    threads = [threading.Thread(target=start, args=(f"process {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(held) == [False, False, False, True]


def test_two_timekeepers_ask_once(runtime: Runtime, clock: HandMovedClock) -> None:
    first, second = Timekeeping(runtime), Timekeeping(runtime)
    first.look()
    clock.move(timedelta(hours=1))
    second.look()
    first.look()
    names = asked(runtime)
    assert "expire_listings" in names
    assert len(names) == len(set(names))


@given(moment=MOMENTS, every=SPANS, offset=SPANS)
def test_the_next_moment_is_the_first_of_the_grid_after_now(
    moment: datetime, every: timedelta, offset: timedelta
) -> None:
    period = Period("any", every, offset)
    following = period.after(moment)
    assert moment < following <= moment + every
    assert period.after(following) == following + every
