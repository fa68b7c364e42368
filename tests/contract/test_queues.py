"""What every queue does. Nothing here knows which one it is."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from marketplace import jobs
from marketplace.db import Table, for_writing, new_id, open_database, sessions
from marketplace.models.jobs import Job
from marketplace.queue import Queue
from marketplace.runtime import back_end
from tests.services import service_url
from tests.support.clock import HandMovedClock

SOON = 20.0
"""Seconds a test waits for another thread before it fails; never reached when all is well."""

SECOND = timedelta(seconds=1)


@dataclass
class Office:
    """A table of jobs, the clock, and a way to open queues on them."""

    database_url: str
    queue_url: str
    clock: HandMovedClock
    sessions: sessionmaker[Session]
    opened: list[Queue] = field(default_factory=list)

    def open_queue(self) -> Queue:
        queue: Queue = back_end(self.queue_url)(self.queue_url, self.sessions, self.clock)
        self.opened.append(queue)
        return queue

    def ask(self, name: str = "work", *, at: datetime | None = None, max_attempts: int = 5) -> str:
        """Write a job, as a service does; ringing is left to the test."""
        now = self.clock()
        job = Job(id=new_id(), name=name, created_at=now, run_at=at or now, max_attempts=max_attempts)
        with self.writing() as session:
            session.add(job)
        return job.id

    def row(self, job_id: str) -> Job:
        with self.sessions() as session:
            return session.get_one(Job, job_id)

    def states(self) -> list[str]:
        with self.sessions() as session:
            return list(session.scalars(select(Job.state).order_by(Job.id)))

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self.sessions.begin() as session:
            yield for_writing(session)


def embedded_url() -> str:
    return "database:"


def redis_url() -> str:
    return f"{service_url('QUEUE_URL')}?queue=test-{secrets.token_hex(6)}"


@pytest.fixture(
    params=[
        pytest.param(embedded_url, id="database"),
        pytest.param(redis_url, id="redis", marks=pytest.mark.services),
    ]
)
def office(request: pytest.FixtureRequest, tmp_path: Path, clock: HandMovedClock) -> Iterator[Office]:
    make_url: Callable[[], str] = request.param
    url = f"sqlite:///{tmp_path}/jobs.db"
    database = open_database(url)
    Table.metadata.create_all(database)
    office = Office(url, make_url(), clock, sessions(database))
    yield office
    for queue in office.opened:
        queue.close()
    database.dispose()


@pytest.fixture
def queue(office: Office) -> Queue:
    return office.open_queue()


def broken(job_id: str) -> None:
    raise ValueError("the mail server said no\nand quoted the letter")


class TestRinging:
    def test_a_job_that_was_rung_for_is_run_and_done(self, office: Office, queue: Queue) -> None:
        ran: list[str] = []
        job_id = office.ask()
        queue.ring(job_id)
        queue.work_off(ran.append)
        assert ran == [job_id]
        assert office.row(job_id).state == "done"
        assert office.row(job_id).finished_at == office.clock()

    def test_a_job_nobody_rang_for_is_run_all_the_same(self, office: Office, queue: Queue) -> None:
        ran: list[str] = []
        job_id = office.ask()
        queue.work_off(ran.append)
        assert ran == [job_id]

    def test_ringing_often_runs_a_job_once(self, office: Office, queue: Queue) -> None:
        ran: list[str] = []
        job_id = office.ask()
        for _ in range(5):
            queue.ring(job_id)
        queue.work_off(ran.append)
        queue.ring(job_id)
        queue.work_off(ran.append)
        assert ran == [job_id]

    def test_ringing_for_a_job_that_is_not_there_harms_nothing(self, office: Office, queue: Queue) -> None:
        ran: list[str] = []
        queue.ring("01NOSUCHJOB")
        job_id = office.ask()
        queue.ring(job_id)
        queue.work_off(ran.append)
        assert ran == [job_id]

    def test_a_job_may_ask_for_another(self, office: Office, queue: Queue) -> None:
        ran: list[str] = []
        first = office.ask()

        def run(job_id: str) -> None:
            ran.append(job_id)
            if job_id == first:
                queue.ring(office.ask())

        queue.work_off(run)
        assert len(ran) == 2
        assert office.states() == ["done", "done"]


class TestDueTime:
    def test_a_job_is_not_run_before_its_time(self, office: Office, queue: Queue) -> None:
        ran: list[str] = []
        job_id = office.ask(at=office.clock() + timedelta(hours=1))
        queue.ring(job_id)
        queue.work_off(ran.append)
        assert ran == []
        office.clock.move(timedelta(hours=1))
        queue.work_off(ran.append)
        assert ran == [job_id]

    def test_what_has_been_due_longest_is_run_first(self, office: Office, queue: Queue) -> None:
        ran: list[str] = []
        now = office.clock()
        late, early = office.ask(at=now - SECOND), office.ask(at=now - 5 * SECOND)
        queue.work_off(ran.append)
        assert ran == [early, late]


class TestFailing:
    def test_a_failed_job_waits_longer_each_time_and_then_is_dead(self, office: Office, queue: Queue) -> None:
        job_id = office.ask(max_attempts=3)
        waits = []
        for attempt in (1, 2):
            queue.work_off(broken)
            row = office.row(job_id)
            assert (row.state, row.attempts) == ("waiting", attempt)
            waits.append(row.run_at - office.clock())
            office.clock.now = row.run_at
        queue.work_off(broken)
        assert office.row(job_id).state == "dead"
        assert timedelta(seconds=2.5) <= waits[0] < timedelta(seconds=7.5)
        assert timedelta(seconds=5) <= waits[1] < timedelta(seconds=15)

    def test_a_dead_job_is_left_alone(self, office: Office, queue: Queue) -> None:
        job_id = office.ask(max_attempts=1)
        queue.work_off(broken)
        ran: list[str] = []
        office.clock.move(timedelta(days=1))
        queue.ring(job_id)
        queue.work_off(ran.append)
        assert ran == []

    def test_what_went_wrong_is_kept_without_the_data_it_quotes(self, office: Office, queue: Queue) -> None:
        job_id = office.ask()
        queue.work_off(broken)
        assert office.row(job_id).error == "ValueError: the mail server said no"

    def test_a_job_that_failed_and_then_went_well_is_done(self, office: Office, queue: Queue) -> None:
        job_id = office.ask()
        queue.work_off(broken)
        office.clock.move(timedelta(minutes=1))
        queue.work_off(lambda job_id: None)
        assert (office.row(job_id).state, office.row(job_id).error) == ("done", "")

    def test_one_bad_job_stops_no_other(self, office: Office, queue: Queue) -> None:
        bad, good = office.ask(), office.ask()
        ran: list[str] = []

        def run(job_id: str) -> None:
            if job_id == bad:
                broken(job_id)
            ran.append(job_id)

        queue.work_off(run)
        assert ran == [good]

    def test_a_dead_job_that_a_person_asks_for_again_gets_new_attempts(
        self, office: Office, queue: Queue
    ) -> None:
        job_id = office.ask(max_attempts=1)
        queue.work_off(broken)
        with office.writing() as session:
            assert jobs.resume(session, job_id, office.clock())
        queue.ring(job_id)
        queue.work_off(lambda job_id: None)
        assert (office.row(job_id).state, office.row(job_id).attempts) == ("done", 2)


class TestLeases:
    def test_the_job_of_a_killed_process_is_run_by_another_after_its_lease(
        self, office: Office, queue: Queue
    ) -> None:
        job_id = office.ask()
        arguments = [office.database_url, office.queue_url, office.clock().isoformat()]
        command = [sys.executable, "-m", "tests.support.holding", *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline().strip() == job_id
            holder.kill()
        ran: list[str] = []
        office.clock.move(jobs.LEASE)
        queue.work_off(ran.append)
        assert ran == [], "its lease had not run out"
        office.clock.move(SECOND)
        queue.work_off(ran.append)
        assert ran == [job_id]
        assert office.row(job_id).state == "done"

    def test_a_job_that_takes_its_process_along_every_time_is_dead_in_the_end(
        self, office: Office, queue: Queue
    ) -> None:
        job_id = office.ask(max_attempts=2)
        ran: list[str] = []
        for _ in range(2):
            with office.writing() as session:
                assert jobs.claim(session, office.clock())
            office.clock.move(jobs.LEASE + SECOND)
        queue.ring(job_id)
        queue.work_off(ran.append)
        assert ran == []
        assert (office.row(job_id).state, office.row(job_id).error) == ("dead", jobs.LOST)

    def test_whoever_comes_back_after_its_lease_changes_nothing(self, office: Office, queue: Queue) -> None:
        job_id = office.ask()

        def slow(job_id: str) -> None:
            office.clock.move(jobs.LEASE + SECOND)
            with office.writing() as session:
                assert jobs.claim(session, office.clock()), "another process takes it over"

        queue.work_off(slow)
        assert (office.row(job_id).state, office.row(job_id).attempts) == ("running", 2)

    def test_a_job_a_person_stopped_stays_stopped(self, office: Office, queue: Queue) -> None:
        job_id = office.ask()
        told: list[bool] = []

        def run(job_id: str) -> None:
            with office.writing() as session:
                told.append(jobs.report(session, job_id, {"rows": 1}))
            with office.writing() as session:
                jobs.stop(session, job_id, office.clock())
            with office.writing() as session:
                told.append(jobs.report(session, job_id, {"rows": 2}))

        queue.work_off(run)
        assert told == [True, False]
        assert office.row(job_id).state == "stopped"
        assert office.row(job_id).progress == {"rows": 1}


class TestThreads:
    def test_a_started_queue_runs_two_jobs_at_the_same_time(self, office: Office, queue: Queue) -> None:
        together = threading.Barrier(3)
        queue.start(lambda job_id: together.wait(SOON))
        for _ in range(2):
            queue.ring(office.ask())
        together.wait(SOON)
        queue.stop()
        assert office.states() == ["done", "done"]

    def test_stopping_waits_for_what_runs_and_begins_nothing_more(self, office: Office, queue: Queue) -> None:
        begun, go_on = threading.Barrier(3), threading.Event()

        def run(job_id: str) -> None:
            begun.wait(SOON)
            go_on.wait(SOON)

        asked = [office.ask() for _ in range(3)]
        queue.start(run)
        for job_id in asked:
            queue.ring(job_id)
        begun.wait(SOON)
        stopping = threading.Thread(target=queue.stop)
        stopping.start()
        go_on.set()
        stopping.join(SOON)
        assert sorted(office.states()) == ["done", "done", "waiting"]

    def test_a_stopped_queue_can_be_started_again(self, office: Office, queue: Queue) -> None:
        queue.start(lambda job_id: None)
        queue.stop()
        ran = threading.Event()
        queue.start(lambda job_id: ran.set())
        queue.ring(office.ask())
        assert ran.wait(SOON)

    def test_starting_a_running_queue_is_an_error(self, queue: Queue) -> None:
        queue.start(lambda job_id: None)
        with pytest.raises(RuntimeError, match="already"):
            queue.start(lambda job_id: None)

    def test_several_processes_run_each_job_once(self, office: Office, queue: Queue) -> None:
        asked = [office.ask() for _ in range(40)]
        ran: list[str] = []
        all_ran = threading.Event()

        def run(job_id: str) -> None:
            ran.append(job_id)
            if len(ran) >= len(asked):
                all_ran.set()

        other = office.open_queue()
        for one in (queue, other):
            one.start(run)
        for job_id in asked:
            queue.ring(job_id)
        assert all_ran.wait(SOON)
        for one in (queue, other):
            one.stop()
        assert sorted(ran) == sorted(asked)
        assert set(office.states()) == {"done"}
