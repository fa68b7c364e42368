"""The clock, as an argument: every service is told the time, so that tests can set it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Now, in UTC, whole microseconds."""
    return datetime.now(UTC)
