"""Elasticsearch, Redis or PostgreSQL go away while people post and read, and come back.

What can go on goes on, the rest says so politely and within its limit, and afterwards everything drains by itself. Most
of it is tried with a door in front of the real servers; the soak stops servers of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from marketplace.clock import utc_now
from marketplace.db import Table, open_database
from marketplace.errors import Unavailable
from marketplace.models.jobs import Job
from marketplace.runtime import Runtime
from marketplace.services import letters
from marketplace.settings import Limits
from marketplace.work import begin, look
from marketplace.working import Working
from search.engine import SearchError
from search.query import Query
from tests.operations.test_health import figures
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.door import Door
from tests.support.exchanges import opened, server_settings
from tests.support.mailer import RememberingMailer
from tests.support.market import content, publish, settle
from tests.support.members import enterprise, join
from tests.support.stopped import OWN, Stoppable

pytestmark = pytest.mark.services

HASTY = Limits(wait=2, statement=2, lock=2, connect=2)
LONGEST_REQUEST = 30.0  # seconds: the limits of the database and of the search engine one after the other
PATIENCE = 120.0  # seconds until everything has drained, never reached when all is well
EXTENT = 20.0  # seconds that servers stay away in the soak, and that people work before and after


@dataclass
class Shaky:
    """An exchange on the real servers, each behind a door."""

    runtime: Runtime
    client: FlaskClient
    doors: dict[str, Door]

    def status(self, path: str) -> int:
        return self.client.get(path).status_code


@pytest.fixture
def shaky(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shaky]:
    settings = server_settings(tmp_path, request.getfixturevalue("server_database"))
    names = ("database_url", "search_url", "queue_url")
    with ExitStack() as stack:
        doors = {name: stack.enter_context(Door.before(getattr(settings, name))) for name in names}
        urls = {name: door.url for name, door in doors.items()}
        settings = replace(settings, **urls, database_limits=HASTY)  # type: ignore[arg-type]  # texts only
        clock: HandMovedClock = utc_now  # type: ignore[assignment]  # any clock will do
        runtime = stack.enter_context(opened(settings, clock))
        runtime.mailer = RememberingMailer()
        settle(runtime)
        yield Shaky(runtime, application(runtime).test_client(), doors)
        for door in doors.values():
            door.open()


def eventually(what: Callable[[], bool]) -> bool:
    """Whether it becomes true while the threads work, and servers still come up."""
    pause, until = threading.Event(), time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(SearchError, Unavailable):
            if what():
                return True
        pause.wait(0.1)
    return False


def found(runtime: Runtime, words: str) -> int:
    return runtime.engine.search(Query(text=words)).total


def test_without_elasticsearch_people_post_and_read_and_search_says_that_it_is_limited(shaky: Shaky) -> None:
    (before,) = publish(shaky.runtime, content("offer", "Máy sấy lúa tầng sôi"))
    settle(shaky.runtime)
    shaky.doors["search_url"].shut()
    (after,) = publish(shaky.runtime, content("offer", "Máy gặt lúa"), start=5)
    for uid in (before, after):
        assert shaky.status(f"/vi/listings/{uid}") == 200
    answer = shaky.client.get("/vi/offers?q=lúa")
    assert answer.status_code == 200
    assert "Tìm kiếm đang tạm thời bị hạn chế" in answer.text
    assert before in answer.text, "the newest listings with the word in their titles"
    home = shaky.client.get("/vi/")
    assert home.status_code == 200
    assert "Việc tìm kiếm đang tạm thời bị hạn chế" in home.text
    assert "Máy sấy lúa tầng sôi" in home.text
    assert shaky.client.get("/health/ready").json == {"status": "limited", "limited": ["search"]}
    shaky.doors["search_url"].open()
    # The server that failed again and again is left alone for some seconds more.
    assert eventually(lambda: settle(shaky.runtime) or found(shaky.runtime, "lúa") == 2)
    assert "bị hạn chế" not in shaky.client.get("/vi/").text


def test_without_redis_what_is_asked_for_is_kept_and_done_once_it_is_back(shaky: Shaky) -> None:
    user_id = join(shaky.runtime, "lan@example.org", "owner", enterprise(shaky.runtime))
    shaky.doors["queue_url"].shut()
    with begin(shaky.runtime) as work:
        letters.post_letter(work, "password_changed", user_id=user_id)
    assert shaky.status("/vi/help") == 200
    assert shaky.client.get("/health/ready").json == {"status": "limited", "limited": ["jobs"]}
    working = Working(shaky.runtime)
    working.start()
    shaky.doors["queue_url"].open()
    assert eventually(lambda: states(shaky.runtime) == {"done"})
    working.stop()
    assert [letter.to for letter in shaky.runtime.mailer.sent] == ["lan@example.org"]


@pytest.mark.parametrize("how", ["shut", "freeze"])
def test_without_postgresql_every_page_says_so_within_its_limit_and_is_there_again(
    shaky: Shaky, how: str
) -> None:
    (uid,) = publish(shaky.runtime, content("offer", "Máy sấy lúa tầng sôi"))
    settle(shaky.runtime)
    assert shaky.status(f"/vi/listings/{uid}") == 200
    getattr(shaky.doors["database_url"], how)()
    for path in (f"/vi/listings/{uid}", "/vi/", "/health/ready"):
        answer = shaky.client.get(path)
        assert answer.status_code == 503, path
        assert int(answer.headers["Retry-After"]) > 0
    assert shaky.status("/health/live") == 200
    shaky.doors["database_url"].open()
    assert eventually(lambda: shaky.status(f"/vi/listings/{uid}") == 200)


def test_probes_are_answered_in_time_while_servers_stand_still(shaky: Shaky) -> None:
    """Whoever asks gives up after four seconds (compose.yaml), and after ten for figures."""
    shaky.runtime.database.dispose()
    with opened(replace(shaky.runtime.settings, database_limits=Limits()), utc_now) as runtime:  # type: ignore[arg-type]
        client = application(runtime).test_client()
        with look(runtime):
            pass  # So that there is a connection to be used again.
        for names, status, limited in (
            (("search_url", "queue_url"), 200, ["search", "jobs"]),
            (("database_url",), 503, ["database"]),
        ):
            for name in names:
                shaky.doors[name].freeze()
            asked = time.monotonic()
            answer = client.get("/health/ready")
            assert time.monotonic() - asked < 3
            assert (answer.status_code, answer.json["limited"]) == (status, limited)
        assert figures(runtime)["giao_database_up"] == 0
        for door in shaky.doors.values():
            door.open()


def test_a_whole_exchange_at_work_drains_by_itself_when_all_three_are_back(shaky: Shaky) -> None:
    user_id = join(shaky.runtime, "lan@example.org", "owner", enterprise(shaky.runtime))
    working = Working(shaky.runtime)
    working.start()
    shaky.doors["search_url"].shut()
    shaky.doors["queue_url"].shut()
    uids = publish(shaky.runtime, *(content("offer", f"Máy bơm số {n}") for n in range(5)))
    with begin(shaky.runtime) as work:
        letters.post_letter(work, "password_changed", user_id=user_id)
    shaky.doors["database_url"].shut()
    assert shaky.status("/health/ready") == 503
    for door in shaky.doors.values():
        door.open()
    assert eventually(lambda: found(shaky.runtime, "máy bơm") == len(uids))
    assert eventually(lambda: states(shaky.runtime) == {"done"})
    working.stop()


def states(runtime: Runtime) -> set[str]:
    with look(runtime) as work:
        return set(work.session.scalars(select(Job.state).where(Job.name == letters.TASK)))


ALL = ("search_url", "queue_url", "database_url")


@pytest.mark.soak
@pytest.mark.parametrize("away", [*((one,) for one in ALL), ALL], ids=lambda names: "+".join(names))
def test_people_go_on_while_servers_are_gone_and_everything_drains_when_they_return(
    server_database: str, tmp_path: Path, away: tuple[str, ...]
) -> None:
    """Servers of the test's own are killed without a word, and started again on the same port."""
    clock: HandMovedClock = utc_now  # type: ignore[assignment]  # any clock will do
    with ExitStack() as stack:
        servers = {name: stack.enter_context(OWN[name]()) for name in away}
        urls = {name: server.url for name, server in servers.items()}
        settings = replace(server_settings(tmp_path, server_database), **urls, database_limits=HASTY)  # type: ignore[arg-type]
        database = open_database(settings.database_url)
        Table.metadata.create_all(database)
        database.dispose()
        runtime = stack.enter_context(opened(settings, clock))
        runtime.mailer = RememberingMailer()
        settle(runtime)
        crowd, working = Crowd(runtime, tmp_path.name), Working(runtime)
        working.start()
        stack.callback(working.stop)
        live_through(crowd, servers.values())
        assert crowd.unforeseen == []
        assert max(crowd.seconds) < LONGEST_REQUEST
        if "database_url" not in away:
            assert crowd.refused == 0, "posting goes on"
        assert eventually(lambda: found(runtime, crowd.word) == crowd.posted)
        assert eventually(lambda: states(runtime) <= {"done"})


