"""Taking a whole exchange to another database: every row, and the proof that none was left behind.

The source is only read, in one transaction that sees one moment of it; on SQLite this transaction holds the writer's lock,
so that nobody posts into a database that is being left. The target is written in one transaction: until it is committed
there is nothing, and whoever was interrupted begins again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, inspect, select
from sqlalchemy import Table as SqlTable

from marketplace import schema
from marketplace.db import Table
from marketplace.errors import Conflict
from marketplace.runtime import Runtime
from marketplace.work import Work, begin, look

OWN_WAY = frozenset({"cursors"})
"""What changes as soon as an index is filled: how far its readers have come."""
AT_ONCE = 500
"""Rows read and written together."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One table: its rows, and a digest of all they say that does not depend on their order."""

    table: str
    rows: int
    digest: str


def move(source: Runtime, target: Runtime) -> tuple[Counted, ...]:
    """Copy the database of `source` into that of `target`, which must be empty; what was moved, table by table.

    Raises `Conflict` when the target is not empty, or when what arrived is not what was sent: nothing is kept then.
    """
    _require_no_others(target)
    schema.upgrade(target.database)
    with _at_one_moment(source) as reading, begin(target) as writing:
        here, there = reading.session.connection(), writing.session.connection()
        _require_empty(there)
        sent = tuple(_copy(here, there, table) for table in _tables())
        arrived = tuple(_counted(there, table) for table in _tables())
        if lost := [one.table for one, other in zip(sent, arrived, strict=True) if one != other]:
            raise Conflict("move_incomplete", table=lost[0])
    return arrived


def is_there(source: Runtime, target: Runtime) -> bool:
    """Whether an earlier run has brought everything and was interrupted later, while the index was filled."""
    if schema.is_new(target.database) or schema.behind(target.database):
        return False
    return set(compare(source, target)) <= OWN_WAY


def compare(source: Runtime, target: Runtime) -> tuple[str, ...]:
    """The tables in which two databases differ."""
    with _at_one_moment(source) as one, _at_one_moment(target) as other:
        return tuple(
            table.name
            for table in _tables()
            if _counted(one.session.connection(), table) != _counted(other.session.connection(), table)
        )


def _at_one_moment(runtime: Runtime) -> AbstractContextManager[Work]:
    """On PostgreSQL only who reads sees one moment; on SQLite everybody does, and who writes keeps others from it."""
    return (look if runtime.database.dialect.name == "postgresql" else begin)(runtime)


def _tables() -> Sequence[SqlTable]:
    """In the order in which rows may be added: what is pointed to comes first."""
    return Table.metadata.sorted_tables


def _require_no_others(target: Runtime) -> None:
    ours = {table.name for table in _tables()} | {"alembic_version"}
    if foreign := sorted(set(inspect(target.database).get_table_names()) - ours):
        raise Conflict("move_target_not_empty", table=foreign[0])


def _require_empty(target: Connection) -> None:
    for table in _tables():
        if target.scalar(select(func.count()).select_from(table)):
            raise Conflict("move_target_not_empty", table=table.name)


def _copy(source: Connection, target: Connection, table: SqlTable) -> Counted:
    digest = _Digest()
    for rows in _parts(source, table):
        target.execute(insert(table), [dict(row._mapping) for row in rows])
        digest.add(rows)
    return digest.of(table)


def _counted(connection: Connection, table: SqlTable) -> Counted:
    digest = _Digest()
    for rows in _parts(connection, table):
        digest.add(rows)
    return digest.of(table)


def _parts(connection: Connection, table: SqlTable) -> Iterator[Sequence[Row[Any]]]:
    reading = connection.execution_options(yield_per=AT_ONCE).execute(select(table))
    yield from reading.partitions()


class _Digest:
    """The sum of the SHA-256 of each row, modulo 2^256: two databases give rows in orders of their own."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, rows: Sequence[Row[Any]]) -> None:
        for row in rows:
            said = json.dumps([_plain(value) for value in row], sort_keys=True, ensure_ascii=False)
            self._sum += int.from_bytes(hashlib.sha256(said.encode("utf-8", "surrogatepass")).digest(), "big")
        self.rows += len(rows)

    def of(self, table: SqlTable) -> Counted:
        return Counted(table.name, self.rows, f"{self._sum % 2**256:064x}")


def _plain(value: Any) -> Any:
    """A value as it is the same from every database."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes | memoryview) else value
