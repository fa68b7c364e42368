"""Listings and questions for the contract of search engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from search.document import Changes, Document
from search.engine import Engine
from search.query import Query

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)


def listing(n: int, title: str, **more: Any) -> Document:
    described = {
        "description": title,
        "kind": "offer",
        "languages": ("vi",),
        "updated_at": NOW - timedelta(days=n),
    }
    return Document(uid=f"test:offer:{n:04}", version=n + 1, title=title, **{**described, **more})


def put(engine: Engine, *documents: Document) -> None:
    engine.apply(Changes(max(document.version for document in documents), documents))


def versions(engine: Engine) -> dict[str, int]:
    return {entry.uid: entry.version for entry in engine.entries()}


def found(engine: Engine, text: str = "", **asked: Any) -> list[int]:
    """The numbers of the listings found, in order."""
    query = Query(text=text, **{"size": 100, "now": NOW, **asked})
    return [int(hit.uid.rpartition(":")[2]) for hit in engine.search(query).hits]
