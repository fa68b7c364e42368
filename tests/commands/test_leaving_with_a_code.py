"""Exit codes mean something: 0 done, 1 something was left out or refused, 2 not understood, 3 not possible."""

from __future__ import annotations

import pytest

from marketplace.commands import COMMANDS
from tests.commands.conftest import Giao, closed_port, row


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_help(empty: Giao, name: str) -> None:
    result = empty(name, "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: main {name}")
    assert len(result.stdout.splitlines()[2].strip()) > 10


def test_the_help_lists_every_command(empty: Giao) -> None:
    result = empty.apart("--help")
    assert result.returncode == 0
    for name in COMMANDS:
        assert f"\n  {name} " in result.stdout
    assert list(empty.folder.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [("dance",), ("search",), ("search", "x", "--kind", "patent"), ("import", "none.jsonl", "--owner", "A"),
     ("evaluate", "--task", "search")],
)  # fmt: skip
def test_what_is_not_understood_leaves_with_two(empty: Giao, arguments: tuple[str, ...]) -> None:
    assert empty(*arguments).exit_code == 2


def test_what_is_no_text_is_not_understood(giao: Giao) -> None:
    result = giao("match", "\udcff")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == "Error: \\udcff is no text in UTF-8."


@pytest.mark.parametrize(
    "arguments", [("search", "x"), ("match", "x"), ("export",), ("reindex",), ("worker",)]
)
def test_without_an_exchange_nothing_is_possible(empty: Giao, arguments: tuple[str, ...]) -> None:
    result = empty(*arguments)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("SECRET_KEYS is missing")
    assert list(empty.folder.iterdir()) == []


def test_a_database_that_waits_for_migrations_is_not_touched(giao: Giao) -> None:
    (giao.folder / "giao.db").unlink()
    result = giao("search", "x")
    assert result.exit_code == 3
    assert result.stderr == "DATABASE_URL names a database that waits for migrations; run `giao migrate`.\n"


@pytest.mark.parametrize("command", ["run", "worker", "search", "migrate"])
def test_a_database_that_is_away_is_one_sentence(giao: Giao, command: str) -> None:
    giao.settings["DATABASE_URL"] = f"postgresql+psycopg://giao@127.0.0.1:{closed_port()}/giao"
    result = giao(command, *(["x"] if command == "search" else []))
    assert result.exit_code == 3
    assert result.stderr.startswith("DATABASE_URL names a database that cannot be opened: ")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("made", [True, False])
def test_an_import_into_no_folder_or_an_empty_one_sets_an_exchange_up(empty: Giao, made: bool) -> None:
    path = empty.file("offers.jsonl", [row(1, "Máy sấy")])
    empty.settings["DATA_DIR"] = str(empty.folder / "new")
    if made:
        (empty.folder / "new").mkdir()
    result = empty("import", path, "--owner", "A", "--create-owner", "--publish")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        0, f"A new exchange was set up in {empty.folder}/new.",
    )  # fmt: skip
    assert empty.json("search", "may say")["total"] == 1


def test_a_wrong_setting_stops_every_command_with_its_name(giao: Giao) -> None:
    giao.settings["BASE_URL"] = "http://exchange.example"
    path = giao.file("offers.jsonl", [row(1, "Máy sấy")])
    for arguments in (("search", "x"), ("run",), ("migrate",), ("import", path, "--owner", "A")):
        result = giao(*arguments)
        assert (result.exit_code, result.stderr) == (
            3, "BASE_URL must use https:// unless the host is this machine (127.0.0.1).\n",
        )  # fmt: skip
