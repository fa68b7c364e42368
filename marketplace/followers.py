"""The readers of the feed that every exchange has: indexing, matchmaking, notices; and the loops that run them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from marketplace.errors import Unavailable
from marketplace.loop import GRACE, Loop, stop_all
from marketplace.readers import Follower, Keep, Reader, Sequencer, Turns, drain, patient
from marketplace.runtime import Runtime
from marketplace.services import embeddings, feed, indexing, matchmaking, notices, profiles
from marketplace.services.classification import following
from marketplace.services.clusters import judging, prints
from marketplace.services.feed import Row
from marketplace.services.matchmaking import Found
from marketplace.services.statistics import MATCHMAKING, REMATCHED_UNTIL, REMATCHING
from marketplace.services.sync import probes
from marketplace.uplink import Uplink
from marketplace.work import Work, begin, look
from search.engine import IndexLocked

log = logging.getLogger("giao.readers")

IDLE = 1.0  # seconds between looks when no bell rings


@dataclass
class Indexing:
    """Takes the feed into the index.

    Before a batch is handed to the engine, the database notes how far it will reach. An index that is further than
    that note was filled from a future this database does not have: it was restored from an older copy. Then a new
    epoch begins and the index is filled again.
    """

    name: str = "indexing"
    batch: int = 4_000
    """As much as Tantivy's writer holds in its memory of listings of 1,300 characters. In commits of 2,000 a listing costs
    it half as much again, 0.65 ms against 0.44, in commits of 500 twice as much: it merges more often."""
    _since: int = 0
    _has_looked: bool = False

    def reach(self, runtime: Runtime) -> int:
        # Before the database is asked: other workers index meanwhile, and always promise first.
        position = runtime.engine.position
        # Once is enough: every process ends before a database is put back, and what this one stores was promised.
        furthest = position if self._has_looked else runtime.engine.furthest
        with look(runtime) as work:
            state = feed.state(work)
            promised = indexing.promised(work)
            cursor = feed.position(work, self.name)
        if state.epoch and runtime.engine.epoch != state.epoch:
            self._since = self._refill(runtime)
        elif furthest > promised:
            begin_anew(runtime)
            self._since = self._refill(runtime)
        else:
            self._since = self._agreed(runtime, position, cursor)
        self._has_looked = True
        return state.head

    def _agreed(self, runtime: Runtime, position: int, cursor: int) -> int:
        """Where index and cursor both stand. An index that was exchanged, or lost, goes on from where it is."""
        if position < cursor:
            position = runtime.engine.position  # Once more, for another worker may have moved both meanwhile.
        return self._rewind(runtime, position) if position < cursor else cursor

    def _refill(self, runtime: Runtime) -> int:
        """Begin a new index, unless another worker has just done so."""
        with look(runtime) as work:
            epoch = feed.state(work).epoch
        if runtime.engine.epoch != epoch:
            runtime.engine.start(epoch)
        return self._rewind(runtime, 0)

    def _rewind(self, runtime: Runtime, position: int) -> int:
        with begin(runtime) as work:
            feed.place(work, self.name, position)
        return position

    def handle(self, runtime: Runtime, rows: Sequence[Row]) -> Keep:
        with begin(runtime) as work:
            indexing.promise(work, rows[-1].sequence)
            beside = indexing.beside(work, rows)
        changes, unfit = indexing.changes(rows, since=self._since, beside=beside)
        refused = {one.uid: one.reason for one in (*unfit, *runtime.engine.apply(changes))}

        def keep(work: Work) -> Mapping[str, str]:
            probes.arrived(work, rows)
            return refused

        return keep


def begin_anew(runtime: Runtime) -> str:
    """Begin a new epoch of the feed, for its index was filled from a future that this database does not have."""
    log.warning("the index is ahead of the database, which was restored: it is filled again")
    with begin(runtime) as work:
        return feed.begin_new_epoch(work)


@dataclass
class Clustering:
    """On the national exchange: finds what two homes list of the same technology, and hears what they say to it.

    It costs as much as taking listings in. So while many wait to be found it waits too, but never long.
    """

    name: str = "clustering"
    batch: int = 500
    waiting: int = 100
    """So many listings may wait before it does."""
    patience: timedelta = timedelta(seconds=10)
    """A batch each time still keeps up with 50 changes a second, should they never end."""
    _waits_since: datetime | None = None

    def reach(self, runtime: Runtime) -> int:
        now = runtime.clock()
        with look(runtime) as work:
            head, cursor = feed.state(work).head, feed.position(work, self.name)
            many = head - feed.position(work, Indexing.name) > self.waiting
        self._waits_since = (self._waits_since or now) if many else None
        if self._waits_since is None:
            return head
        if now - self._waits_since < self.patience:
            return cursor
        self._waits_since = None
        return head

    def handle(self, runtime: Runtime, rows: Sequence[Row]) -> Keep:
        made = [prints.made(row) for row in rows if row.live and row.kind in feed.LISTED]
        return lambda work: judging.follow(work, rows, made)


@dataclass
class Classifying:
    """On the national exchange: what librarians say of a listing goes and comes back with it."""

    name: str = "classifying"
    batch: int = 500

    def reach(self, runtime: Runtime) -> int:
        with look(runtime) as work:
            return feed.state(work).head

    def handle(self, runtime: Runtime, rows: Sequence[Row]) -> Keep:
        return lambda work: following.follow(work, rows)


@dataclass
class Matchmaking:
    """Finds the matches of what was published. Never passes what indexing has made visible, so that of two listings
    published together the later one always finds the earlier."""

    name: str = MATCHMAKING
    batch: int = 20

    def reach(self, runtime: Runtime) -> int:
        return runtime.engine.position

    def handle(self, runtime: Runtime, rows: Sequence[Row]) -> Keep:
        found: list[Found] = []
        gone = [row.uid for row in rows if not row.live]
        with look(runtime) as work:
            # All of them before the first is matched, so that two that are published together find each other.
            embeddings.place(work, rows)
            matched, by = (
                (row for row in rows if row.live and matchmaking.matched(row.kind)),
                matchmaking.measure(work),
            )
            found.extend(matchmaking.find(work, row.uid, by) for row in matched)

        def keep(work: Work) -> None:
            for uid in gone:
                matchmaking.forget(work, uid)
                embeddings.forget(work, uid)
                profiles.forget(work, uid)
            matchmaking.keep(work, found)
            profiles.keep(work, [each for one in found for each in one.compiled])

        return keep


@dataclass
class Rematching(Matchmaking):
    """Every night, and after new statistics: everything matched before is matched again, while new listings go first
    elsewhere. Each stored pair has a demand, so demands are enough. Its cursor is its progress: whoever is killed is
    followed by the next one from there."""

    name: str = REMATCHING

    def reach(self, runtime: Runtime) -> int:
        with look(runtime) as work:
            return feed.position(work, REMATCHED_UNTIL)

    def handle(self, runtime: Runtime, rows: Sequence[Row]) -> Keep:
        return super().handle(runtime, [row for row in rows if row.live and row.kind == "demand"])


@dataclass
class Placing:
    """Lets listings be found by their meaning. It goes behind matchmaking, which does so itself with what is new: this
    one is for all that was there before the model was named, or the vectors were lost."""

    name: str = "placing"
    batch: int = 100

    def reach(self, runtime: Runtime) -> int:
        with look(runtime) as work:
            filled, passed = embeddings.ready(work), feed.position(work, MATCHMAKING)
            cursor = feed.position(work, self.name)
        if filled.model and filled.position < cursor:
            with begin(runtime) as work:
                feed.place(work, self.name, filled.position)
        return passed if filled.model else cursor

    def handle(self, runtime: Runtime, rows: Sequence[Row]) -> Keep:
        with look(runtime) as work:
            made = embeddings.place(work, rows, rows[-1].sequence)
        return lambda work: embeddings.keep(work, made)


@dataclass
class Notices:
    """Tells people what was found, after matchmaking has passed."""

    name: str = "notices"
    batch: int = 100

    def reach(self, runtime: Runtime) -> int:
        with look(runtime) as work:
            return feed.position(work, MATCHMAKING)

    def handle(self, runtime: Runtime, rows: Sequence[Row]) -> Keep:
        return lambda work: notices.tell_of_matches(work, rows)


def followers(runtime: Runtime) -> list[Turns]:
    """The sequencer and all readers, in the order in which a listing passes through them."""
    readers: list[Reader] = [Indexing(), Matchmaking(), Rematching(), Notices()]
    if runtime.settings.model_folder:
        readers.append(Placing())
    if runtime.settings.role == "national":
        readers[:0] = [Clustering(), Classifying()]
    return [Sequencer(runtime), *(Follower(runtime, reader) for reader in readers)]


def catch_up(runtime: Runtime) -> bool:
    """Bring the index up to the feed now. False when another process keeps the index: it will do it itself."""
    try:
        drain([Sequencer(runtime), Follower(runtime, Indexing())])
    except IndexLocked:
        return False
    return True


class Following:
    """The threads that follow the feed in this process."""

    def __init__(self, runtime: Runtime) -> None:
        self._loops = [
            Loop(f"feed-{number}", patient(follower), every=IDLE, bell=runtime.bell)
            for number, follower in enumerate(followers(runtime), start=1)
        ]
        self._uplink = Uplink(runtime)
        self._loops.append(Loop("uplink", self._uplink.turn, every=IDLE, bell=runtime.bell))

    def start(self) -> None:
        for loop in self._loops:
            loop.start()

    def ask_to_stop(self) -> None:
        for loop in self._loops:
            loop.ask_to_stop()

    def stop(self, seconds: float = GRACE) -> None:
        """Let each finish the batch it is at; all together are waited for so long."""
        if stop_all(self._loops, seconds):
            with suppress(Unavailable):
                self._uplink.give_back()
