"""What was committed is found, once, whatever happened to the process, the index or the database in between."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from marketplace.followers import catch_up
from marketplace.reindexing import reindex
from marketplace.runtime import Runtime
from marketplace.services import feed, indexing, sequencing
from marketplace.settings import Settings
from marketplace.work import begin, look
from search.elastic import ElasticEngine
from search.query import Query
from tests.services import service_url
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened, own_prefix
from tests.support.market import content, publish, settle

Take = Callable[[Runtime], object]


def found(runtime: Runtime, text: str = "") -> list[str]:
    return sorted(hit.uid for hit in runtime.engine.search(Query(text=text, size=100)).hits)


def test_a_published_listing_is_found_and_a_withdrawn_one_is_not(runtime: Runtime) -> None:
    kept, gone = publish(runtime, content("offer", "Máy sấy lúa"), content("offer", "Máy gặt lúa"))
    settle(runtime)
    assert found(runtime, "lúa") == sorted([kept, gone])
    with begin(runtime) as work:
        feed.retire(work, uid=gone, reason="withdrawn")
    settle(runtime)
    assert found(runtime, "lúa") == [kept]


def test_after_a_crash_between_commit_and_indexing_the_listing_is_found_once(embedded: Runtime) -> None:
    (uid,) = publish(embedded, content("offer", "Cảm biến độ mặn"))
    with begin(embedded) as work:
        sequencing.number(work)
    # This process never indexes: as if it had been killed here.
    another = Runtime(embedded.settings, embedded.clock)
    try:
        assert catch_up(another)
        assert catch_up(another)
        assert found(another, "cảm biến") == [uid]
        assert another.engine.count() == 1
    finally:
        another.close()


KILLED = """
import os, sys
from pathlib import Path
from marketplace.runtime import Runtime
from search.embedded import EmbeddedEngine
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings
from tests.support.market import content, publish
from marketplace.followers import catch_up

step = sys.argv[2]
real = EmbeddedEngine.apply

def dying(self, changes):
    if step == "before":
        os.kill(os.getpid(), 9)
    real(self, changes)
    os.kill(os.getpid(), 9)

runtime = Runtime(embedded_settings(Path(sys.argv[1])), HandMovedClock())
publish(runtime, *(content("offer", f"Máy bơm số {n}") for n in range(30)))
EmbeddedEngine.apply = dying
catch_up(runtime)
"""


def test_killed_at_the_worst_moments_nothing_is_lost_or_doubled(
    tmp_path: Path, clock: HandMovedClock
) -> None:
    for step in ("before", "after"):
        folder = tmp_path / step
        folder.mkdir()
        with opened(embedded_settings(folder), clock) as runtime:
            done = subprocess.run(
                [sys.executable, "-c", KILLED, str(folder), step], cwd=Path.cwd(), check=False
            )
            assert done.returncode == -9
            assert catch_up(runtime)
            assert runtime.engine.count() == 30
            assert len(found(runtime, "máy bơm")) == 30


@contextmanager
def restored(settings: Settings, clock: HandMovedClock, lost: Take) -> Iterator[tuple[Runtime, list[str]]]:
    """The database as it was before `lost` was done, the index as it is since; with what was published until then."""
    file, backup = settings.data_dir / "giao.db", settings.data_dir / "backup.db"
    with opened(settings, clock) as runtime:
        before = publish(runtime, content("offer", "Máy cày"))
        settle(runtime)
        runtime.database.dispose()
        shutil.copy(file, backup)
        publish(runtime, *(content("offer", f"Máy sau bản sao {n}") for n in range(5)), start=10)
        lost(runtime)
        runtime.__dict__.pop("engine").close()
        runtime.database.dispose()
        for leftover in settings.data_dir.glob("giao.db*"):
            leftover.unlink()
        shutil.copy(backup, file)
        another = Runtime(settings, clock)
        try:
            yield another, before
        finally:
            another.engine.drop()
            another.close()


@dataclass(frozen=True)
class Afterwards:
    """What is found and what was published, and the epoch before and after somebody has looked."""

    found: list[str]
    published: list[str]
    epochs: tuple[str, str]


def afterwards(runtime: Runtime, before: list[str], first: Take) -> Afterwards:
    # People go on posting before anybody looks: the head passes where the lost future ended.
    after = publish(runtime, *(content("offer", f"Máy mới {n}") for n in range(9)), start=30)
    former = epoch(runtime)
    first(runtime)
    settle(runtime)
    return Afterwards(found(runtime), sorted([*before, *after]), (former, epoch(runtime)))


def epoch(runtime: Runtime) -> str:
    with look(runtime) as work:
        return feed.state(work).epoch


@pytest.mark.parametrize("first", [settle, reindex])
def test_a_restored_older_database_is_noticed_and_the_index_filled_again(
    tmp_path: Path, clock: HandMovedClock, first: Take
) -> None:
    with restored(embedded_settings(tmp_path), clock, settle) as (runtime, before):
        seen = afterwards(runtime, before, first)
    assert seen.found == seen.published
    assert seen.epochs[0] != seen.epochs[1], "whoever read the lost future must hear of it"


@pytest.mark.services
def test_it_is_noticed_too_where_a_process_died_before_it_noted_what_it_had_stored(
    tmp_path: Path, clock: HandMovedClock
) -> None:
    """Elasticsearch stores listings one by one, and how far it has come only afterwards."""

    def store_and_die(runtime: Runtime) -> None:
        with begin(runtime) as work:
            sequencing.number(work)
        with look(runtime) as work:
            changes, _ = indexing.changes(feed.after(work, 1, 100))
        assert isinstance(runtime.engine, ElasticEngine)
        runtime.engine._serving().put(changes)

    search_url = f"{service_url('SEARCH_URL')}/{own_prefix()}"
    settings = replace(embedded_settings(tmp_path), search_url=search_url)
    with restored(settings, clock, store_and_die) as (runtime, before):
        seen = afterwards(runtime, before, settle)
    assert seen.found == seen.published
    assert seen.epochs[0] != seen.epochs[1], "whoever read the lost future must hear of it"


def test_a_lost_index_is_filled_again_from_the_database(tmp_path: Path, clock: HandMovedClock) -> None:
    settings = embedded_settings(tmp_path)
    with opened(settings, clock) as runtime:
        uids = publish(runtime, *(content("offer", f"Máy {n}") for n in range(5)))
        settle(runtime)
    shutil.rmtree(tmp_path / "index")
    again = Runtime(replace(settings), clock)
    try:
        settle(again)
        assert found(again) == sorted(uids)
    finally:
        again.close()
