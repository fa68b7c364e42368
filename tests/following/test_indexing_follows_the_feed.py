"""What was committed is found, once, whatever happened to the process, the index or the database in between."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from marketplace.followers import catch_up
from marketplace.runtime import Runtime
from marketplace.services import feed, sequencing
from marketplace.work import begin, look
from search.query import Query
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened
from tests.support.market import content, publish, settle


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


def test_a_restored_older_database_is_noticed_and_the_index_filled_again(
    tmp_path: Path, clock: HandMovedClock
) -> None:
    settings = embedded_settings(tmp_path)
    backup = tmp_path / "backup.db"
    with opened(settings, clock) as runtime:
        before = publish(runtime, content("offer", "Máy cày"))
        settle(runtime)
        runtime.database.dispose()
        shutil.copy(tmp_path / "giao.db", backup)
        publish(runtime, *(content("offer", f"Máy sau bản sao {n}") for n in range(5)), start=10)
        settle(runtime)
        assert runtime.engine.count() == 6
    for leftover in tmp_path.glob("giao.db*"):
        leftover.unlink()
    shutil.copy(backup, tmp_path / "giao.db")
    restored = Runtime(settings, clock)
    try:
        # People go on posting before anybody looks: the head passes where the lost future ended.
        after = publish(restored, *(content("offer", f"Máy mới {n}") for n in range(9)), start=30)
        with look(restored) as work:
            epoch = feed.state(work).epoch
        settle(restored)
        assert found(restored) == sorted([*before, *after])
        with look(restored) as work:
            assert feed.state(work).epoch != epoch
    finally:
        restored.close()


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
