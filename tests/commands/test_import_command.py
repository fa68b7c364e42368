"""`giao import` in a terminal: what it says, what it leaves behind, and how it leaves."""

from __future__ import annotations

import csv
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import Result

from tests.commands.conftest import Giao, closed_port, row
from tests.support.exchanges import administer, as_owner, own_database

HANGS_UP = """
CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM published) >= {most} THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hang_up {when} ON published FOR EACH ROW EXECUTE FUNCTION hang_up()
"""
"""PostgreSQL ends the connection, as it does with all of them when it is stopped."""
ANSWERS_AGAIN = "DROP TRIGGER hang_up ON published; DROP FUNCTION hang_up"


@pytest.fixture
def on_postgresql(giao: Giao) -> Iterator[str]:
    with own_database(with_tables=False) as url:
        giao.settings["DATABASE_URL"] = as_owner(url)
        assert giao.apart("migrate").returncode == 0
        yield url


@contextmanager
def hanging_up(url: str, when: str, *, most: int) -> Iterator[None]:
    """While the block lasts, whoever does this to the table of so many published records loses the connection."""
    administer(as_owner(url), HANGS_UP.format(when=when, most=most))
    try:
        yield
    finally:
        administer(as_owner(url), ANSWERS_AGAIN)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def imported(giao: Giao, path: Path, *more: str) -> Result:
    return giao("import", path, "--owner", "Viện A", "--create-owner", *more)


def test_a_clean_file_goes_in_is_searchable_and_leaves_no_report(giao: Giao) -> None:
    path = giao.file("offers.jsonl", [row(1, "Máy sấy lúa"), row(2, "Cảm biến độ mặn")])
    done = giao.apart("import", path, "--owner", "Viện A", "--create-owner", "--publish")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "Searchable now. `giao run` or `giao worker` finds their matches.",
        "2 created, 0 revised, 0 unchanged, 0 refused.",
    ]
    assert done.stderr == "Reading offers.jsonl: 100 %, 2 rows, 0 problems\n"
    assert not list(giao.folder.glob("*.report*"))
    assert giao.json("search", "may say")["items"][0]["title"] == "Máy sấy lúa"


def test_the_second_run_says_that_nothing_was_new(giao: Giao) -> None:
    path = giao.file("offers.jsonl", [row(1, "Máy sấy lúa")])
    imported(giao, path, "--publish")
    done = imported(giao, path, "--publish")
    assert (done.exit_code, done.stdout) == (0, "0 created, 0 revised, 1 unchanged, 0 refused.\n")


def test_bad_rows_stand_in_a_report_with_their_remedy(giao: Giao) -> None:
    path = giao.folder / "offers.csv"
    path.write_text(
        "id,kind,title,description,trl\n1,offer,Máy,Mô tả,12\n=2,offer,Tủ,Mô tả,7\n", encoding="utf-8"
    )
    done = imported(giao, path)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "0 created, 0 revised, 0 unchanged, 2 refused.",
        "2 problems and 0 changes are listed in offers.csv.report.csv.",
    ]
    assert rows_of(giao.folder / "offers.csv.report.csv") == [
        {"row": "2", "id": "1", "column": "trl", "value": "12", "rule": "trl.range",
         "fix": "“12” is no readiness level. Write a number from 1 to 9."},
        {"row": "3", "id": "'=2", "column": "id", "value": "'=2", "rule": "value.formula",
         "fix": "The cell begins with a formula, “=2”. Write the value instead."},
    ]  # fmt: skip


def test_a_report_is_never_written_over_another_file(giao: Giao) -> None:
    path = giao.file("offers.jsonl", [row(1, "Máy", kind="x")])
    for expected in ("offers.jsonl.report.csv", "offers.jsonl.report-2.csv", "offers.jsonl.report-3.csv"):
        assert f"listed in {expected}." in imported(giao, path).stdout
    mine = giao.folder / "mine.csv"
    mine.write_text("precious", encoding="utf-8")
    assert f"listed in {giao.folder}/mine-2.csv." in imported(giao, path, "--report", str(mine)).stdout
    assert mine.read_text(encoding="utf-8") == "precious"


