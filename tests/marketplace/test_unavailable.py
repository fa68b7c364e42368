"""A database that is away or has too much to do is said politely, within a limit, and forgotten once it is back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, text

from marketplace.app import create_app
from marketplace.db import open_database
from marketplace.errors import Collided, DatabaseAway, DatabaseBusy
from marketplace.models.jobs import Job
from marketplace.runtime import Runtime
from marketplace.settings import Limits
from marketplace.web.request import begin as web_begin
from marketplace.work import again, begin, look
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.door import Door
from tests.support.exchanges import administer, as_owner, embedded_settings, opened, server_settings

QUICK = Limits(pool=2, wait=1.0, statement=1.0, lock=0.2, connect=2.0)


@pytest.fixture
def hasty(request: pytest.FixtureRequest, tmp_path: Path, clock: HandMovedClock) -> Iterator[Runtime]:
    """An exchange on the servers that waits a second at most, with two connections."""
    settings = server_settings(tmp_path, request.getfixturevalue("server_database"))
    with opened(replace(settings, database_limits=QUICK), clock) as runtime:
        yield runtime


@pytest.fixture
def small(tmp_path: Path, clock: HandMovedClock) -> Iterator[Runtime]:
    with opened(replace(embedded_settings(tmp_path), database_limits=QUICK), clock) as runtime:
        yield runtime


def waits(runtime: Runtime) -> None:
    with look(runtime) as work:
        work.session.execute(text("SELECT pg_sleep(30)"))


def asks(runtime: Runtime) -> None:
    with begin(runtime) as work:
        work.ask("work")


@pytest.mark.services
class TestLimits:
    def test_a_statement_that_takes_too_long_is_ended(self, hasty: Runtime) -> None:
        with pytest.raises(DatabaseBusy):
            waits(hasty)
        with look(hasty) as work:
            assert work.session.scalar(select(1)) == 1, "the connection can be used again"

    def test_a_lock_that_somebody_holds_is_waited_for_only_so_long(self, hasty: Runtime) -> None:
        with begin(hasty) as holding:
            holding.session.execute(text("LOCK TABLE jobs"))
            with pytest.raises(DatabaseBusy):
                asks(hasty)

    def test_two_that_wait_for_each_other_are_told_so(self, hasty: Runtime) -> None:
        """One of them is chosen by the server and may try again as a whole."""
        patient = replace(hasty.settings, database_limits=replace(QUICK, lock=15.0, statement=20.0))
        with opened(patient, hasty.clock) as runtime:  # type: ignore[arg-type]  # any clock will do
            with begin(runtime) as work:
                ids = [work.ask("first"), work.ask("second")]
            together, ended = threading.Barrier(2), []

            def cross(first: str, second: str) -> None:
                def once() -> None:
                    with begin(runtime) as work:
                        work.session.get_one(Job, first, with_for_update=True)
                        together.wait(10)
                        work.session.get_one(Job, second, with_for_update=True)

                try:
                    once()
                except Collided:
                    ended.append("collided")
                else:
                    ended.append("through")

            threads = [threading.Thread(target=cross, args=order) for order in (ids, ids[::-1])]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert sorted(ended) == ["collided", "through"]

    def test_a_server_that_stops_answering_is_given_up(self, hasty: Runtime) -> None:
        with Door.before(hasty.settings.database_url) as door:
            database = open_database(door.url, replace(QUICK, statement=0.5))
            with database.connect() as connection:
                connection.execute(select(1))
                door.freeze()
                with pytest.raises(DatabaseAway):
                    connection.execute(select(1))
            door.open()
            with database.connect() as connection:
                assert connection.scalar(select(1)) == 1
            database.dispose()

    def test_of_a_server_that_stands_still_the_next_one_hears_soon(self, hasty: Runtime) -> None:
        with Door.before(hasty.settings.database_url) as door:
            database = open_database(door.url, replace(QUICK, statement=20.0))
            with database.connect() as connection:
                connection.execute(select(1))
            door.freeze()
            asked = time.monotonic()
            with pytest.raises(DatabaseAway):
                database.connect()
            assert time.monotonic() - asked < 15, "not as long as a statement may take"
            door.open()
            with database.connect() as connection:
                assert connection.scalar(text("SELECT 1 FROM pg_sleep(3)")) == 1, "a statement has its time"
            database.dispose()


def test_when_all_connections_are_taken_the_next_is_told_so_and_the_one_after_is_served(
    small: Runtime,
) -> None:
    with ExitStack() as taken:
        for _ in range(QUICK.pool):
            taken.enter_context(look(small))
        with pytest.raises(DatabaseBusy), look(small):
            pass
        answer = application(small).test_client().get("/health/ready")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
    assert application(small).test_client().get("/health/ready").status_code == 200


def test_a_page_says_that_the_database_is_away_and_when_to_come_again(
    tmp_path: Path, clock: HandMovedClock
) -> None:
    nobody = "postgresql+psycopg://giao@127.0.0.1:9/giao"
    runtime = Runtime(replace(embedded_settings(tmp_path), database_url=nobody), clock)
    client = application(runtime).test_client()
    client.set_cookie("giao-test-session", "somebody who was signed in")
    for language, words in (("vi", "Cơ sở dữ liệu của sàn đang tạm ngừng"), ("en", "is not answering")):
        answer = client.get(f"/{language}/listings/test:offer:1")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "30"
        assert words in answer.text
    runtime.close()


def test_a_form_that_is_refused_while_the_database_is_away_is_told_that_it_is(
    tmp_path: Path, clock: HandMovedClock
) -> None:
    """What is refused goes into the audit log, which cannot be written now."""
    nobody = "postgresql+psycopg://giao@127.0.0.1:9/giao"
    runtime = Runtime(replace(embedded_settings(tmp_path), database_url=nobody), clock)
    answer = application(runtime).test_client().post("/vi/post/demand", data={"title": "Máy sấy"})
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "30")
    runtime.close()


@pytest.mark.services
def test_a_server_that_has_no_connection_left_is_told_to_people_and_why_to_the_log(
    tmp_path: Path, clock: HandMovedClock, server_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(server_settings(tmp_path, server_database), clock) as runtime:
        role = make_url(server_database).username
        administer(as_owner(server_database), f'ALTER ROLE "{role}" CONNECTION LIMIT 1')
        client = application(runtime).test_client()
        with caplog.at_level("INFO"), look(runtime):
            answer = client.get("/vi/listings/test:offer:1")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert "too many connections for role" in caplog.text
        assert client.get("/vi/listings/test:offer:1").status_code == 404
        administer(as_owner(server_database), f'ALTER ROLE "{role}" CONNECTION LIMIT -1')


class TestAgain:
    def test_what_collides_is_done_anew_three_times_at_most(self) -> None:
        tried: list[int] = []

        def step() -> str:
            tried.append(1)
            if len(tried) < succeeds:
                raise Collided
            return "done"

        succeeds = 3
        assert again(step, pause=lambda seconds: None) == "done"
        tried.clear()
        succeeds = 4
        with pytest.raises(Collided):
            again(step, pause=lambda seconds: None)
        assert len(tried) == 3

    def test_a_request_that_collided_is_answered_once(self, embedded: Runtime) -> None:
        app, tried = create_app(embedded), []

        def collide() -> str:
            with begin(embedded) as work:
                tried.append(work.ask("once"))
                work.session.flush()
                if len(tried) < 3:
                    raise Collided
            return "done"

        app.view_functions["pages.help"] = collide
        assert app.test_client().get("/vi/help").text == "done"
        with look(embedded) as work:
            assert list(work.session.scalars(select(Job.id))) == tried[-1:]

    def test_a_request_that_has_kept_something_is_not_done_again(self, embedded: Runtime) -> None:
        app, tried = create_app(embedded), []

        def keep_and_collide() -> str:
            tried.append(1)
            with web_begin() as work:
                work.ask("once")
            raise Collided

        app.view_functions["pages.help"] = keep_and_collide
        assert app.test_client().get("/vi/help").status_code == 503
        assert tried == [1]
        with look(embedded) as work:
            assert len(list(work.session.scalars(select(Job.id)))) == 1
