"""Which ids a file has had so far. On disk, so that memory stays flat whatever the length of the file."""

from __future__ import annotations

import sqlite3


class SeenIds:
    """Ids and the rows they first stood in."""

    def __init__(self) -> None:
        # The empty name is a temporary file of SQLite's own, which goes with the connection.
        self._ids = sqlite3.connect("", isolation_level=None)
        self._ids.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID")
        self._ids.execute("BEGIN")

    def before(self, source_id: str, number: int) -> int | None:
        """The earlier row that has this id; None, and from now on it is row `number`, when there was none."""
        added = self._ids.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (source_id, number))
        if added.rowcount:
            return None
        found = self._ids.execute("SELECT number FROM seen WHERE id = ?", (source_id,)).fetchone()
        return int(found[0])

    def close(self) -> None:
        self._ids.close()
