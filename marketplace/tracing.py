"""The id of the request or job that this thread is at: in every line of the log, every audit entry, every letter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

trace: ContextVar[str] = ContextVar("trace", default="")
"""Empty between two of them."""
actor: ContextVar[str] = ContextVar("actor", default="")
"""The id of who asks; empty for a visitor and for the exchange itself."""


@contextmanager
def tracing(name: str) -> Iterator[None]:
    """All that is done inside belongs to the request or job of this id."""
    before = trace.set(name)
    try:
        yield
    finally:
        trace.reset(before)
