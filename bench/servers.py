"""Where the servers are that `make services` has started, for benchmarks of them."""

from __future__ import annotations

import os

from tests.services import from_file


def search_server() -> str:
    """Its address without a prefix; empty where there is none."""
    return _url("SEARCH_URL").rstrip("/")


def database_server() -> str:
    return _url("DATABASE_URL")


def _url(name: str) -> str:
    return os.environ.get(f"TEST_{name}") or from_file().get(name, "")
