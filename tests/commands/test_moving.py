"""`giao migrate-to`: from the embedded default to servers, whole, once, and without touching what it came from."""

from __future__ import annotations

import gc
import hashlib
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import event, text, update

from marketplace.db import new_id, open_database
from marketplace.leases import TIMETABLE, Claim
from marketplace.models.accounts import Organisation
from marketplace.models.facts import CurrencyRate
from marketplace.models.files import SealedFile
from marketplace.models.listings import Revision
from marketplace.runtime import Runtime
from marketplace.services import listings, moving, owners, sealed_files
from marketplace.services.policy import Actor
from marketplace.settings import Settings
from marketplace.work import Work, begin
from search.embedded_lock import WriterLock
from search.query import Query
from tests.commands.conftest import Giao, closed_port, row
from tests.services import service_url
from tests.support.exchanges import own_database, own_prefix
from tests.support.market import content
from tests.support.members import join
from vocabulary.listing import Sealed

SECRET = "công thức phủ hạt giống, chỉ chủ hồ sơ được đọc"


@dataclass
class Servers:
    """An empty database, a free prefix and a queue name on the real servers."""

    database_url: str
    search_url: str
    queue_url: str

    def options(self) -> list[str]:
        return [
            "--database-url", self.database_url, "--search-url", self.search_url, "--queue-url", self.queue_url,
        ]  # fmt: skip

    def runtime(self, giao: Giao) -> Runtime:
        given = {name: value for name, value in giao.environment.items() if value is not None}
        here = Settings.from_environment(given)
        there = here.at(database_url=self.database_url, search_url=self.search_url, queue_url=self.queue_url)
        return Runtime(there)


@pytest.fixture
def servers() -> Iterator[Servers]:
    prefix = own_prefix()
    with own_database(with_tables=False) as url:
        yield Servers(
            url,
            f"{service_url('SEARCH_URL').rstrip('/')}/{prefix}",
            f"{service_url('QUEUE_URL')}?queue={prefix}",
        )


@pytest.fixture
def stocked(giao: Giao) -> Giao:
    """An exchange with public listings, one that is sealed in part, a sealed file, a rate, and a job that waits."""
    rows = [row(n, f"Máy sấy lúa số {n}") for n in range(40)]
    path = giao.file("offers.jsonl", rows)
    assert giao("import", path, "--owner", "Viện Cơ khí", "--create-owner", "--publish").exit_code == 0
    with giao.runtime() as runtime:
        with begin(runtime) as work:
            home = owners.find_or_create(work, "Viện Cơ khí").id
        user_id = join(runtime, "lan@example.org", "owner", home)
        owner = Actor(user_id=user_id, name="Lan", roles={home: frozenset({"owner"})}, confirmed=True)
        with begin(runtime) as work:
            listing = listings.post(
                work, owner, home, content("offer", "Lớp phủ hạt giống"), sealed=Sealed(SECRET)
            )
            _attach(work, listing.id, user_id)
            _price(work, user_id)
            work.ask("tidy_desks")
    return giao


def _attach(work: Work, listing_id: str, user_id: str) -> None:
    """A sealed file, as it lies in the database."""
    seal, file_id = work.runtime.seal, new_id()
    name = seal.close(b"so-do.pdf", sealed_files.name_place(file_id))
    body = seal.close(b"%PDF" * 5000, sealed_files.place(file_id))
    work.session.add(
        SealedFile(
            id=file_id, listing_id=listing_id, sealed_key=name.key_id, sealed_name=name.data, sealed=body.data,
            media_type="application/pdf", size=20_000, added_by=user_id, added_at=work.now,
        )
    )  # fmt: skip


def _price(work: Work, user_id: str) -> None:
    """What a currency is worth: the rows that speak of a day, without an hour."""
    work.session.add(
        CurrencyRate(
            n=1, currency="USD", amount=25_400, units=1, day=date(2026, 11, 30), source="NHNN", entered_by=user_id,
            entered_at=work.now,
        )
    )  # fmt: skip


def bytes_of(giao: Giao) -> str:
    return hashlib.sha256((giao.folder / "giao.db").read_bytes()).hexdigest()


@pytest.mark.services
def test_everything_arrives_and_the_source_is_as_it_was(stocked: Giao, servers: Servers) -> None:
    before = bytes_of(stocked)
    result = stocked("migrate-to", *servers.options())
    assert result.exit_code == 0, result.output
    assert "published: 40 rows, digest " in result.stdout
    assert "sealed_files: 1 rows" in result.stdout
    assert "2 sealed values open" in result.stdout
    assert "search: 40 listings" in result.stdout
    assert bytes_of(stocked) == before
    with stocked.runtime() as source:
        target = servers.runtime(stocked)
        assert moving.compare(source, target) == ("cursors",), "indexing has begun anew"
        assert target.engine.search(Query(text="máy sấy lúa", size=100)).total == 40
        ran: list[str] = []
        target.queue.work_off(ran.append)
        assert len(ran) == 1
        target.engine.drop()
        target.close()


@pytest.mark.services
def test_what_has_arrived_is_not_carried_twice_and_what_differs_is_refused(
    stocked: Giao, servers: Servers
) -> None:
    """The first run may have been interrupted after the rows had arrived, while the index was filled."""
    only = ["--database-url", servers.database_url]
    assert stocked("migrate-to", *only).exit_code == 0
    again = stocked("migrate-to", *servers.options())
    assert again.exit_code == 0, again.output
    assert "All rows have arrived before" in again.stdout
    assert "search: 40 listings" in again.stdout
    with stocked.runtime() as runtime, begin(runtime) as work:
        work.ask("tidy_desks")
    refused = stocked("migrate-to", *only)
    assert refused.exit_code == 1
    assert "already holds data" in refused.output or "đã có dữ liệu" in refused.output
    target = servers.runtime(stocked)
    target.engine.drop()
    target.close()