def test_a_report_speaks_vietnamese_when_asked(giao: Giao) -> None:
    path = giao.file("offers.jsonl", [row(1, "Máy", kind="x")])
    imported(giao, path, "--language", "vi")
    assert rows_of(giao.folder / "offers.jsonl.report.csv")[0]["fix"].startswith("«x» không phải")


def test_a_report_that_cannot_be_written_is_said(giao: Giao) -> None:
    path = giao.file("offers.jsonl", [row(1, "Máy", kind="x")])
    done = imported(giao, path, "--report", "/nowhere/report.csv")
    assert (done.exit_code, done.stderr.count("Traceback")) == (1, 0)
    assert "/nowhere/report.csv" in done.stderr


def test_half_a_character_in_one_row_stops_no_other(giao: Giao) -> None:
    path = giao.folder / "offers.jsonl"
    path.write_text(
        '{"id": "a", "kind": "offer", "title": "Máy", "text": "Mô tả", "lang": "\\ud83d"}\n'
        '{"id": "b", "kind": "offer", "title": "Máy", "text": "Mô tả", "we\\ud800ird": 1}\n'
        '{"id": "c", "kind": "offer", "title": "Máy sấy", "text": "Mô tả"}\n',
        encoding="utf-8",
    )
    done = imported(giao, path)
    assert done.stdout.splitlines()[0] == "1 created, 0 revised, 0 unchanged, 2 refused."
    told = [
        (one["row"], one["value"], one["rule"]) for one in rows_of(giao.folder / "offers.jsonl.report.csv")
    ]
    assert sorted(told) == [
        ("1", "\\ud83d", "language.unknown"),
        ("2", "we\\ud800ird", "json.half_character"),
    ]


def test_a_name_of_a_file_may_be_of_any_bytes(giao: Giao) -> None:
    for n, text in enumerate(("x", "y")):
        path = giao.folder / os.fsdecode(b"m\xe1y-%d.jsonl" % n)
        giao.file(path.name, [row(1, "Máy", text), row(2, "Tủ", kind="x")])
        done = giao.apart("import", path, "--owner", "Viện A", "--create-owner")
        assert (done.returncode, done.stderr.count("Traceback")) == (1, 0), done.stderr
        assert done.stdout.splitlines()[0].endswith(", 0 unchanged, 1 refused.")


def test_an_index_that_is_away_is_said_after_what_went_in(giao: Giao) -> None:
    giao.settings["SEARCH_URL"] = f"http://127.0.0.1:{closed_port()}"
    path = giao.file("offers.jsonl", [row(1, "Máy sấy lúa")])
    done = imported(giao, path, "--publish")
    assert (done.exit_code, done.stdout) == (1, "1 created, 0 revised, 0 unchanged, 0 refused.\n")
    assert done.stderr.splitlines()[-1].startswith("They are public, but cannot be found yet: ")
    del giao.settings["SEARCH_URL"]
    assert imported(giao, path, "--publish").stdout == "0 created, 0 revised, 1 unchanged, 0 refused.\n"


@pytest.mark.services
def test_a_database_that_goes_away_is_said_with_what_stays_and_what_to_do(
    giao: Giao, on_postgresql: str
) -> None:
    path = giao.file("offers.jsonl", [row(n, f"Máy sấy {n}") for n in range(500)])
    with hanging_up(on_postgresql, "BEFORE INSERT", most=450):
        done = giao.apart("import", path, "--owner", "Viện A", "--create-owner", "--publish")
    assert (done.returncode, done.stdout) == (1, "")
    told = done.stderr.splitlines()[-1]
    assert told.startswith("The database ended it ("), done.stderr
    assert told.endswith("after 400 rows; these stay. Run the same command again: it takes in the others.")
    again = giao.apart("import", path, "--owner", "Viện A", "--create-owner", "--publish")
    assert again.stdout.splitlines()[-1] == "100 created, 0 revised, 400 unchanged, 0 refused."


