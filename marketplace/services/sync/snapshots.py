"""All of our feed that another exchange may see, at one moment of the database, in a file that is sent afterwards.

It is written down before it is sent, because its digest goes before it; so memory holds a hundred records, whatever
their number, and the transaction ends with the writing, however slowly the reader takes it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from sqlalchemy import select

from exchange.items import Item
from exchange.problems import Refused
from exchange.snapshots import Digested, Head, write_snapshot
from marketplace.models.feed import Published
from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.services.sync.changes import as_item, seen_by
from marketplace.work import Work

AT_ONCE = 100
"""Records held at a time: of the largest that there may be, 25 MiB."""
LATER = 60  # seconds after which it may be asked again for what could not be made now


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot in its file, which is gone from the disk when it is closed, also by being killed."""

    head: Head
    file: BinaryIO
    size: int
    digest: str


@contextmanager
def place(runtime: Runtime) -> Iterator[None]:
    """While one is made. Raises `Refused` (`slow_down`) when that are enough."""
    if not runtime.snapshots.acquire(blocking=False):
        raise Refused("slow_down", "another snapshot is being made", retry_after=LATER)
    try:
        yield
    finally:
        runtime.snapshots.release()


def take(work: Work, reader: str, kinds: Collection[str] = ()) -> Taken:
    """What this exchange may read of these kinds, all if none are named, in a transaction that sees one moment.

    What waits for its place in the feed is left out: it gets one after the head, and is read there.
    Raises `Refused` (`unavailable`) when the disk has no room.
    """
    state = feed.state(work)
    head = Head(work.runtime.settings.node_id, state.epoch, state.head, tuple(kinds))
    try:
        # Left open: it is read while it is sent, and whoever sends it closes it.
        file = cast(BinaryIO, tempfile.TemporaryFile(dir=work.runtime.settings.data_dir))  # noqa: SIM115
        try:
            into = Digested(file)
            write_snapshot(into, head, _items(work, reader, kinds))
            file.seek(0)
        except BaseException:
            file.close()
            raise
    except OSError as error:
        raise Refused(
            "unavailable", f"no snapshot can be kept here: {error.strerror}", retry_after=LATER
        ) from None
    return Taken(head, file, into.size, into.digest)


def _items(work: Work, reader: str, kinds: Collection[str]) -> Iterator[Item]:
    """In the order of the feed."""
    numbered = select(Published).where(Published.pub_seq.is_not(None), *seen_by(work, reader, kinds))
    rows = numbered.order_by(Published.pub_seq).execution_options(yield_per=AT_ONCE)
    for row in work.session.scalars(rows):
        yield as_item(row)