def live_through(crowd: Crowd, servers: Collection[Stoppable]) -> None:
    """The servers go without a word in the middle of everything, and come back."""
    with crowd:
        crowd.goes_on(EXTENT / 2)
        for server in servers:
            server.kill()
        crowd.goes_on(EXTENT)
        for server in servers:
            server.start()
        crowd.goes_on(EXTENT / 2)


@dataclass
class Crowd:
    """Somebody posts, somebody searches, somebody reads, all the time."""

    runtime: Runtime
    name: str
    posted: int = 0
    refused: int = 0
    seconds: list[float] = field(default_factory=list)
    unforeseen: list[object] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    @property
    def word(self) -> str:
        """A word of the listings of this crowd alone."""
        return "".join(letter for letter in self.name if letter.isalpha()).lower()

    def __enter__(self) -> Crowd:
        for part in (self._post, self._look, self._look):
            thread = threading.Thread(
                target=self._repeat, args=(part, application(self.runtime).test_client())
            )
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def goes_on(self, seconds: float) -> None:
        self._over.wait(seconds)

    def _repeat(self, part: Callable[[FlaskClient], None], client: FlaskClient) -> None:
        while not self._over.wait(0.2):
            try:
                part(client)
            except Exception as error:
                self.unforeseen.append(error)

    def _post(self, _: FlaskClient) -> None:
        try:
            publish(
                self.runtime,
                content("offer", f"{self.word} {self.posted}"),
                owner=self.word,
                start=self.posted,
            )
        except Unavailable:
            self.refused += 1
        else:
            self.posted += 1

    def _look(self, client: FlaskClient) -> None:
        for path in ("/vi/", f"/vi/offers?q={self.word}"):
            begun = time.monotonic()
            status = client.get(path).status_code
            self.seconds.append(time.monotonic() - begun)
            if status not in (200, 503):
                self.unforeseen.append((path, status))
