"""A reader of our feed may let its question stand until something new comes."""

from __future__ import annotations

import time
from collections.abc import Callable

from exchange.changes import LONGEST_WAIT
from marketplace.runtime import Runtime

LOOK = 1.0
"""Seconds between two looks when no bell rings: another process may have published."""


def until_news(runtime: Runtime, is_there: Callable[[], bool], *, seconds: float) -> None:
    """Return as soon as `is_there`, or after `seconds`, at most `LONGEST_WAIT`.

    Each waiting reader holds one of the server's threads. Where too many wait already one more is answered at once,
    and asks again: nothing depends on the wait.
    """
    if seconds <= 0 or not runtime.waiting_readers.acquire(blocking=False):
        return
    try:
        until, heard = time.monotonic() + min(seconds, LONGEST_WAIT), 0
        while not is_there() and (left := until - time.monotonic()) > 0:
            heard = runtime.bell.wait(heard, min(left, LOOK))
    finally:
        runtime.waiting_readers.release()
