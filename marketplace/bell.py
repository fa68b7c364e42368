"""The bell wakes readers early. It carries nothing: whoever misses it looks again within a second anyway."""

from __future__ import annotations

import threading


class Bell:
    """Ring from any thread; each waiter is woken once for any number of rings before it waits again."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rings = 0

    def ring(self) -> None:
        with self._changed:
            self._rings += 1
            self._changed.notify_all()

    def wait(self, heard: int, seconds: float) -> int:
        """Wait for a ring after `heard`, at most `seconds`; the number to hand in next time."""
        with self._changed:
            self._changed.wait_for(lambda: self._rings != heard, timeout=seconds)
            return self._rings