@pytest.mark.services
def test_a_database_that_goes_away_while_listings_are_indexed_is_told_without_a_traceback(
    giao: Giao, on_postgresql: str
) -> None:
    path = giao.file("offers.jsonl", [row(1, "Máy sấy lúa")])
    with hanging_up(on_postgresql, "BEFORE UPDATE OF pub_seq", most=1):
        done = giao.apart("import", path, "--owner", "Viện A", "--create-owner", "--publish")
    assert (done.returncode, done.stdout) == (1, "1 created, 0 revised, 0 unchanged, 0 refused.\n"), (
        done.stderr
    )
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("They are public, but cannot be found yet: ")


def test_a_dry_run_says_what_would_be_and_leaves_no_trace(giao: Giao) -> None:
    path = giao.file("offers.jsonl", [row(1, "Máy"), row(2, "Tủ", kind="x")])
    before = (giao.folder / "giao.db").read_bytes()
    done = imported(giao, path, "--publish", "--dry-run")
    assert done.exit_code == 1
    assert done.stdout.startswith("Would be: 1 created, 0 revised, 0 unchanged, 1 refused.")
    assert (giao.folder / "giao.db").read_bytes() == before
    assert not (giao.folder / "index").exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("offers.xls", b"x", "Use .csv, .xlsx, .jsonl"),
        ("offers.csv", "id;title\n".encode("utf-16"), "it looks like UTF-16"),
        ("offers.csv", "id;title\n1;Máy".encode("cp1252"), "it looks like Windows-1258"),
        ("offers.csv", b"%PDF-1.4", "it is a .pdf file"),
        ("offers.csv", b"1;2\n", "id is missing"),
        ("offers.jsonl.gz", b"x", "damaged"),
        ("offers.xlsx", b"x", "damaged"),
    ],
)
def test_a_file_that_is_none_is_told_in_one_sentence(
    giao: Giao, name: str, content: bytes, said: str
) -> None:
    path = giao.folder / name
    path.write_bytes(content)
    done = imported(giao, path)
    assert done.exit_code == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_pipe_is_refused_for_an_import_that_stopped_could_not_begin_again(giao: Giao) -> None:
    pipe = giao.folder / "offers.jsonl"
    os.mkfifo(pipe)
    done = imported(giao, pipe, "--publish")
    assert done.exit_code == 2
    assert "write it to a file first" in done.stderr


def test_without_its_owner_nothing_is_done(giao: Giao) -> None:
    path = giao.file("offers.jsonl", [row(1, "Máy")])
    done = giao("import", path, "--owner", "Viện B")
    assert (done.exit_code, done.stdout) == (1, "")
    assert (
        done.stderr
        == "There is no organisation “Viện B”. Check the name, or add --create-owner to make it.\n"
    )


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Tests that were started in the background ignore the signal, and so would every program they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_stopped_by_hand_it_says_so_and_the_next_run_finishes(giao: Giao) -> None:
    path = giao.file("offers.jsonl", (row(n, f"Máy {n}") for n in range(6_000)))
    with giao.started("import", path, "--owner", "Viện A", "--create-owner") as running:
        assert running.stderr is not None
        assert " rows, 0 problems" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        assert running.wait() == 1
        assert running.stderr.read().splitlines()[-1] == "Aborted!"
    done = imported(giao, path)
    assert done.exit_code == 0
    counts = re.fullmatch(r"(\d+) created, 0 revised, (\d+) unchanged, 0 refused.\n", done.stdout)
    assert counts is not None
    assert int(counts[1]) > 0
    assert int(counts[2]) >= 400
    assert int(counts[1]) + int(counts[2]) == 6_000
