"""`giao doctor` finds what is wrong, goes on to the next, and says how to mend it."""

from __future__ import annotations

import os
import re
import socket
from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import pytest

from marketplace.models.feed import Cursor, FeedState, Published
from marketplace.services import listings, owners
from marketplace.services.policy import Actor
from marketplace.work import begin
from marketplace.working import Timekeeping
from search.document import Changes, Document, Removal
from search.embedded_lock import WriterLock
from tests.commands.conftest import Giao, closed_port, row
from tests.services import service_url
from tests.support.market import content
from tests.support.members import join
from tests.support.tiny_model import tiny
from vocabulary.listing import Sealed

FOLLOW = "Start `giao run` or `giao worker`; where one runs, its log says what this waits for."


def wrong(giao: Giao) -> list[str]:
    """The findings that are not well, with their remedies."""
    result = giao("doctor")
    assert (result.exit_code == 0) == ("✕" not in result.output), result.output
    lines = result.stdout.splitlines()
    return [line for place, line in enumerate(lines) if "✕" in line or (place and line.startswith("  "))]


def stocked(giao: Giao) -> Giao:
    path = giao.file("offers.jsonl", [row(1, "Máy sấy")])
    assert giao("import", path, "--owner", "A", "--create-owner", "--publish").exit_code == 0
    return giao


def test_a_new_exchange_has_no_index_yet(giao: Giao) -> None:
    assert "✕ search: tantivy: there is no index of this database yet, or it is damaged" in wrong(giao)


def test_an_exchange_at_rest_is_well_but_for_the_matches_nobody_looks_for(giao: Giao) -> None:
    assert wrong(stocked(giao)) == [
        "✕ matchmaking: 1 changes behind", f"    {FOLLOW}",
        "✕ notices: 1 changes behind", f"    {FOLLOW}",
        "✕ timetable: nobody keeps it: periodic jobs wait", "    Start `giao run` or `giao worker`.",
    ]  # fmt: skip
    result = giao("doctor")
    assert "✓ search: tantivy, 1 listings of 1 published" in result.output
    assert result.exit_code == 1


def test_a_reader_that_is_behind_and_moves_is_well_and_one_that_stands_is_not(giao: Giao) -> None:
    stocked(giao)
    with giao.runtime() as runtime:
        Timekeeping(runtime).look()
    for ago, well in ((10, True), (90, False)):
        with giao.runtime() as runtime, begin(runtime) as work:
            # Two more wait than the one that a worker has just passed.
            work.session.query(FeedState).one().head = 3
            work.session.merge(
                Cursor(reader="matchmaking", epoch="", position=1, moved_at=work.now - timedelta(seconds=ago))
            )
        said = giao("doctor").output
        assert ("✓ matchmaking: 2 changes behind, and at it: it moved " in said) is well
        assert (f"✕ matchmaking: 2 changes behind\n    {FOLLOW}" in said) is not well


def test_a_public_exchange_that_nobody_can_reach_is_told_so(giao: Giao) -> None:
    giao.settings |= {"BASE_URL": "https://exchange.example", "MAIL_URL": "smtp://127.0.0.1:9"}
    assert "✕ contact: no page says how to reach who runs this exchange" in wrong(giao)
    giao.settings |= {"CONTACT_PHONE": "+84 24 3000 0000", "RUN_BY": "Sở KH"}
    assert "✓ contact: Sở KH, +84 24 3000 0000" in giao("doctor").output


def test_a_missing_secret_is_named(giao: Giao) -> None:
    (giao.folder / "settings.env").unlink()
    result = giao("doctor")
    assert result.exit_code == 3
    assert result.stdout.startswith("✕ settings: SECRET_KEYS is missing")


def test_a_database_without_its_migrations_is_told_to_migrate(giao: Giao) -> None:
    (giao.folder / "giao.db").unlink()
    said = wrong(giao)
    assert said[0].endswith("waits for migrations")
    assert said[1:] == ["    Run `giao migrate`."]


def test_a_database_that_is_away_does_not_stop_the_doctor(giao: Giao) -> None:
    giao.settings["DATABASE_URL"] = f"postgresql+psycopg://giao@127.0.0.1:{closed_port()}/giao"
    said = wrong(giao)
    assert "connection" in said[0]
    assert said[1].strip().startswith("Start the server that DATABASE_URL names")


def test_a_damaged_index_is_seen_and_mended(giao: Giao) -> None:
    stocked(giao)
    for part in (giao.folder / "index").glob("*/meta.json"):
        part.write_bytes(b"nonsense")
    assert any(line.startswith("✕ search") for line in wrong(giao))
    assert giao("reindex").stdout == "1 listings are searchable.\n"
    assert "✓ search: tantivy, 1 listings of 1 published" in giao("doctor").output


