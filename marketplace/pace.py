"""How many requests a minute another exchange may make: a bucket each, in this process's memory.

Sessions once a minute and batches one after the other stay far below; who is above is told when to come again, and
nobody else waits for it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from exchange.problems import Refused

A_MINUTE = 1_200
"""Requests of one exchange in a minute: twenty batches a second."""
BURST = 400


@dataclass
class Pace:
    """Refills evenly, holds at most `BURST`."""

    _left: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, node: str, now: datetime) -> None:
        """Raises `Refused` with `slow_down` when there is nothing left to take."""
        with self._lock:
            left, at = self._left.get(node, (float(BURST), now))
            left = min(float(BURST), left + max(0.0, (now - at).total_seconds()) * A_MINUTE / 60)
            self._left[node] = (max(0.0, left - 1), now)
        if left < 1:
            raise Refused("slow_down", f"more than {A_MINUTE} requests a minute", retry_after=1)
