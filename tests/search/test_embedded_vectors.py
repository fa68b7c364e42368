"""Vectors in a file: who else reads it, and what is left of what was taken away."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from search import embedded_vectors
from search.embedded_vectors import EmbeddedVectors
from search.engine import SearchError
from search.vectors import Filled, Placed

MODEL, EAST, NORTH = "0123456789ab", bytes((111, 77)) * 64, bytes((77, 144)) * 64


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index" / "vectors.db"


@pytest.fixture
def writer(path: Path) -> EmbeddedVectors:
    opened = EmbeddedVectors(path)
    opened.start("first", MODEL, len(EAST))
    opened.apply([Placed("a", 1, "offer", EAST)], 1)
    return opened


def near(vectors: EmbeddedVectors, direction: bytes) -> list[str]:
    return vectors.nearest(MODEL, direction, "offer", 10)


def test_another_process_sees_each_change(path: Path, writer: EmbeddedVectors) -> None:
    reader = EmbeddedVectors(path)
    assert near(reader, EAST) == ["a"]
    writer.apply([Placed("b", 2, "offer", EAST)])
    assert near(reader, EAST) == ["a", "b"]
    writer.apply([Placed("a", 3)])
    assert near(reader, EAST) == ["b"]
    writer.start("second", MODEL, len(EAST))
    assert near(reader, EAST) == []
    writer.apply([Placed("c", 1, "offer", EAST)])
    assert near(reader, EAST) == ["c"]


def test_many_more_than_the_arrays_begin_with(writer: EmbeddedVectors) -> None:
    writer.apply([Placed(f"{n:04}", n + 2, "offer", EAST if n % 2 else NORTH) for n in range(1_000)])
    found = writer.nearest(MODEL, EAST, "offer", 600)
    assert found[:501] == sorted(found[:501]) == [*(f"{n:04}" for n in range(1, 1_000, 2)), "a"]


def test_of_what_was_taken_away_no_byte_stays(path: Path, writer: EmbeddedVectors) -> None:
    writer.apply([Placed("b", 2, "offer", NORTH)])
    assert EAST in path.read_bytes()
    writer.apply([Placed("a", 3)])
    assert EAST not in path.read_bytes()
    assert NORTH in path.read_bytes()


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to be read as one" * 40])
def test_a_damaged_file_is_as_none_and_is_begun_again(
    path: Path, writer: EmbeddedVectors, content: bytes
) -> None:
    path.write_bytes(content)
    assert writer.filled() == Filled()
    writer.start("first", MODEL, len(EAST))
    writer.apply([Placed("b", 2, "offer", EAST)], 2)
    assert (near(writer, EAST), writer.filled().position) == (["b"], 2)


def test_a_file_that_is_held_is_not_taken_for_a_damaged_one(
    path: Path, writer: EmbeddedVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_vectors, "WAITING", 0.01)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    for use in (writer.filled, lambda: near(writer, EAST), lambda: writer.start("second", MODEL, 2)):
        with pytest.raises(SearchError, match="cannot be used now: database is locked"):
            use()
    holder.execute("ROLLBACK")
    holder.close()
    assert (writer.filled(), near(writer, EAST)) == (Filled("first", MODEL, 1), ["a"])
