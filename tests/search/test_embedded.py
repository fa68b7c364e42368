"""The index in a folder: who may write it, what other processes see, and what is left after the worst."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from search import embedded
from search.document import Changes
from search.embedded import EmbeddedEngine
from search.engine import IndexBehind, IndexDamaged, IndexLocked, SearchError
from search.fields import INDEX_VERSION
from search.query import Query
from tests.search.shelf import listing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def engine(folder: Path) -> Iterator[EmbeddedEngine]:
    """An index of the epoch `first` with one listing."""
    engine = EmbeddedEngine.open(folder)
    engine.start("first")
    engine.apply(Changes(1, (listing(1),)))
    yield engine
    engine.close()


def versions(engine: EmbeddedEngine) -> dict[str, int]:
    return {entry.uid: entry.version for entry in engine.entries()}


def in_another_process(folder: Path, *lines: str) -> subprocess.Popen[str]:
    """A process that has the index open for writing and does what the lines say."""
    program = "\n".join(
        (
            "import os, signal, sys, threading",
            "from pathlib import Path",
            "from search.document import Changes",
            "from search.embedded import EmbeddedEngine",
            "from tests.search.shelf import listing",
            "engine = EmbeddedEngine.open(Path(sys.argv[1]))",
            *lines,
        )
    )
    return subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True)


# -- one writer --------------------------------------------------------------------------------------------------------


def test_a_second_writer_is_told_who_writes_and_reads_on(folder: Path, engine: EmbeddedEngine) -> None:
    second = EmbeddedEngine.open(folder)
    with pytest.raises(IndexLocked, match=str(os.getpid())):
        second.apply(Changes(2, (listing(2),)))
    assert second.search(Query(text="lúa")).total == 1
    assert second.writer == str(os.getpid())


def test_what_one_commits_the_other_sees(folder: Path, engine: EmbeddedEngine) -> None:
    second = EmbeddedEngine.open(folder)
    assert second.count() == 1
    engine.apply(Changes(2, (listing(2),)))
    assert (second.count(), second.position) == (2, 2)


def test_a_new_epoch_of_one_is_followed_by_the_other(folder: Path, engine: EmbeddedEngine) -> None:
    second = EmbeddedEngine.open(folder)
    assert second.epoch == "first"
    engine.start("second")
    assert (second.epoch, second.position, second.count()) == ("second", 0, 0)


def test_the_lock_is_free_when_its_holder_closes(folder: Path, engine: EmbeddedEngine) -> None:
    second = EmbeddedEngine.open(folder)
    assert not second.try_write()
    engine.close()
    assert second.try_write()
    second.apply(Changes(2, (listing(2),)))
    assert second.count() == 2
    second.close()


def test_one_opened_for_reading_never_writes(folder: Path, engine: EmbeddedEngine) -> None:
    engine.close()
    reader = EmbeddedEngine.open(folder, writable=False)
    with pytest.raises(IndexLocked):
        reader.start("second")
    assert reader.epoch == "first"


# -- the worst ---------------------------------------------------------------------------------------------------------


def test_the_lock_of_a_killed_process_is_taken_over(folder: Path) -> None:
    with in_another_process(
        folder, "engine.start('first')", "print('ready', flush=True)", "threading.Event().wait()"
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        mine = EmbeddedEngine.open(folder)
        assert mine.writer == str(writer.pid)
        assert not mine.try_write()
        writer.kill()
        writer.wait()
    assert mine.writer == ""
    mine.apply(Changes(1, (listing(1),)))
    assert (mine.epoch, mine.position, mine.count()) == ("first", 1, 1)
    mine.close()


def test_killed_right_after_a_change_the_change_and_its_position_are_there(folder: Path) -> None:
    changed = "engine.start('first')", "engine.apply(Changes(7, (listing(3), listing(7))))"
    with in_another_process(folder, *changed, "os.kill(os.getpid(), signal.SIGKILL)") as writer:
        writer.wait()
    engine = EmbeddedEngine.open(folder)
    assert (engine.epoch, engine.position, versions(engine)) == (
        "first",
        7,
        {"n:offer:3": 3, "n:offer:7": 7},
    )


DEADLY = """
class Deadly(datetime):
    def astimezone(self, zone=None):
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_in_the_middle_of_a_change_nothing_of_it_is_there(
    folder: Path, engine: EmbeddedEngine
) -> None:
    engine.close()
    listings = "*(listing(n) for n in range(2, 900)), listing(900, updated_at=Deadly(2026, 1, 1))"
    lines = "from datetime import datetime", DEADLY, f"engine.apply(Changes(900, ({listings},)))"
    with in_another_process(folder, *lines) as writer:
        writer.wait()
    assert writer.returncode == -9
    survived = EmbeddedEngine.open(folder)
    assert (survived.position, survived.count()) == (1, 1)
    survived.apply(Changes(2, (listing(2),)))
    assert survived.count() == 2
    survived.close()


