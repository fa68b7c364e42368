"""The vectors of an exchange on one machine: a small SQLite file beside the index, read into memory by who asks.

A hundred thousand of 384 dimensions are 38 MB there, and each is looked at: nothing is guessed, and no graph is to be
kept. Every change has the number of its turn, so that a process reads only what came since it last looked.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex

from search.engine import SearchError
from search.held_vectors import Held
from search.vectors import Filled, Placed

WAITING = 20.0
"""Seconds for another process that is writing; it does so for some milliseconds."""
_TABLES = (
    "DROP TABLE IF EXISTS note",
    "DROP TABLE IF EXISTS placed",
    "CREATE TABLE note (made TEXT, epoch TEXT, model TEXT, position INTEGER, turn INTEGER)",
    "CREATE TABLE placed (uid TEXT PRIMARY KEY, version INTEGER, kind TEXT, direction BLOB, turn INTEGER)",
    "CREATE INDEX by_turn ON placed (turn)",
)
_PUT = """
INSERT INTO placed VALUES (?, ?, ?, ?, (SELECT turn FROM note))
ON CONFLICT (uid) DO UPDATE SET version = excluded.version, kind = excluded.kind, direction = excluded.direction,
turn = excluded.turn WHERE excluded.version > version OR (excluded.version = version AND excluded.direction = x''
AND direction != x'')
"""


class EmbeddedVectors:
    """`Vectors` in one file. Processes and threads may use it at once: SQLite lets them in one after another."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = Held()
        self._reading = threading.Lock()

    def filled(self) -> Filled:
        if not self._path.exists():
            return Filled()
        try:
            with self._opened() as file:
                return Filled(*file.execute("SELECT epoch, model, position FROM note").fetchone())
        except SearchError as error:
            if _passes(error):
                raise
            return Filled()

    def start(self, epoch: str, model: str, dimension: int) -> None:
        """In one step, so that whoever reads meanwhile reads the old ones. The number of dimensions is that of
        whatever is put."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._begin(epoch, model)
        except SearchError as error:
            if _passes(error):
                raise
            self.drop()
            self._begin(epoch, model)

    def _begin(self, epoch: str, model: str) -> None:
        with self._opened() as file:
            file.execute("BEGIN IMMEDIATE")
            for table in _TABLES:
                file.execute(table)
            file.execute("INSERT INTO note VALUES (?, ?, ?, 0, 0)", (token_hex(8), epoch, model))
            file.execute("COMMIT")

    def apply(self, placed: Sequence[Placed], position: int = 0) -> None:
        if not self._path.exists():
            raise SearchError("the vectors have not been started")
        with self._opened() as file:
            file.execute("BEGIN IMMEDIATE")
            file.execute("UPDATE note SET turn = turn + 1, position = max(position, ?)", (position,))
            file.executemany(_PUT, [(one.uid, one.version, one.kind, one.direction) for one in placed])
            file.execute("COMMIT")

    def nearest(self, model: str, direction: bytes, kind: str, count: int) -> list[str]:
        if not self._path.exists():
            return []
        with self._reading:
            held = self._read(model)
        return held.nearest(direction, kind, count) if held else []

    def drop(self) -> None:
        self._path.unlink(missing_ok=True)

    def _read(self, model: str) -> Held | None:
        """What this process holds, brought up to the file."""
        with self._opened() as file:
            file.execute("BEGIN")
            made, of, turn = file.execute("SELECT made, model, turn FROM note").fetchone()
            if of != model:
                return None
            if self._held.made != made:
                self._held = Held(made)
            if self._held.turn < turn:
                since = "SELECT uid, kind, direction FROM placed WHERE turn > ? ORDER BY uid"
                self._held.take(file.execute(since, (self._held.turn,)), turn)
        return self._held

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The file, for one thread and one errand. What is taken away is overwritten, for it was made of a text."""
        try:
            with closing(sqlite3.connect(self._path, timeout=WAITING, isolation_level=None)) as file:
                file.execute("PRAGMA secure_delete = ON")
                yield file
        except sqlite3.Error as error:
            raise SearchError(f"the vectors in {self._path} cannot be used now: {error}") from error


def _passes(error: SearchError) -> bool:
    """Whether the file may well be good: it was locked, or the disk failed."""
    return isinstance(error.__cause__, sqlite3.OperationalError) and "no such table" not in str(error)
