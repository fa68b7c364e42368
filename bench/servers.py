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


def plain(url: str) -> str:
    """The address of a database as its own client wants it, without the name of the driver."""
    scheme, _, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}"
