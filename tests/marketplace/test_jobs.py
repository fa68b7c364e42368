"""The table of jobs on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import jobs, tasks
from marketplace.carrier import Carrier
from marketplace.models.jobs import Job
from marketplace.runtime import Runtime
from marketplace.services import letters
from marketplace.tracing import tracing
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock

SECOND = timedelta(seconds=1)


@contextmanager
def writing(runtime: Runtime) -> Iterator[Session]:
    with begin(runtime) as work:
        yield work.session


def ask(runtime: Runtime, name: str = "work", **values: int) -> str:
    with writing(runtime) as session:
        job = Job(name=name, created_at=runtime.clock(), run_at=runtime.clock(), **values)
        session.add(job)
        session.flush()
        return job.id


def claim(runtime: Runtime) -> jobs.Claim:
    with writing(runtime) as session:
        claimed = jobs.claim(session, runtime.clock())
    assert claimed
    return claimed


def row(runtime: Runtime, job_id: str) -> Job:
    with runtime.sessions() as session:
        return session.get_one(Job, job_id)


def test_a_claimed_job_is_not_to_be_had_twice(runtime: Runtime) -> None:
    ask(runtime)
    claim(runtime)
    with writing(runtime) as session:
        assert jobs.claim(session, runtime.clock()) is None
        assert jobs.due(session, runtime.clock()) == []


def test_many_threads_claim_every_job_once(runtime: Runtime) -> None:
    asked = [ask(runtime) for _ in range(24)]
    won: list[str] = []

    def take_eight() -> None:
        for _ in range(8):
            with writing(runtime) as session:
                claimed = jobs.claim(session, runtime.clock())
            if claimed:
                won.append(claimed.job_id)

    threads = [threading.Thread(target=take_eight) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == sorted(asked)


def test_a_lease_holds_as_long_as_it_is_extended(runtime: Runtime, clock: HandMovedClock) -> None:
    ask(runtime)
    held = claim(runtime)
    for _ in range(5):
        clock.move(jobs.LEASE - SECOND)
        with writing(runtime) as session:
            assert jobs.due(session, clock()) == []
            assert jobs.extend(session, held, clock())
    clock.move(jobs.LEASE + SECOND)
    with writing(runtime) as session:
        assert jobs.due(session, clock()) == [held.job_id]


@pytest.mark.parametrize("state", ["done", "waiting", "extended"])
def test_an_old_claim_can_change_nothing(runtime: Runtime, clock: HandMovedClock, state: str) -> None:
    job_id = ask(runtime)
    old = claim(runtime)
    clock.move(jobs.LEASE + SECOND)
    new = claim(runtime)
    with writing(runtime) as session:
        changed = {
            "done": lambda: jobs.finish(session, old, clock()),
            "waiting": lambda: jobs.fail(session, old, clock(), error="late", jitter=0.5),
            "extended": lambda: jobs.extend(session, old, clock() + SECOND),
        }[state]()
    assert not changed
    assert row(runtime, job_id).state == "running"
    assert row(runtime, job_id).lease_until == clock() + jobs.LEASE
    with writing(runtime) as session:
        assert jobs.finish(session, new, clock())


def test_a_long_error_is_cut(runtime: Runtime, clock: HandMovedClock) -> None:
    job_id = ask(runtime)
    held = claim(runtime)
    with writing(runtime) as session:
        jobs.fail(session, held, clock(), error="x" * 1000, jitter=0)
    assert len(row(runtime, job_id).error) == jobs.LONGEST_ERROR


def test_people_stop_what_has_not_ended_and_resume_what_has(runtime: Runtime, clock: HandMovedClock) -> None:
    job_id = ask(runtime)
    with writing(runtime) as session:
        assert not jobs.resume(session, job_id, clock()), "it still waits"
        assert jobs.stop(session, job_id, clock())
        assert not jobs.stop(session, job_id, clock()), "it was stopped before"
        assert jobs.claim(session, clock()) is None
        assert jobs.resume(session, job_id, clock())
    assert claim(runtime).job_id == job_id


def test_a_process_that_does_not_know_a_job_leaves_it_to_others(
    runtime: Runtime, clock: HandMovedClock
) -> None:
    """As the worker of an older version does while an upgrade runs: said, not counted as a failure, never dead."""
    job_id = ask(runtime, "invented_next_year")
    older = Carrier(runtime.sessions, clock, partial(tasks.run, runtime))
    for _ in range(8):
        assert older.carry()
        assert not older.carry(), "it is not asked again at once"
        clock.move(jobs.PUT_OFF)
    with look(runtime) as work:
        job = work.session.get_one(Job, job_id)
        assert (job.state, job.error) == (
            "waiting", "invented_next_year is a job of another version of Giao",
        )  # fmt: skip
    newer = Carrier(runtime.sessions, clock, lambda job_id: None)
    assert newer.carry()
    with look(runtime) as work:
        assert work.session.get_one(Job, job_id).state == "done"


def test_a_known_job_with_unknown_arguments_is_of_another_version_too(runtime: Runtime) -> None:
    with begin(runtime) as work:
        job_id = work.ask("expire_listings", region="92")
    with pytest.raises(jobs.NotNow, match="expire_listings is asked for as another version"):
        tasks.run(runtime, job_id)


@pytest.mark.parametrize("arguments", [{"letter": "fax"}, {"letter": "reset", "number": "1"}])
def test_a_letter_of_another_version_is_left_to_it(runtime: Runtime, arguments: dict[str, str]) -> None:
    with begin(runtime) as work:
        job_id = work.ask("send_letter", **arguments)
    with pytest.raises(jobs.NotNow, match="another version of Giao"):
        tasks.run(runtime, job_id)


def test_a_mail_server_may_be_away_for_half_a_day(runtime: Runtime, clock: HandMovedClock) -> None:
    with begin(runtime) as work:
        letters.post_letter(work, "reset", user_id="u")
        job_id = work.session.scalars(select(Job.id)).one()
    away = clock()
    while row(runtime, job_id).state == "waiting":
        clock.now = row(runtime, job_id).run_at
        held = claim(runtime)
        with writing(runtime) as session:
            jobs.fail(session, held, clock(), error="away", jitter=0)
    assert timedelta(hours=4) < clock() - away < timedelta(days=1)


def test_a_dead_job_can_be_left_at_that(runtime: Runtime, clock: HandMovedClock) -> None:
    job_id = ask(runtime, "dead", max_attempts=1)
    held = claim(runtime)
    with writing(runtime) as session:
        jobs.fail(session, held, clock(), error="no", jitter=0.5)
        assert jobs.stop(session, job_id, clock())
    assert row(runtime, job_id).state == "stopped"


def test_a_job_a_person_stopped_ends_at_its_next_report(runtime: Runtime, clock: HandMovedClock) -> None:
    job_id = ask(runtime, "long")

    def run(job_id: str) -> None:
        with tracing(job_id):
            tasks.report(runtime, done=1, total=5)
            with writing(runtime) as session:
                jobs.stop(session, job_id, clock())
            tasks.report(runtime, done=2, total=5)
        raise AssertionError("never reached")

    assert Carrier(runtime.sessions, clock, run).carry()
    with look(runtime) as work:
        job = work.session.get_one(Job, job_id)
        assert (job.state, job.error, job.progress["done"]) == ("stopped", "", 1)


def test_a_clock_that_ran_ahead_and_was_set_back_keeps_no_job_waiting(
    runtime: Runtime, clock: HandMovedClock
) -> None:
    clock.move(timedelta(days=9))
    running, failed, asked = (ask(runtime, name) for name in ("running", "failed", "asked"))
    with writing(runtime) as session:
        assert jobs.claim(session, clock(), job_id=running)
        held = jobs.claim(session, clock(), job_id=failed)
        assert held
        jobs.fail(session, held, clock(), error="no", jitter=0.5)
    clock.move(timedelta(days=-9))
    with writing(runtime) as session:
        assert set(jobs.due(session, clock())) == {running, failed, asked}


def test_a_job_is_unfinished_until_it_ends(runtime: Runtime, clock: HandMovedClock) -> None:
    ask(runtime, "report")
    with look(runtime) as work:
        assert jobs.is_unfinished(work.session, "report")
        assert not jobs.is_unfinished(work.session, "import")
    held = claim(runtime)
    with writing(runtime) as session:
        jobs.finish(session, held, clock())
        assert not jobs.is_unfinished(session, "report")


def test_what_was_done_is_forgotten_after_a_month_and_what_gave_up_is_not(
    runtime: Runtime, clock: HandMovedClock
) -> None:
    done, dead = ask(runtime, "done"), ask(runtime, "dead", max_attempts=1)
    held = claim(runtime)
    with writing(runtime) as session:
        jobs.finish(session, held, clock())
    held = claim(runtime)
    with writing(runtime) as session:
        jobs.fail(session, held, clock(), error="no", jitter=0.5)
    clock.move(timedelta(days=29))
    tasks.forget_what_is_over(runtime)
    assert row(runtime, done).state == "done"
    clock.move(timedelta(days=2))
    tasks.forget_what_is_over(runtime)
    with look(runtime) as work:
        assert set(work.session.scalars(select(Job.id))) == {dead}


@given(attempt=st.integers(1, 10_000), jitter=st.floats(0, 1, exclude_max=True))
def test_waiting_grows_but_never_beyond_an_hour_and_a_half(attempt: int, jitter: float) -> None:
    wait = jobs.wait_after(attempt, jitter)
    assert timedelta(seconds=2.5) <= wait <= timedelta(hours=1.5)
    assert wait <= jobs.wait_after(attempt + 1, jitter)
