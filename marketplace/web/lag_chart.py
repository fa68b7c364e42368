"""Where the bars of the chart of a day stand: one picture for wide screens, one for narrow, for one that is shrunk
cannot be read on a telephone. Lengths are in units of the picture, which is shown at about its own size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from marketplace.formats import ZONE, duration
from marketplace.services.sync.lag import LIMIT, Day, Slot

STEPS = (300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200)
"""Seconds between two lines across the picture; beyond these, whole days."""
MOST_LINES = 4
A_DAY = 86_400
HEIGHT, ABOVE, BELOW = 180, 12, 28
FLAT = 2
"""Height of a bar of nothing: it was looked at, and nothing waited."""
A_LETTER, BESIDE = 8, 8
"""Width of a letter of 13 px on average, generously: «80 minutes» began outside the picture; and the room beside them."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`look` is on, late (beyond the limit) or unseen (nobody has looked: the whole height)."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True, slots=True)
class Picture:
    """`levels` are (y, seconds) of the lines across, `hours` (x, moment) of the marks below, `limit` the y of the alarm."""

    name: str
    width: int
    left: int
    bars: tuple[Bar, ...]
    levels: tuple[tuple[float, int], ...]
    hours: tuple[tuple[float, datetime], ...]
    limit: float
    height: int = HEIGHT
    floor: int = HEIGHT - BELOW


def pictures(day: Day, language: str) -> tuple[Picture, ...]:
    """What stands beside the lines across is written in this language, and has the room that it needs."""
    longest = max(len(duration(seconds, language)) for seconds in _levels(_top(day)))
    left = A_LETTER * longest + BESIDE
    return (_picture(day, "wide", 560, left, every=4), _picture(day, "narrow", 260, left, every=8))


def _picture(day: Day, name: str, width: int, left: int, *, every: int) -> Picture:
    step = (width - left) / len(day.slots)
    top = _top(day)
    return Picture(
        name,
        width,
        left,
        tuple(_bar(slot, left + place * step, step, top) for place, slot in enumerate(day.slots)),
        tuple((_y(seconds, top), seconds) for seconds in _levels(top)),
        tuple(_hours(day, left, step, every)),
        _y(LIMIT, top),
    )


def _top(day: Day) -> int:
    """Seconds at the upper edge: the limit is always in the picture."""
    worst = day.worst
    return int(1.1 * max(LIMIT, worst.lag or 0 if worst else 0))


def _levels(top: int) -> Iterator[int]:
    step = next((one for one in STEPS if top // one <= MOST_LINES), 0) or A_DAY * (
        top // A_DAY // MOST_LINES + 1
    )
    yield from range(0, top + 1, step)


def _y(seconds: int, top: int) -> float:
    floor = HEIGHT - BELOW
    return round(floor - (floor - ABOVE) * seconds / top, 1)


def _bar(slot: Slot, x: float, step: float, top: int) -> Bar:
    floor, width = HEIGHT - BELOW, round(step - 1, 2)
    if slot.lag is None:
        return Bar(round(x, 2), ABOVE, width, floor - ABOVE, "unseen")
    y = min(_y(slot.lag, top), floor - FLAT)
    return Bar(round(x, 2), y, width, round(floor - y, 1), "late" if slot.late else "on")


def _hours(day: Day, left: int, step: float, every: int) -> Iterator[tuple[float, datetime]]:
    """Marks at whole hours of Vietnam, none so near an edge that its words would leave the picture."""
    for place, slot in enumerate(day.slots):
        local = slot.begins.astimezone(ZONE)
        if local.minute == 0 and local.hour % every == 0 and 2 <= place <= len(day.slots) - 3:
            yield round(left + place * step, 1), slot.begins