@pytest.mark.parametrize("files", ["meta.json", "*.store", "*.term", "*.idx", "*.fast"])
def test_a_damaged_index_is_noticed_and_given_up_aloud(
    folder: Path, engine: EmbeddedEngine, files: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine.close()
    for file in folder.glob(f"*-first-1/{files}"):
        file.write_bytes(b"x" * 10)
    with pytest.raises(IndexDamaged):
        EmbeddedEngine.open(folder)
    with caplog.at_level(logging.WARNING):
        opened = embedded.open_engine(f"tantivy:{folder}")
    assert "filled again" in caplog.text
    assert (opened.epoch, opened.position) == ("", 0), "its reader takes it for an index that never was"
    opened.start("second")
    opened.apply(Changes(1, (listing(1),)))
    assert opened.count() == 1
    opened.close()


# -- beginnings --------------------------------------------------------------------------------------------------------


def test_where_there_is_no_index_yet_it_says_so(folder: Path) -> None:
    engine = EmbeddedEngine.open(folder)
    assert (engine.epoch, engine.position) == ("", 0)
    with pytest.raises(SearchError, match="no index"):
        engine.search(Query(text="lúa"))
    with pytest.raises(SearchError, match="no index"):
        engine.apply(Changes(1, (listing(1),)))
    engine.close()


def test_an_index_of_another_version_is_not_read_but_kept_for_the_giao_that_made_it(
    folder: Path, engine: EmbeddedEngine
) -> None:
    engine.close()
    older = f"{INDEX_VERSION - 1}-first-1"
    (folder / f"{INDEX_VERSION}-first-1").rename(folder / older)
    (folder / f"serving-{INDEX_VERSION}").rename(folder / f"serving-{INDEX_VERSION - 1}")
    opened = EmbeddedEngine.open(folder)
    assert opened.epoch == ""
    opened.start("first")
    assert {path.name for path in folder.glob("*-first-*")} == {older, f"{INDEX_VERSION}-first-2"}
    with pytest.raises(SearchError, match="only be read by the Giao that made it"):
        opened.back()
    opened.start("first")
    assert {path.name for path in folder.glob("*-first-*")} == {f"{INDEX_VERSION}-first-{n}" for n in (2, 3)}
    opened.close()


# -- filling a new one -------------------------------------------------------------------------------------------------


def test_another_process_may_fill_a_new_index_while_this_one_writes(
    folder: Path, engine: EmbeddedEngine
) -> None:
    second = EmbeddedEngine.open(folder)
    filling = second.beside("first")
    with pytest.raises(IndexLocked, match="filling"):
        engine.beside("first")
    filling.apply(Changes(1, (listing(1),)))
    engine.apply(Changes(2, (listing(2),)))
    filling.serve(1)
    assert engine.position == 1, "the writer sees the new index, and that it must go back to 1"
    with pytest.raises(IndexBehind):
        engine.apply(Changes(3, (listing(3),), since=2))
    engine.apply(Changes(3, (listing(2), listing(3)), since=1))
    assert versions(engine) == versions(second) == {"n:offer:1": 1, "n:offer:2": 2, "n:offer:3": 3}
    second.close()


def test_a_filling_that_was_killed_is_cleared_away_by_the_next(folder: Path, engine: EmbeddedEngine) -> None:
    filled = "filling = engine.beside('first')", "filling.apply(Changes(1, (listing(1),)))"
    with in_another_process(folder, *filled, "os.kill(os.getpid(), signal.SIGKILL)") as killed:
        killed.wait()
    engine.beside("first").serve(0)
    assert [path.name for path in sorted(folder.glob("*-first-*"))] == [
        f"{INDEX_VERSION}-first-{n}" for n in (1, 3)
    ]