def test_an_index_held_by_another_process_is_said_with_its_holder(giao: Giao) -> None:
    stocked(giao)
    lock = WriterLock(giao.folder / "index" / "writer.lock")
    assert lock.take()
    try:
        assert f"process {lock.holder()} is writing the index" in giao("doctor").output
        beside = giao("reindex")
        assert beside.exit_code == 0, "a new index is filled beside the one that is being written"
        assert giao.json("search", "may say")["total"] == 1
        path = giao.file("more.jsonl", [row(2, "Máy gặt")])
        result = giao("import", path, "--owner", "A", "--publish")
        assert result.exit_code == 0
        assert "The running exchange indexes and matches the new listings." in result.stdout
    finally:
        lock.release()
    assert "✕ indexing: 1 changes behind" in wrong(giao)


def test_an_engine_that_is_away_does_not_stop_the_doctor(giao: Giao) -> None:
    giao.settings["SEARCH_URL"] = f"http://127.0.0.1:{closed_port()}/giao"
    result = giao("doctor")
    assert result.exit_code == 1
    assert "✕ search: " in result.output
    assert "Start the engine that SEARCH_URL names" in result.output
    assert "✓ jobs: none" in result.output


def test_the_embedded_libraries_are_told_with_their_versions(giao: Giao) -> None:
    said = giao("doctor").output
    assert re.search(r"^✓ database: sqlite 3\.\d+\.\d+$", said, re.MULTILINE)
    assert re.search(r"^✓ engine: Tantivy \d+\.\d+\.\d+ in ", said, re.MULTILINE)


@pytest.mark.services
def test_every_server_that_answers_is_told_with_its_version(giao: Giao, server_database: str) -> None:
    giao.settings |= {
        "DATABASE_URL": server_database,
        "SEARCH_URL": f"{service_url('SEARCH_URL')}/giao_test_none",
        "QUEUE_URL": service_url("QUEUE_URL"),
    }
    said = giao("doctor").output
    assert re.search(r"^. database: postgresql \d+\.\d+", said, re.MULTILINE)
    assert re.search(r"^✓ engine: Elasticsearch \d+\.\d+\.\d+ at ", said, re.MULTILINE)
    assert re.search(r"^✓ queue: redis \d+\.\d+\.\d+, \d+ rings wait$", said, re.MULTILINE)


@pytest.mark.services
def test_the_engine_is_asked_though_the_database_is_away(giao: Giao) -> None:
    giao.settings["DATABASE_URL"] = f"postgresql+psycopg://giao@127.0.0.1:{closed_port()}/giao"
    giao.settings["SEARCH_URL"] = f"{service_url('SEARCH_URL')}/giao_test_none"
    said = giao("doctor").output
    assert "✕ database: " in said
    assert "✓ engine: Elasticsearch " in said


def test_the_doctor_of_a_national_exchange_tells_the_lag_of_its_own_readers_too(giao: Giao) -> None:
    giao.settings |= {"ROLE": "national", "NODE_ID": "national"}
    stocked(giao)
    assert [line for line in wrong(giao) if "behind" in line] == [
        f"✕ {reader}: 1 changes behind" for reader in ("clustering", "classifying", "matchmaking", "notices")
    ]


def test_servers_that_do_not_answer_are_named(giao: Giao) -> None:
    giao.settings["MAIL_URL"] = f"smtp://127.0.0.1:{closed_port()}"
    assert any(line.startswith("✕ mail: 127.0.0.1:") for line in wrong(giao))
    with socket.create_server(("127.0.0.1", 0)) as server:
        giao.settings["MAIL_URL"] = f"smtp://127.0.0.1:{server.getsockname()[1]}"
        assert not any("mail" in line for line in wrong(giao))


def test_a_scanner_that_does_not_answer_is_named(giao: Giao) -> None:
    giao.settings["SCANNER_URL"] = f"clamd://127.0.0.1:{closed_port()}"
    said = wrong(giao)
    assert any(line.startswith("✕ scanner: 127.0.0.1:") for line in said)
    assert "    Start the scanner that SCANNER_URL names: until then no file is taken." in said


KEYS = [b64encode(bytes([n]) * 32).decode() for n in range(2)]


@pytest.mark.parametrize(
    ("keys", "well"), [(f"a:{KEYS[0]}", True), (f"b:{KEYS[0]}", False), (f"a:{KEYS[1]}", False)]
)
def test_sealed_keys_that_do_not_open_what_is_sealed_are_found(giao: Giao, keys: str, well: bool) -> None:
    giao.settings["SEALED_KEYS"] = f"a:{KEYS[0]}"
    with giao.runtime() as runtime:
        with begin(runtime) as work:
            home = owners.find_or_create(work, "A").id
        user = join(runtime, "lan@example.org", "owner", home)
        owner = Actor(user, "Lan", roles={home: frozenset({"owner"})}, confirmed=True)
        with begin(runtime) as work:
            text = content("offer", "Lớp phủ hạt giống")
            listings.post(work, owner, home, text, sealed=Sealed("công thức"))
    giao.settings["SEALED_KEYS"] = keys
    found = [line for line in wrong(giao) if "sealed" in line]
    assert bool(found) is not well, found
    assert well or "the key a" in found[0]


