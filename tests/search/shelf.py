"""Listings for tests of search."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from search.document import Document

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def listing(n: int, title: str = "Máy sấy lúa", **more: Any) -> Document:
    """A listing whose version is its number."""
    return Document(
        **{"uid": f"n:offer:{n}", "version": n, "kind": "offer", "title": title, "updated_at": NOW, **more}
    )
