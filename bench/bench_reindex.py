"""From the database to searchable, beside bare bulk loading of the same documents: `python -m bench.bench_reindex`.

On SQLite with Tantivy, and on PostgreSQL with Elasticsearch where `make services` has started them. The floor is what
the engine's own library does with records that lie ready, all analysis done beforehand: no database, no analysis.
Memory is what this process holds for itself, looked at while half and while all is done. Seconds of the clock.
An argument gives another number of listings.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import tantivy
from elasticsearch import Elasticsearch

from bench import exchanges
from bench.bench_import import held
from bench.servers import search_server
from marketplace.reindexing import reindex
from marketplace.runtime import Runtime
from marketplace.services import feed, indexing
from marketplace.work import look
from search.embedded_index import SCHEMA, WRITER_MEMORY
from search.embedded_schema import as_document, register
from search.mapping import index_body
from search.record import Value, live
from tests.support.exchanges import own_prefix

LISTINGS = 20_000
BULK = 500
WANTED = 0.6
Records = Sequence[dict[str, Value]]


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else LISTINGS
    with tempfile.TemporaryDirectory() as folder, exchanges.embedded(Path(folder)) as runtime:
        measure(
            "SQLite to Tantivy",
            runtime,
            size,
            lambda records: bare_tantivy(records, Path(folder, "bare")),
        )
    if exchanges.has_servers():
        with tempfile.TemporaryDirectory() as folder, exchanges.on_servers(Path(folder)) as runtime:
            measure("PostgreSQL to Elasticsearch", runtime, size, bare_bulk)


def measure(what: str, runtime: Runtime, size: int, bare: Callable[[Records], float]) -> None:
    exchanges.stock(runtime, size)
    looked: list[tuple[int, int]] = []
    began = time.perf_counter()
    reindex(runtime, told=lambda position, head: looked.append((position, held_by_us())))
    ours = time.perf_counter() - began
    assert runtime.engine.count() == size
    floor = bare(records_of(runtime))
    half = next(memory for position, memory in looked if position >= size // 2)
    print(f"{what}, {size:,} listings: {size / ours:,.0f}/s, bare {size / floor:,.0f}/s, ", end="")
    print(
        f"{floor / ours:.2f} of bare (wanted: at least {WANTED}); memory {half} MB half way, {looked[-1][1]} MB at the end"
    )


def held_by_us() -> int:
    """MB."""
    return held(os.getpid()) // 1024


def records_of(runtime: Runtime) -> Records:
    with look(runtime) as work:
        rows = feed.after(work, 0, 10_000_000)
    return [live(document) for document in indexing.changes(rows)[0].put]


def bare_tantivy(records: Records, place: Path) -> float:
    place.mkdir()
    index = tantivy.Index(SCHEMA, path=str(place))
    register(index)
    ready = [as_document(record, SCHEMA) for record in records]
    writer = index.writer(WRITER_MEMORY, 1)
    began = time.perf_counter()
    for document in ready:
        writer.add_document(document)
    writer.commit()
    return time.perf_counter() - began


def bare_bulk(records: Records) -> float:
    name = own_prefix()
    with closing(Elasticsearch(search_server(), request_timeout=120)) as client:
        client.indices.create(index=name, **index_body())
        try:
            began = time.perf_counter()
            for part in parts(records, BULK):
                lines = [line for record in part for line in ({"index": {"_id": record["uid"]}}, record)]
                assert not client.bulk(index=name, operations=lines)["errors"]
            client.indices.refresh(index=name)
            return time.perf_counter() - began
        finally:
            client.indices.delete(index=name)


def parts(records: Iterable[dict[str, Value]], size: int) -> Iterator[Records]:
    rest = iter(records)
    while part := list(islice(rest, size)):
        yield part


if __name__ == "__main__":
    main()