def test_a_term_table_that_cannot_be_read_is_said(giao: Giao) -> None:
    table = giao.folder / "terms.csv"
    table.write_text("no table", encoding="utf-8")
    giao.settings["TERMS_FILE"] = str(table)
    assert any(line.startswith("✕ terms: TERMS_FILE names") for line in wrong(giao))


def test_an_index_that_cannot_be_written_is_said_and_why(giao: Giao) -> None:
    (giao.folder / "index").write_text("a file", encoding="utf-8")
    assert any(line.startswith("✕ ") and "Not a directory" in line for line in wrong(giao))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_in_which_no_index_can_be_made_is_said(giao: Giao) -> None:
    (giao.folder / "index").mkdir(0o555)
    assert any(line.startswith("✕ index: ") and "Permission denied" in line for line in wrong(giao))


def test_a_record_no_reader_could_handle_is_counted(giao: Giao) -> None:
    stocked(giao)
    with giao.runtime() as runtime, begin(runtime) as work:
        record = work.session.query(Published).one()
        record.body, record.pub_seq = {"content": {"texts": "no text"}}, None
    assert (
        giao("import", giao.file("more.jsonl", [row(2, "Máy gặt")]), "--owner", "A", "--publish").exit_code
        == 0
    )
    assert "✕ put aside: 1 records no reader could handle" in wrong(giao)


def test_who_keeps_the_timetable_is_told(giao: Giao) -> None:
    assert "✕ timetable: nobody keeps it" in giao("doctor").output
    with giao.runtime() as runtime:
        Timekeeping(runtime).look()
    assert f"✓ timetable: {socket.gethostname()}:{os.getpid()}:" in giao("doctor").output


def test_jobs_that_nobody_does_are_found(giao: Giao) -> None:
    for minutes, well in ((4, True), (6, False)):
        with giao.runtime() as runtime, begin(runtime) as work:
            work.ask("tidy_desks", at=work.now - timedelta(minutes=minutes))
        said = wrong(giao)
        assert any(line.startswith("✕ jobs: ") for line in said) is not well
    assert "    Start `giao run` or `giao worker`; where they run, start more workers." in said


def test_the_doctor_changes_nothing(giao: Giao) -> None:
    stocked(giao)

    def everything() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in giao.folder.rglob("*") if path.is_file()}

    before = everything()
    giao("doctor")
    after = everything()
    assert {path: data for path, data in after.items() if before.get(path) != data} == {}


def test_index_and_database_are_compared_record_by_record_and_mended(giao: Giao) -> None:
    stocked(giao)
    assert "✓ compared: 1 listings, database and index are equal" in giao("doctor", "--compare").output
    with giao.runtime() as runtime:
        (entry,) = runtime.engine.entries()
        ghost = Document("test:offer:ghost", entry.version, "offer", "Máy không có")
        removal = Removal(entry.uid, entry.version)
        runtime.engine.apply(Changes(0, (ghost,), (removal,)))
    said = wrong_of(giao, "--compare")
    assert "✕ compared: 1 listings published, 1 in the index, 1 missing, 1 ghost" in said
    assert f"✕ missing: {entry.uid}, published as {entry.version}" in said
    assert f"✕ ghost: test:offer:ghost, indexed as {entry.version}" in said
    mended = giao("doctor", "--mend").output
    assert "✓ mended: 2 differences: 1 missing, 1 ghost" in mended
    assert "✓ compared: 1 listings, database and index are equal" in mended
    assert giao.json("search", "may say")["total"] == 1


def wrong_of(giao: Giao, option: str) -> list[str]:
    result = giao("doctor", option)
    assert result.exit_code == 1
    return [line for line in result.stdout.splitlines() if "✕" in line]


def test_a_sentence_model_is_named_and_a_damaged_one_is_said_to_be(giao: Giao) -> None:
    (giao.folder / "model").mkdir()
    giao.settings["MODEL_FOLDER"] = str(tiny(giao.folder / "model"))
    assert ", asked about en" in giao("doctor").output
    (giao.folder / "model" / "tokenizer.json").unlink()
    assert "no tokenizer.json" in next(line for line in wrong(giao) if "sentence model" in line)


def test_a_model_folder_that_is_not_there_stops_the_start(giao: Giao) -> None:
    giao.settings["MODEL_FOLDER"] = str(giao.folder / "nowhere")
    result = giao("doctor")
    assert result.exit_code == 3
    assert "MODEL_FOLDER" in result.output
    assert "is no folder" in result.output
