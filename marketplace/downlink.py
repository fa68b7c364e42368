"""Reading the national exchange's feed: page by page, or, while most of it lies ahead, all of it at once as a snapshot.

Whatever becomes of a snapshot, nothing depends on it: it moves the cursor only with its last record, and what it has
not brought is read by pages. So it may be cut off, refused or overtaken, and begun again without harm.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, cast
from urllib.parse import urlencode

from exchange.changes import MOST_ROWS, Page
from exchange.problems import Refused
from exchange.sessions import Cursor
from exchange.snapshots import Head, Line, read_snapshot
from marketplace.peering import NoAnswer, Peering
from marketplace.runtime import Runtime
from marketplace.services.sync import incoming, outgoing
from marketplace.services.sync.incoming import Overtaken, Part
from marketplace.work import begin, look

log = logging.getLogger("giao.sync")

LARGE = 5_000
"""Places ahead from which a snapshot is had: ten pages, most of them empty, for others' records are not shown to us."""
KINDS = ",".join(incoming.KINDS)


@dataclass(frozen=True, slots=True)
class Downlink:
    """Reads the feed of one exchange. `hold` renews the right to do so, and says whether it is still ours."""

    runtime: Runtime
    peering: Peering
    hold: Callable[[], bool]
    large: int = LARGE

    @property
    def node(self) -> str:
        return self.peering.node

    def read(self) -> None:
        """To its end; when that cannot be had now it is had with the next heartbeat."""
        with suppress(NoAnswer, Overtaken):
            page, tried = self._page(), False
            while page is not None and page.more and self.hold():
                if not tried and self._is_far(page):
                    tried = True
                    self._snapshot(page.next)
                page = self._page()

    def _is_far(self, page: Page) -> bool:
        """Most of the feed lies ahead: a snapshot, which is all of it, then costs less than half as much again."""
        left = page.head_seq - page.next.seq
        return left >= max(self.large, page.next.seq)

    def _page(self) -> Page | None:
        """The next page, taken in. None when the feed cannot be read on."""
        since = self._cursor()
        try:
            question = urlencode({"since": since, "kinds": KINDS})
            page = Page.read(self.peering.ask("GET", f"/sync/v1/changes?{question}"))
        except Refused as error:
            if error.problem.code not in ("epoch_changed", "cursor_in_future"):
                log.warning("the feed of %s cannot be read: %s", self.node, error)
                return None
            with begin(self.runtime) as work:
                incoming.begin_again(work, self.node)
            return self._page() if since else None
        items = tuple(enumerate(page.items, start=1))
        with begin(self.runtime) as work:
            incoming.take_in(work, self.node, Part(items, since, page.next, not page.more))
        return page

    def _cursor(self) -> str:
        with look(self.runtime) as work:
            line = outgoing.line(work)
        return line.cursor if line else ""

    # -- all at once --------------------------------------------------------------------------------------------------

    def _snapshot(self, since: Cursor) -> None:
        """Take a snapshot in, in transactions of `MOST_ROWS` records. `since` is where we stand until it is all here."""
        try:
            with tempfile.TemporaryFile(dir=self.runtime.settings.data_dir) as file:
                self.peering.fetch(f"/sync/v1/snapshot?{urlencode({'kinds': KINDS})}", cast(BinaryIO, file))
                head, lines = read_snapshot(cast(BinaryIO, file))
                self._take_in(head, lines, since)
        except (NoAnswer, Refused, OSError) as error:
            log.warning("a snapshot of %s cannot be had, its feed is read by pages: %s", self.node, error)

    def _take_in(self, head: Head, lines: Iterator[Line], since: Cursor) -> None:
        if head.node != self.node or head.epoch != since.epoch or head.head_seq < since.seq:
            raise Refused("malformed", "line 1: another feed than the one that was asked for")
        while self.hold():
            items = tuple((line.number, line.item) for line in islice(lines, MOST_ROWS))
            last = len(items) < MOST_ROWS
            with begin(self.runtime) as work:
                part = Part(items, str(since), head.cursor if last else since, last)
                incoming.take_in(work, self.node, part)
            if last:
                return
