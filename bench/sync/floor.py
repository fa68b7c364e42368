"""The least that it can take: the same replica rows upserted, the same documents indexed, 500 at a time, on bare clients.

Both have the rows and documents ready, analysed beforehand. The pipelined floor is the slower of the two.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
import tantivy
from elasticsearch import Elasticsearch

from bench.servers import plain, search_server
from bench.sync.making import AT_ONCE
from marketplace.runtime import Runtime
from marketplace.services import feed, indexing
from marketplace.settings import Settings
from marketplace.work import look
from scripts.chaos.world import Node
from search.embedded_index import SCHEMA, WRITER_MEMORY
from search.embedded_schema import as_document, register
from search.mapping import index_body
from search.record import live
from tests.support.exchanges import own_database, own_prefix

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Floor:
    """Records a second."""

    writing: float
    indexing: float

    @property
    def rate(self) -> float:
        return min(self.writing, self.indexing)


def floor(national: Node, place: Path, *, servers: bool, most: int) -> Floor:
    """Of what the national exchange has taken in, at most so many."""
    names, rows, documents = taken_in(national, most)
    if servers:
        with own_database(with_tables=False) as url, closing(psycopg.connect(plain(url))) as database:
            writing = _timed(lambda: _into_postgresql(database, names, rows))
        found = Floor(len(rows) / writing, len(rows) / _timed(lambda: _bulk(documents)))
    else:
        writing = _timed(lambda: _into_sqlite(place / "floor.db", names, rows))
        ready = [as_document(one, SCHEMA) for one in documents]
        found = Floor(
            len(rows) / writing, len(rows) / _timed(lambda: _into_tantivy(place / "floor-index", ready))
        )
    print(
        f"floor: {found.writing:,.0f} upserts/s, {found.indexing:,.0f} documents/s; {len(rows):,} records, "
        f"{'PostgreSQL and Elasticsearch' if servers else 'SQLite and Tantivy'}"
    )
    return found


def taken_in(national: Node, most: int) -> tuple[list[str], list[Row], list[dict[str, Any]]]:
    runtime = Runtime(Settings.from_environment(national.environment))
    with closing(runtime), look(runtime) as work:
        connection = work.session.connection()
        found = connection.exec_driver_sql(f"SELECT * FROM replicas LIMIT {most}")
        names, rows = list(found.keys()), [tuple(row) for row in found]
        documents = [live(one) for one in indexing.changes(feed.after(work, 0, len(rows)))[0].put]
    return names, rows, documents


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _parts(all_of_them: Iterable[Any], size: int = AT_ONCE) -> Iterator[list[Any]]:
    left = iter(all_of_them)
    while part := list(islice(left, size)):
        yield part


def _upsert(names: Sequence[str], place: str) -> str:
    changed = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    places = ",".join([place] * len(names))
    return f"INSERT INTO replicas VALUES ({places}) ON CONFLICT ({names[0]}) DO UPDATE SET {changed}"


def _table(names: Sequence[str]) -> str:
    return f"CREATE TABLE replicas ({names[0]} TEXT PRIMARY KEY, {', '.join(f'{name} TEXT' for name in names[1:])})"


def _into_sqlite(path: Path, names: Sequence[str], rows: Sequence[Row]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute(_table(names))
        for part in _parts(rows):
            database.execute("BEGIN IMMEDIATE")
            database.executemany(_upsert(names, "?"), part)
            database.execute("COMMIT")


def _into_postgresql(database: psycopg.Connection, names: Sequence[str], rows: Sequence[Row]) -> None:
    database.execute(_table(names))
    for part in _parts(rows):
        with database.cursor() as cursor:
            cursor.executemany(_upsert(names, "%s"), [tuple(map(str, row)) for row in part])
        database.commit()


def _into_tantivy(folder: Path, documents: Sequence[Any]) -> None:
    folder.mkdir()
    index = tantivy.Index(SCHEMA, path=str(folder))
    register(index)
    writer = index.writer(WRITER_MEMORY, 1)
    for part in _parts(documents):
        for one in part:
            writer.add_document(one)
        writer.commit()


def _bulk(documents: Sequence[dict[str, Any]]) -> None:
    name = own_prefix()
    with closing(Elasticsearch(search_server(), request_timeout=120)) as client:
        client.indices.create(index=name, **index_body())
        try:
            for part in _parts(documents):
                lines = [line for one in part for line in ({"index": {"_id": one["uid"]}}, one)]
                assert not client.bulk(index=name, operations=lines)["errors"]
            client.indices.refresh(index=name)
        finally:
            client.indices.delete(index=name)
