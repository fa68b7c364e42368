"""Every search engine there is. Another one is one more line of `ENGINES`; no test knows which it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search import elastic, embedded
from search.engine import Engine
from tests.services import service_url
from tests.support.exchanges import own_prefix


def _elasticsearch(_folder: Path) -> Engine:
    return elastic.open_engine(f"{service_url('SEARCH_URL').rstrip('/')}/{own_prefix()}")


ENGINES: dict[str, Callable[[Path], Engine]] = {
    "elasticsearch": _elasticsearch,
    "tantivy": lambda folder: embedded.open_engine(f"tantivy:{folder}/index"),
}


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty index of the epoch `first`."""
    opened = ENGINES[request.param](tmp_path)
    opened.start("first")
    yield opened
    opened.drop()
    opened.close()