@pytest.mark.services
def test_a_database_of_somebody_else_is_refused_before_a_table_is_made(
    stocked: Giao, servers: Servers
) -> None:
    database = open_database(servers.database_url)
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE ledger (id INTEGER)"))
    assert stocked("migrate-to", "--database-url", servers.database_url).exit_code == 1
    with database.connect() as connection:
        assert not connection.scalar(text("SELECT to_regclass('listings') IS NOT NULL"))
    database.dispose()


@pytest.mark.services
def test_what_was_interrupted_is_begun_again(stocked: Giao, servers: Servers) -> None:
    with stocked.runtime() as source:
        target = servers.runtime(stocked)

        def stumble(*arguments: object) -> None:
            if "INSERT INTO published" in str(arguments[2]):
                raise InterruptedError

        event.listen(target.database, "before_cursor_execute", stumble)
        with pytest.raises(InterruptedError):
            moving.move(source, target)
        event.remove(target.database, "before_cursor_execute", stumble)
        moving.move(source, target)
        assert moving.compare(source, target) == ()
        target.close()


@pytest.mark.services
def test_a_single_changed_letter_is_found(stocked: Giao, servers: Servers) -> None:
    with stocked.runtime() as source:
        target = servers.runtime(stocked)
        moving.move(source, target)
        with begin(target) as work:
            work.session.execute(
                update(Organisation).where(Organisation.name == "Viện Cơ khí").values(name="Viện Cơ khi")
            )
        assert moving.compare(source, target) == ("organisations",)
        target.close()


def test_an_exchange_that_runs_is_not_moved(stocked: Giao) -> None:
    lock = WriterLock(stocked.folder / "index" / "writer.lock")
    assert lock.take()
    try:
        refused = stocked("migrate-to", "--database-url", f"sqlite:///{stocked.folder}/other.db")
    finally:
        lock.release()
    assert refused.exit_code == 1
    assert str(lock.holder() or "") in refused.output
    assert not (stocked.folder / "other.db").exists()


def test_who_keeps_the_timetable_or_shows_that_it_lives_runs_the_exchange(stocked: Giao) -> None:
    """On servers no index tells of a running process: Elasticsearch lets everybody write."""
    other = ["--database-url", f"sqlite:///{stocked.folder}/other.db"]
    first, second = Claim(TIMETABLE, stocked.folder), Claim(TIMETABLE, stocked.folder)
    with stocked.runtime() as runtime:
        assert held(runtime, first)
        assert first.holder in stocked("migrate-to", *other).output
        assert not held(runtime, second)
        with begin(runtime) as work:
            first.give_back(work.session, work.now)
        assert second.holder in stocked("migrate-to", *other).output
        assert not (stocked.folder / "other.db").exists()
        with begin(runtime) as work:
            second.give_back(work.session, work.now)
    assert stocked("migrate-to", *other).exit_code == 0


def test_pages_that_are_served_by_themselves_run_the_exchange_too(stocked: Giao) -> None:
    """What people post while it is copied would be left behind."""
    port = closed_port()
    environment = {
        name: value for name, value in {**os.environ, **stocked.environment}.items() if value is not None
    }
    command = [sys.executable, "-m", "marketplace", "web", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            while not answers(port):
                # It goes on, and gets on sooner where nobody asks without a pause.
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(0.1)
            refused = stocked("migrate-to", "--database-url", f"sqlite:///{stocked.folder}/other.db")
        finally:
            process.terminate()
    assert refused.exit_code == 1
    assert f":{process.pid}:" in refused.output
    assert stocked("migrate-to", "--database-url", f"sqlite:///{stocked.folder}/other.db").exit_code == 0


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def held(runtime: Runtime, claim: Claim) -> bool:
    with begin(runtime) as work:
        return claim.hold(work.session, work.now)


def test_the_lease_of_a_process_that_was_killed_here_holds_nobody_up(stocked: Giao) -> None:
    with stocked.runtime() as runtime:
        killed = Claim(TIMETABLE, stocked.folder)
        assert held(runtime, killed)
        del killed  # The system takes its lock from it; the lease stands for 45 seconds.
        gc.collect()
    result = stocked("migrate-to", "--database-url", f"sqlite:///{stocked.folder}/other.db")
    assert result.exit_code == 0, result.output


def test_servers_that_are_away_or_no_servers_are_said_first(stocked: Giao) -> None:
    assert stocked("migrate-to").exit_code == 2
    nobody = closed_port()
    for option, url in (
        ("--database-url", f"postgresql+psycopg://giao@127.0.0.1:{nobody}/giao"),
        ("--search-url", f"http://127.0.0.1:{nobody}"),
        ("--database-url", "mysql://db/giao"),
    ):
        assert stocked("migrate-to", option, url).exit_code == 3, option
    assert stocked("migrate-to", "--queue-url", f"redis://127.0.0.1:{nobody}/0").exit_code == 1


def test_a_missing_key_is_said(stocked: Giao) -> None:
    """The rows would be there, and nobody could read what is sealed in them."""
    with stocked.runtime() as runtime, begin(runtime) as work:
        work.session.execute(update(Revision).where(Revision.sealed_key != "").values(sealed_key="lost"))
    result = stocked("migrate-to", "--database-url", f"sqlite:///{stocked.folder}/other.db")
    assert result.exit_code == 1
    assert "lost" in result.output
    assert not (stocked.folder / "other.db").exists() or "published" not in result.stdout, (
        "nothing was carried over"
    )
