"""Rows that were really written, counted by the database itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

from marketplace.runtime import Runtime


class Written:
    """Counts every row that is inserted, updated or deleted in these tables from now on, whether it says the same or not."""

    def __init__(self, runtime: Runtime, tables: Sequence[str]) -> None:
        self._path = runtime.settings.data_dir / "giao.db"
        with closing(sqlite3.connect(self._path)) as database, database:
            database.execute("CREATE TABLE written (what TEXT)")
            for table in tables:
                for event in ("INSERT", "UPDATE", "DELETE"):
                    database.execute(
                        f"CREATE TRIGGER w_{table}_{event} AFTER {event} ON {table} "
                        f"BEGIN INSERT INTO written VALUES ('{table}'); END"
                    )

    def count(self) -> int:
        with closing(sqlite3.connect(self._path)) as database:
            return int(database.execute("SELECT count(*) FROM written").fetchone()[0])
