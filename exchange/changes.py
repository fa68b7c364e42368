"""Pages of a feed, and what their reader does with them: rules D1 and D2.

A cursor is a place in one epoch of the feed. When the epoch changes, the feed's owner was restored: the reader begins
again, which the feed allows, for it holds every record once, and drops what it does not see again on the way.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from exchange.envelope import EPOCH, written
from exchange.items import NODE, Item, Unreadable, read_item
from exchange.problems import Refused
from exchange.reading import Members, read_json
from exchange.sessions import Cursor

MOST_ROWS = 500
LONGEST_WAIT = 25
"""Seconds for which a reader may let its question stand until something new comes."""


@dataclass(frozen=True, slots=True)
class Page:
    """The records after `since`. `next` always advances, also past records that were not for this reader."""

    node: str
    since: Cursor
    next: Cursor
    head_seq: int
    more: bool
    items: tuple[Item | Unreadable, ...] = ()

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Raises `Refused` with code `malformed`."""
        said = Members(read_json(text))
        page = cls(
            node=said.text("node", NODE),
            since=Cursor.read(said.text("since")),
            next=Cursor.read(said.text("next")),
            head_seq=said.whole("head_seq"),
            more=said.flag("more"),
            items=tuple(read_item(value) for value in said.array("items", most=MOST_ROWS)),
        )
        if page.next.epoch != page.since.epoch or page.next.seq < page.since.seq:
            raise Refused("malformed", "/next: must not go back", path="/next")
        return page

    def written(self) -> bytes:
        record: dict[str, Any] = {
            "node": self.node, "epoch": self.next.epoch, "since": str(self.since), "next": str(self.next),
            "head_seq": self.head_seq, "more": self.more,
            "items": [item.as_record() for item in self.items if isinstance(item, Item)],
        }  # fmt: skip
        return written(record)


def question(url: str, *, since: str, kinds: Collection[str], limit: int) -> str:
    """The address of the page after the cursor `since`, or of the first page, of the feed that stands at `url`."""
    asked = {"since": since, "kinds": ",".join(kinds), "limit": str(limit)}
    return f"{url}?{urlencode({name: value for name, value in asked.items() if value}, safe=',')}"


def refuse_cursor(since: Cursor, *, epoch: str, head_seq: int) -> None:
    """Raises `Refused`: `epoch_changed`, `cursor_in_future`."""
    if EPOCH.fullmatch(since.epoch) is None or since.epoch != epoch:
        raise Refused("epoch_changed", f"the feed's epoch is {epoch}", epoch=epoch)
    if since.seq > head_seq:
        raise Refused("cursor_in_future", f"the feed ends at {head_seq}", head_seq=head_seq)


def page(
    node: str, since: Cursor, scanned: Sequence[Item], *, reader: str, head_seq: int, limit: int = MOST_ROWS
) -> Page:
    """The page made of `scanned`, the next records of the feed, at most `limit`; those at home with `reader` are hidden.

    The reader wrote those itself: an exchange that took its own records back would go round in circles.
    """
    last = scanned[-1].seq if scanned else since.seq
    shown = tuple(item for item in scanned if item.origin != reader)
    more = len(scanned) >= limit and last < head_seq
    return Page(node, since, Cursor(since.epoch, last), head_seq, more, shown)


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a reader stands. `sweeping` while it reads a new epoch from its beginning: what it held before and has not
    seen again when it reaches the end is to be dropped."""

    cursor: Cursor | None = None
    sweeping: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """The reading afterwards, to be stored with the items in one transaction. `swept`: drop now what was not seen."""

    reading: Reading
    swept: bool = False


def took(reading: Reading, page: Page) -> Read:
    """After a page. One that does not begin where the reader stands was asked for by somebody else and is dropped.

    Raises ValueError for such a page.
    """
    if reading.cursor is not None and page.since != reading.cursor:
        raise ValueError(f"the page begins at {page.since}, not at {reading.cursor}")
    ended = reading.sweeping and not page.more
    return Read(Reading(page.next, reading.sweeping and page.more), ended)


def lost(reading: Reading, epoch: str) -> Reading:
    """After `epoch_changed` or `cursor_in_future`: read the feed of that epoch from its beginning."""
    return replace(reading, cursor=Cursor(epoch, 0), sweeping=True)
