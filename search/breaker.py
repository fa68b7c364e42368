"""A circuit breaker: who asks a server that has failed again and again is refused at once, for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

FAILURES = 5
"""In a row, after which the circuit opens."""
REST = 5.0
"""Seconds an open circuit stays so before one call may try: shorter than anybody's patience with a page that is away."""

State = Literal["closed", "open", "half-open"]


@dataclass
class Breaker:
    """Closed, it lets everybody pass. Open, nobody. Half-open, one, whose luck decides. Safe for many threads."""

    clock: Callable[[], float]
    """Monotonic seconds."""
    _failures: int = 0
    _opened: float = 0.0
    _probing: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def state(self) -> State:
        if self._failures < FAILURES:
            return "closed"
        return "open" if self.clock() < self._opened + REST else "half-open"

    def passes(self) -> bool:
        """Whether one call may be made now; whoever makes it must say how it went."""
        with self._lock:
            if self.state == "closed":
                return True
            if self.state == "open" or self._probing:
                return False
            self._probing = True
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures, self._probing = 0, False

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._opened, self._probing = self.clock(), False
