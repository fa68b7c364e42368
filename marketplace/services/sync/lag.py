"""How far behind it was with another exchange in the last 24 hours, looked at every five minutes.

What has waited for five minutes or longer has been seen by one of the looks at least.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from marketplace.models.exchanges import LagSample
from marketplace.services.policy import Actor, permit
from marketplace.services.sync import gauges
from marketplace.services.sync.watching import BEHIND
from marketplace.work import Work

SPAN = timedelta(hours=24)
SLOT = timedelta(minutes=30)
EVERY = timedelta(minutes=5)
"""How often `sample` is to be called."""
KEPT = SPAN + timedelta(hours=1)
LIMIT = int(BEHIND.total_seconds())
"""Seconds after which it is an alarm."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Half an hour: the longest wait in seconds and the most that waited at once; None where nobody has looked."""

    begins: datetime
    lag: int | None = None
    waiting: int | None = None

    @property
    def late(self) -> bool:
        return self.lag is not None and self.lag > LIMIT


@dataclass(frozen=True, slots=True)
class Day:
    """The last 24 hours, oldest first; the last slot is the one that is under way."""

    slots: tuple[Slot, ...]

    @property
    def seen(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.slots if slot.lag is not None)

    @property
    def worst(self) -> Slot | None:
        """The slot of the longest wait, the latest of several; None where nobody has looked."""
        return max(self.seen, key=lambda slot: (slot.lag or 0, slot.begins), default=None)

    @property
    def most_waiting(self) -> int:
        return max((slot.waiting or 0 for slot in self.seen), default=0)

    @property
    def late(self) -> int:
        """How many slots were beyond the limit."""
        return sum(slot.late for slot in self.slots)

    @property
    def unseen(self) -> int:
        return len(self.slots) - len(self.seen)


def sample(work: Work) -> None:
    """Note how it stands with every other exchange now, and forget what no chart shows any more."""
    at = work.now.replace(microsecond=0)
    for one in gauges.figures(work):
        work.session.merge(LagSample(peer=one.peer, at=at, waiting=one.waiting, lag=int(one.lag)))
    work.session.execute(delete(LagSample).where(LagSample.at < work.now - KEPT))


def day(work: Work, actor: Actor, peer: str) -> Day:
    """The last 24 hours with this exchange."""
    permit(actor, "exchanges.read")
    first = _floor(work.now) + SLOT - SPAN
    samples = select(LagSample.at, LagSample.lag, LagSample.waiting).where(
        LagSample.peer == peer, LagSample.at >= first
    )
    return Day(
        tuple(_slots(first, [(at, lag, waiting) for at, lag, waiting in work.session.execute(samples)]))
    )


def _slots(first: datetime, samples: Sequence[tuple[datetime, int, int]]) -> Iterator[Slot]:
    for number in range(SPAN // SLOT):
        begins = first + number * SLOT
        inside = [(lag, waiting) for at, lag, waiting in samples if begins <= at < begins + SLOT]
        if inside:
            yield Slot(begins, max(lag for lag, _ in inside), max(waiting for _, waiting in inside))
        else:
            yield Slot(begins)


def _floor(moment: datetime) -> datetime:
    """The beginning of its half hour."""
    return moment.replace(minute=moment.minute // 30 * 30, second=0, microsecond=0)
