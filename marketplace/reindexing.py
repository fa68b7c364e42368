"""A new index, filled from the feed beside the one that answers, while people go on posting.

The feed is read from its beginning to wherever its head is by then. A record that changes meanwhile moves to the head and
is read again, so each is in the new index as it stands at the end, and what was withdrawn comes as a removal. When
nothing is left the new index answers; what was committed in between its reader takes over, from where the new one stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from marketplace.followers import Indexing, begin_anew
from marketplace.readers import put_aside
from marketplace.runtime import Runtime
from marketplace.services import feed, indexing
from marketplace.services.feed import Row
from marketplace.services.indexing import Beside
from marketplace.work import begin, look
from search.document import Changes, Refused
from search.engine import Filling, SearchError

ROWS_AT_ONCE = 1_000
"""Rows of the feed in memory three times: one batch being read, one waiting, one being stored."""

Told = Callable[[int, int], None]
"""Takes the sequence that has been reached, and the head of the feed now."""


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What came of it."""

    index: str
    position: int
    refused: int


def reindex(runtime: Runtime, *, told: Told = lambda position, head: None) -> Reindexed:
    """Fill a new index and let it answer. Raises `SearchError`; then the present one answers on as if nothing was."""
    epoch = _epoch(runtime)
    filling = runtime.engine.beside(epoch)
    try:
        done = _fill(runtime, filling, told)
        with look(runtime) as work:
            if feed.state(work).epoch != epoch:
                raise SearchError("the database was restored while its index was being filled: begin again")
        filling.serve(done.position)
    except BaseException:
        with suppress(
            SearchError
        ):  # What is left behind the next reindex removes; why this one failed is to be heard.
            filling.give_up()
        raise
    return done


def _epoch(runtime: Runtime) -> str:
    """That of the feed. When its index is exchanged nobody can see any more that the database was restored: where it was, a
    new one begins first."""
    furthest = runtime.engine.furthest  # Before the database is asked, as in `Indexing.reach`.
    with look(runtime) as work:
        epoch, promised = feed.state(work).epoch, indexing.promised(work)
    return begin_anew(runtime) if furthest > promised else epoch


def _fill(runtime: Runtime, filling: Filling, told: Told) -> Reindexed:
    """Read, and analyse and store what was read before, at the same time: a database and an engine both make us wait."""
    position, refused = 0, 0
    waiting: list[tuple[list[Row], Future[tuple[Refused, ...]]]] = []
    with ThreadPoolExecutor(1, "filling") as storing:
        for rows, head, beside in _batches(runtime):
            changes, unfit = indexing.changes(rows, beside=beside)
            waiting.append((rows, storing.submit(_stored, filling, changes, unfit)))
            if len(waiting) > 1:
                refused += _held(runtime, *waiting.pop(0))
            position = rows[-1].sequence
            told(position, head)
        refused += sum(_held(runtime, *one) for one in waiting)
    return Reindexed(filling.name, position, refused)


def _batches(runtime: Runtime) -> Iterator[tuple[list[Row], int, Beside]]:
    """The feed to its end, its head at that time, and what its listings are indexed with.

    A batch that is not full is the last: whoever waits for an empty one may run behind busy people for ever.
    """
    position, full = 0, True
    while full:
        with look(runtime) as work:
            head = feed.state(work).head
            rows = feed.after(work, position, ROWS_AT_ONCE)
            beside = indexing.beside(work, rows)
        if not rows:
            return
        position, full = rows[-1].sequence, len(rows) == ROWS_AT_ONCE
        with begin(runtime) as work:
            indexing.promise(work, position)
        yield rows, head, beside


def _stored(filling: Filling, changes: Changes, unfit: tuple[Refused, ...]) -> tuple[Refused, ...]:
    return (*unfit, *filling.apply(changes))


def _held(runtime: Runtime, rows: list[Row], storing: Future[tuple[Refused, ...]]) -> int:
    """Wait for a batch, and put aside what the engine refused of it; how many."""
    refused = {one.uid: one.reason for one in storing.result()}
    if refused:
        with begin(runtime) as work:
            for row in rows:
                if row.uid in refused:
                    put_aside(work, Indexing.name, row, refused[row.uid])
    return len(refused)
