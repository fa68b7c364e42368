"""What Tantivy cannot do, said in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from search.engine import SearchError


@contextmanager
def spoken_to(doing: str, error: type[SearchError] = SearchError) -> Iterator[None]:
    """Say in our words what Tantivy cannot do. It raises `ValueError` and `OSError`, and panics beside `Exception`."""
    try:
        yield
    except SearchError:
        raise
    except (ValueError, OSError) as problem:
        raise error(f"cannot {doing} the index: {problem}") from problem
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":
            raise
        raise error(f"cannot {doing} the index: {problem}") from problem
