"""Exchanges for benchmarks, in which listings are published without being posted one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Literal

from bench.bench_search import listings
from bench.servers import database_server, search_server
from marketplace.runtime import Runtime
from marketplace.services import feed, sequencing
from marketplace.services.feed import Record
from marketplace.work import begin
from search.document import Document
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened, own_database, own_prefix
from vocabulary.listing import Content, Text, as_record

AT_ONCE = 500


@contextmanager
def embedded(folder: Path) -> Iterator[Runtime]:
    with opened(embedded_settings(folder), HandMovedClock()) as runtime:
        yield runtime


@contextmanager
def on_servers(folder: Path) -> Iterator[Runtime]:
    """On a database and indices of its own, which go with it."""
    with own_database() as database_url:
        settings = replace(
            embedded_settings(folder),
            database_url=database_url,
            search_url=f"{search_server()}/{own_prefix()}",
        )
        with opened(settings, HandMovedClock()) as runtime:
            yield runtime


def has_servers() -> bool:
    return bool(search_server() and database_server())


def stock(runtime: Runtime, count: int) -> None:
    """So many published and numbered listings of about 1,300 characters."""
    generated = listings(count)
    while some := list(islice(generated, AT_ONCE)):
        records = [record(document) for document in some]
        with begin(runtime) as work:
            feed.write(work, records)
        with begin(runtime) as work:
            sequencing.number(work)


def record(document: Document, kind: Literal["offer", "demand"] = "offer") -> Record:
    text = Text(title=document.title, summary=document.summary, description=document.description)
    content = Content(kind, "vi", {"vi": text}).revised(
        province=document.province, fields=(), transfer_forms=("equipment",), trl_min=4, trl_max=6
    )
    uid = f"test:{kind}:{document.version:026}"
    return Record(uid, kind, "upsert", {"content": as_record(content), "organisation": {}})
