"""Good rows in, bad rows named; the same file again writes nothing; a stopped import is finished by the next."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from marketplace.errors import Collided, Invalid, NotFound
from marketplace.models.listings import Listing
from marketplace.models.notices import Notice
from marketplace.services.importing import ROWS_AT_ONCE, Tally
from marketplace.work import begin, look
from tests.importing.conftest import Importing, row
from tests.support.exchanges import embedded_settings
from tests.support.people import organisation, person


def test_the_same_file_twice_writes_nothing_the_second_time(each_importing: Importing) -> None:
    importing = each_importing
    path = importing.file("offers.jsonl", (row(n) for n in range(ROWS_AT_ONCE + 5)))
    assert importing.run(path).counts == {"created": ROWS_AT_ONCE + 5}
    before = importing.counts()
    assert (before["listings"], before["published"], before["revisions"]) == (ROWS_AT_ONCE + 5,) * 3
    assert importing.run(path).counts == {"unchanged": ROWS_AT_ONCE + 5}
    assert importing.counts() == before


def test_one_new_file_imported_several_times_at_once_goes_in_once(each_importing: Importing) -> None:
    importing, together, rows = each_importing, threading.Barrier(3), 2 * ROWS_AT_ONCE
    path = importing.file("offers.jsonl", (row(n) for n in range(rows)))

    def run(_: int) -> Tally:
        together.wait()
        return importing.run(path)

    with ThreadPoolExecutor(together.parties) as pool:
        counts = sum((tally.counts for tally in pool.map(run, range(together.parties))), Counter())
    assert counts == {"created": rows, "unchanged": 2 * rows}
    assert (importing.counts()["listings"], importing.counts()["organisations"]) == (rows, 1)


@pytest.mark.parametrize("dry_run", [True, False])
def test_rows_that_collide_with_what_others_do_are_written_once_more(
    importing: Importing, dry_run: bool
) -> None:
    """As a deadlock with somebody who changes the same listings."""
    collided: list[str] = []

    def collide(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO published ") and not collided:
            collided.append(statement)
            raise Collided

    event.listen(importing.runtime.database, "before_cursor_execute", collide)
    path = importing.file("offers.jsonl", map(row, range(3)))
    assert importing.run(path, dry_run=dry_run).counts == {"created": 3}
    assert collided
    assert importing.counts()["published"] == (0 if dry_run else 3)


def test_what_was_changed_when_reading_is_told_once_and_not_for_ever(importing: Importing) -> None:
    path = importing.file("offers.jsonl", [row(1, title="")])
    importing.run(path)
    assert importing.told() == [(1, "title", "", "title.made")]
    importing.run(path)
    assert importing.told() == []


def test_bad_rows_are_named_and_the_others_go_in(importing: Importing) -> None:
    path = importing.folder / "offers.csv"
    path.write_text(
        "id;kind;title;description;trl;needed_by;province\n"
        "1;offer;Máy một;Mô tả;7;31/01/2027;Cần Thơ\n"
        "2;offer;Máy hai;Mô tả;12;31/02/2026;Atlantis\n"
        "3;offer;=1+1;Mô tả;;;\n"
        "4;offer;Máy bốn;;;;\n"
        "5;patent;Máy năm;Mô tả;;;\n"
        "1;offer;Máy một lần nữa;Mô tả;;;\n"
        "6;offer;Máy sáu;Mô tả;;;Hậu Giang\n",
        encoding="utf-8-sig",
    )
    assert importing.run(path).counts == {"created": 2, "refused": 5}
    assert importing.told() == [
        (3, "trl", "12", "trl.range"),
        (3, "province", "Atlantis", "region.unknown"),
        (3, "needed_by", "31/02/2026", "date.impossible"),
        (4, "title", "=1+1", "value.formula"),
        (6, "kind", "patent", "kind.unknown"),
        (7, "id", "1", "row.double"),
        (5, "description", "", "required"),
        (8, "province", "Hậu Giang", "region.mapped"),
    ]
    assert importing.titles() == ["Máy một", "Máy sáu"]


def test_an_id_may_come_again_only_in_another_file(importing: Importing) -> None:
    rows = [row(n % (ROWS_AT_ONCE + 1)) for n in range(2 * ROWS_AT_ONCE)]
    tally = importing.run(importing.file("offers.jsonl", rows))
    assert tally.counts == {"created": ROWS_AT_ONCE + 1, "refused": ROWS_AT_ONCE - 1}
    assert importing.told()[0] == (ROWS_AT_ONCE + 2, "id", "r0", "row.double")


def test_an_unknown_column_is_told_once_and_stops_nothing(importing: Importing) -> None:
    tally = importing.run(importing.file("offers.jsonl", (row(n, provnce="Cần Thơ") for n in range(3))))
    assert tally.counts == {"created": 3}
    assert importing.told() == [(1, "provnce", "Cần Thơ", "column.unknown")]


def test_a_dry_run_leaves_nothing_and_tells_everything(importing: Importing) -> None:
    before = importing.counts()
    tally = importing.run(importing.file("offers.jsonl", [row(1), row(2, kind="x"), row(3)]), dry_run=True)
    assert tally.counts == {"created": 2, "refused": 1}
    assert importing.told() == [(2, "kind", "x", "kind.unknown")]
    assert importing.counts() == before


def test_a_broken_file_gives_its_good_rows_and_says_where_it_broke(importing: Importing) -> None:
    whole = importing.file("offers.jsonl", (row(n) for n in range(3_000))).read_bytes()
    packed = gzip.compress(whole)
    path = importing.folder / "offers.jsonl.gz"
    path.write_bytes(packed[: len(packed) * 2 // 3])
    tally = importing.run(path)
    assert tally.broken is not None
    assert tally.broken.code == "file.damaged"
    assert 0 < tally.counts["created"] < 3_000
    assert importing.told()[-1] == (tally.counts["created"] + 1, "", "", "file.damaged")
    path.write_bytes(packed)
    assert importing.run(path).counts == {"unchanged": tally.rows, "created": 3_000 - tally.rows}


def test_a_file_nobody_can_read_changes_nothing(importing: Importing) -> None:
    path = importing.folder / "offers.csv"
    path.write_bytes("id;title\n1;Máy\n".encode("utf-16"))
    before = importing.counts()
    tally = importing.run(path)
    assert (tally.rows, tally.broken and tally.broken.code) == (0, "file.encoding")
    assert importing.counts() == before


def test_the_owner_must_be_known_or_wished_for(importing: Importing) -> None:
    path = importing.file("offers.jsonl", [row(1)])
    with pytest.raises(NotFound, match="owner_unknown"):
        importing.run(path, create_owner=False)
    with pytest.raises(Invalid):
        importing.run(path, owner="https://spam.example")
    importing.run(path)
    assert importing.run(path, owner="  VIEN cong nghe ", create_owner=False).counts == {"unchanged": 1}


def test_two_organisations_of_one_name_are_not_guessed_between(importing: Importing) -> None:
    with begin(importing.runtime) as work:
        first, _ = organisation(work, "Viện A"), organisation(work, "Viện A")
    path = importing.file("offers.jsonl", [row(1)])
    with pytest.raises(NotFound, match="owner_ambiguous"):
        importing.run(path, owner="Viện A")
    assert importing.run(path, owner=first).counts == {"created": 1}


def test_members_are_told_once_a_file_and_not_when_nothing_changed(importing: Importing) -> None:
    with begin(importing.runtime) as work:
        own = organisation(work, "Viện A")
        member = person(work, "Người Sửa", {own: ("editor",)})
        person(work, "Người Khác", {organisation(work, "Viện B"): ("owner",)})
    path = importing.file("offers.jsonl", [row(1), row(2), row(3, kind="x")])
    importing.run(path, owner="Viện A")
    importing.run(path, owner="Viện A")
    with look(importing.runtime) as work:
        (notice,) = work.session.scalars(select(Notice))
        assert (notice.user_id, notice.what) == (member.user_id, "import_done")
        assert notice.params == {"file": "offers.jsonl", "n": 2, "refused": 1}


def test_members_are_told_of_a_file_whose_name_is_no_text(importing: Importing) -> None:
    with begin(importing.runtime) as work:
        own = organisation(work, "Viện A")
        person(work, "Người Sửa", {own: ("editor",)})
    path = importing.file("offers.jsonl", [row(1)])
    importing.run(path.rename(path.with_name("m\udce1y.jsonl")), owner="Viện A")
    with look(importing.runtime) as work:
        assert work.session.scalars(select(Notice)).one().params["file"] == "my.jsonl"


def test_progress_grows_with_the_rows(importing: Importing) -> None:
    importing.run(importing.file("offers.jsonl", (row(n) for n in range(2 * ROWS_AT_ONCE + 1))))
    assert importing.tallies == [ROWS_AT_ONCE, 2 * ROWS_AT_ONCE, 2 * ROWS_AT_ONCE + 1]


KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from marketplace.runtime import Runtime
from marketplace.services.importing import Wish, import_file
from marketplace.services.policy import SYSTEM
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings

runtime = Runtime(embedded_settings(Path(sys.argv[1])), HandMovedClock())
left = int(sys.argv[3])

def before_commit(connection):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(runtime.database, "commit", before_commit)
wish = Wish("Viện Công nghệ", create_owner=True, publish=True)
import_file(runtime, SYSTEM, Path(sys.argv[2]), wish, complain=print, report=lambda tally: None)
"""


