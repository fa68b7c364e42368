"""The way of most hubs: one HTTP call, one transaction, one index commit a record. A rate, so a few hundred are enough."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

import psycopg
import tantivy
from elasticsearch import Elasticsearch

from bench.servers import plain, search_server
from search.embedded_index import SCHEMA, WRITER_MEMORY
from search.embedded_schema import as_document, register
from search.mapping import index_body
from tests.support.exchanges import own_database, own_prefix


class Hub(Protocol):
    """Where a record is stored and made searchable, alone."""

    def take(self, record: dict[str, Any], body: bytes) -> None: ...


class Embedded:
    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._database = sqlite3.connect(folder / "hub.db", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute("CREATE TABLE records (uid TEXT PRIMARY KEY, body TEXT)")
        index = tantivy.Index(SCHEMA, path=str(folder))
        register(index)
        self._writer = index.writer(WRITER_MEMORY, 1)

    def take(self, record: dict[str, Any], body: bytes) -> None:
        self._database.execute("INSERT OR REPLACE INTO records VALUES (?, ?)", (record["uid"], body))
        self._writer.add_document(as_document(record, SCHEMA))
        self._writer.commit()

    def close(self) -> None:
        self._database.close()


class Servers:
    def __init__(self, database: psycopg.Connection, client: Elasticsearch, index: str) -> None:
        self._database, self._client, self._index = database, client, index
        database.execute("CREATE TABLE records (uid TEXT PRIMARY KEY, body BYTEA)")
        client.indices.create(index=index, **index_body())

    def take(self, record: dict[str, Any], body: bytes) -> None:
        self._database.execute("INSERT INTO records VALUES (%s, %s)", (record["uid"], body))
        self._database.commit()
        self._client.index(index=self._index, id=record["uid"], document=record, refresh=True)


@contextmanager
def hub(place: Path, *, servers: bool) -> Iterator[Hub]:
    if not servers:
        embedded = Embedded(place / "hub")
        yield embedded
        embedded.close()
        return
    index = own_prefix()
    client = Elasticsearch(search_server(), request_timeout=120)
    with own_database(with_tables=False) as url, psycopg.connect(plain(url)) as database:
        yield Servers(database, client, index)
        client.indices.delete(index=index)
        client.close()


def rate(place: Path, records: Sequence[dict[str, Any]], *, servers: bool, latency: float = 0.0) -> float:
    """Records a second over one kept connection, whose line takes so many seconds each way."""
    with hub(place, servers=servers) as taking, _serving(taking) as port:
        calls = HTTPConnection("127.0.0.1", port)
        began = time.perf_counter()
        for one in records:
            calls.request("POST", "/", json.dumps(one, default=str).encode())
            calls.getresponse().read()
            time.sleep(2 * latency)
        found = len(records) / (time.perf_counter() - began)
        # A kept connection would hold its handler, and so the end of the server, for ever.
        calls.close()
    line = f" over a line of {latency * 1_000:.0f} ms each way" if latency else ""
    print(
        f"one call, one transaction, one index commit a record{line}: {found:.1f} records/s, of {len(records)}"
    )
    return found


@contextmanager
def _serving(taking: Hub) -> Iterator[int]:
    class Calls(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taking.take(json.loads(body), body)
            self.send_response(204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Calls) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
