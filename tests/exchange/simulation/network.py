"""A network in virtual time. What is on its way is a heap; every fault comes from one seeded random number."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

HOUR, DAY = 3_600, 86_400


@dataclass
class Faults:
    """Chances from 0 to 1 a message, seconds, and which ways are cut."""

    lost: float = 0.0
    doubled: float = 0.0
    late: float = 0.0
    """Chance that a second copy comes much later: seconds, an hour, a month."""
    delay: float = 1.0
    cut: set[tuple[str, str]] = field(default_factory=set)


@dataclass
class Network:
    chance: random.Random
    faults: Faults = field(default_factory=Faults)
    now: float = 1_790_000_000.0
    _order: count[int] = field(default_factory=count)
    _under_way: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)

    def send(self, source: str, target: str, deliver: Callable[[], None]) -> None:
        """Bring a message there, perhaps never, perhaps twice, perhaps late."""
        for _ in range(2 if self.chance.random() < self.faults.doubled else 1):
            if (source, target) in self.faults.cut or self.chance.random() < self.faults.lost:
                continue
            self.after(self.chance.random() * self.faults.delay, deliver)
        if (source, target) not in self.faults.cut and self.chance.random() < self.faults.late:
            self.after(self.chance.choice((5, 30, 90, 250, HOUR, 31 * DAY)), deliver)

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._under_way, (self.now + seconds, next(self._order), act))

    def run_until(self, moment: float) -> None:
        while self._under_way and self._under_way[0][0] <= moment:
            self.now, _, act = heapq.heappop(self._under_way)
            act()
        self.now = moment

    def heal(self) -> None:
        """No fault from now on; what was sent before may still come late."""
        self.faults = Faults()