@pytest.mark.parametrize("commit", [2, 4])
def test_an_import_that_was_killed_is_finished_by_the_next(importing: Importing, commit: int) -> None:
    path = importing.file("offers.jsonl", (row(n) for n in range(4 * ROWS_AT_ONCE)))
    folder = embedded_settings(importing.folder).data_dir
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(path), str(commit)], check=False)
    assert killed.returncode == -9
    # The first commit is that of the new organisation.
    done = (commit - 2) * ROWS_AT_ONCE
    assert importing.counts()["listings"] == importing.counts()["published"] == done
    tally = importing.run(path)
    assert (tally.counts["unchanged"], tally.counts["created"]) == (done, 4 * ROWS_AT_ONCE - done)
    counts = importing.counts()
    assert (counts["listings"], counts["published"], counts["revisions"]) == (4 * ROWS_AT_ONCE,) * 3
    with look(importing.runtime) as work:
        ids = set(work.session.scalars(select(Listing.source_id)))
    assert ids == {f"r{n}" for n in range(4 * ROWS_AT_ONCE)}


def test_a_file_of_any_length_takes_little_memory(tmp_path: Path) -> None:
    """Twice the file, hardly more memory: measured in a process of its own, by the system."""
    small, large = (int(measured(tmp_path / str(rows), rows)) for rows in (1_000, 5_000))
    assert large - small < 2_500  # kB; the rows themselves are twice that


MEASURED = """
import json, resource, sys
from pathlib import Path
from marketplace.services.importing import Wish, import_file
from marketplace.services.policy import SYSTEM
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened

folder, count = Path(sys.argv[1]), int(sys.argv[2])
folder.mkdir()
path = folder / "offers.jsonl"
with path.open("w") as file:
    for n in range(count):
        file.write(json.dumps({"id": f"row-{n:0100}", "kind": "offer", "title": f"{n}", "text": "x " * 650}) + "\\n")
with opened(embedded_settings(folder), HandMovedClock()) as runtime:
    wish = Wish("Owner", create_owner=True)
    tally = import_file(runtime, SYSTEM, path, wish, complain=lambda complaint: None, report=lambda tally: None)
    assert tally.counts["created"] == count
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measured(folder: Path, rows: int) -> str:
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(folder), str(rows)], check=True, capture_output=True, text=True
    )
    return done.stdout
