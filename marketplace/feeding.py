"""Reading a source that serves a feed: what has changed page by page, and all of it as a snapshot where it has one.

As in the national exchange's own feed (`downlink`), nothing depends on a snapshot: what it does not bring, pages do.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, cast

from exchange.changes import MOST_ROWS, Page
from exchange.problems import Refused
from exchange.snapshots import MEDIA_TYPE, read_snapshot
from marketplace.network import Answered, Barred, Unreachable
from marketplace.runtime import Runtime
from marketplace.services.sync import feed_sources, harvest
from marketplace.services.sync.settling import Upcoming
from marketplace.work import begin

log = logging.getLogger("giao.sync")

JSON = "application/json"
MOST_BYTES = 32 * 1024 * 1024
"""Of a page. The hundred records that are asked for may have 256 KiB each."""
MOST_OF_SNAPSHOT = 2 * 1024 * 1024 * 1024
"""Packed, in a file."""
UNKNOWN_CURSOR = 409


def read_on(runtime: Runtime, node_id: str, upcoming: Upcoming) -> bool:
    """Keep what comes next of the feed; whether it goes on. Raises `Unreachable`, `Barred` or `Refused` when its page cannot
    be had: the next run asks for it again."""
    step = upcoming.step
    if upcoming.snapshot:
        try:
            for reached in _snapshot(runtime, node_id, upcoming):
                step = reached
        except (Unreachable, Barred, Refused, OSError) as error:
            log.info("a snapshot of %s cannot be had, its feed is read by pages: %s", node_id, error)
            with begin(runtime) as work:
                feed_sources.without_snapshot(work, node_id, step)
        return True
    try:
        page = Page.read(runtime.elsewhere.read(upcoming.url, most=MOST_BYTES, accept=JSON))
    except Answered as answered:
        if answered.status != UNKNOWN_CURSOR:
            raise
        with begin(runtime) as work:
            return feed_sources.begin_again(work, node_id, step, str(answered))
    try:
        with begin(runtime) as work:
            feed_sources.take(work, node_id, step, page)
    except Refused as refused:
        with begin(runtime) as work:
            harvest.fail(work, node_id, step, "refused", refused.problem.detail, anew=True)
        return False
    return True


def _snapshot(runtime: Runtime, node_id: str, upcoming: Upcoming) -> Iterator[int]:
    """Take all of it in, in transactions of `MOST_ROWS` records; after each the step to go on with."""
    step, last = upcoming.step, False
    with tempfile.TemporaryFile(dir=runtime.settings.data_dir) as made:
        file = cast(BinaryIO, made)
        runtime.elsewhere.fetch(upcoming.snapshot, file, most=MOST_OF_SNAPSHOT, accept=MEDIA_TYPE)
        file.seek(0)
        head, lines = read_snapshot(file)
        if head.node != node_id:
            raise Refused("malformed", f"line 1: a snapshot of {head.node}")
        while not last:
            items = [line.item for line in islice(lines, MOST_ROWS)]
            last = len(items) < MOST_ROWS
            with begin(runtime) as work:
                step = feed_sources.take_some(work, node_id, step, items, head.cursor if last else None)
            yield step
