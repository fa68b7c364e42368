"""The engine inside the process: Tantivy indices in a folder, one writer, any number of readers.

`<directory>/writer.lock` says who writes the index that answers, `filling.lock` who fills a new one beside it. Epoch and
position are a record of the index itself, so that they change in the same commit as the listings they speak of.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from search import searching
from search.breaker import State
from search.document import Changes, Document, Entry, Refused
from search.embedded_errors import spoken_to
from search.embedded_index import Index
from search.embedded_lock import WriterLock
from search.embedded_reading import Snapshot
from search.embedded_shelf import Shelf
from search.embedded_vectors import EmbeddedVectors
from search.engine import Condition, IndexDamaged, IndexLocked, SearchError
from search.fields import INDEX_VERSION
from search.query import Query, Results

log = logging.getLogger("giao.search")


def open_engine(url: str) -> EmbeddedEngine:
    """The engine of `tantivy:<folder>`. A damaged index is given up, said aloud, and filled again by its reader."""
    directory = Path(url.partition(":")[2])
    try:
        return EmbeddedEngine.open(directory)
    except IndexDamaged as damage:
        log.warning("%s: it is given up and filled again from the database", damage)
    except SearchError as error:
        log.warning("%s", error)  # As is whatever is asked of it, until that is mended.
    return EmbeddedEngine(directory, writable=True)


class EmbeddedEngine:
    """`Engine` on Tantivy. Raises `IndexLocked` where it would write and another process does."""

    name = "tantivy"
    circuit: State = "closed"

    def __init__(self, directory: Path, *, writable: bool) -> None:
        self._directory = directory
        self._writable = writable
        self._shelf = Shelf(directory)
        self._lock = WriterLock(directory / "writer.lock")
        self.vectors = EmbeddedVectors(directory / "vectors.db")
        self._index: Index | None = None
        self._reading = threading.Lock()
        self._writing = threading.RLock()

    @classmethod
    def open(cls, directory: Path, *, writable: bool = True) -> EmbeddedEngine:
        """Open the index in the folder, which may not have one yet. Raises `IndexDamaged`.

        Nothing is locked before the first write, so that many processes may have the same index open.
        """
        engine = cls(directory, writable=writable)
        if engine._shelf.serving() is not None:
            engine._snapshot()
        return engine

    # -- reading ---------------------------------------------------------------------------------------------------

    @property
    def epoch(self) -> str:
        return self._note()[0]

    @property
    def position(self) -> int:
        return self._note()[1]

    @property
    def furthest(self) -> int:
        return self.position

    def standing(self, within: float) -> tuple[str, int]:
        return self._note()

    def search(self, query: Query) -> Results:
        return searching.search(self._snapshot(), query)

    def like(self, document: Document, query: Query) -> Results:
        return searching.like(self._snapshot(), document, query)

    def count(self) -> int:
        return self._snapshot().count()

    def entries(self) -> Iterator[Entry]:
        return self._snapshot().entries()

    def condition(self) -> Condition:
        serving, former = self._shelf.serving(), self._shelf.former()
        hindrance = self._shelf.hindrance()
        return Condition(
            f"Tantivy {version('tantivy')} in {self._directory}, index version {INDEX_VERSION}: "
            f"{serving.name if serving else 'none yet'}; before it: {former.name if former else 'none'}",
            (hindrance,) if hindrance else (),
        )

    @property
    def writer(self) -> str:
        return "" if self._lock.held else self._lock.holder()

    def _note(self) -> tuple[str, int]:
        """An index that is missing or damaged was never filled as far as its reader is concerned."""
        if self._shelf.serving() is None:
            return "", 0
        try:
            return self._snapshot().note()
        except IndexDamaged:
            return "", 0

    def _snapshot(self) -> Snapshot:
        with self._reading:
            return self._current().snapshot()

    def _current(self) -> Index:
        """The index that answers; another process may have let another one do so meanwhile."""
        path = self._shelf.serving()
        if path is None:
            raise SearchError(f"there is no index in {self._directory} yet")
        if self._index is None or self._index.path != path:
            self._index = Index(path)
        return self._index

    # -- writing ---------------------------------------------------------------------------------------------------

    def try_write(self) -> bool:
        """Take the writer's lock if nobody else has it; whether it is ours now. It is kept until `close`."""
        if not self._writable:
            return False
        self._directory.mkdir(parents=True, exist_ok=True)
        with self._writing:
            return self._lock.take()

    def start(self, epoch: str) -> None:
        with self._writing, self._reading, spoken_to("make"):
            self._own()
            index = Index(self._shelf.make(epoch))
            index.commit(epoch, 0)
            self._index = index
            self._shelf.serve(index.path)

    def beside(self, epoch: str) -> EmbeddedFilling:
        self._directory.mkdir(parents=True, exist_ok=True)
        lock = WriterLock(self._directory / "filling.lock")
        if not self._writable or not lock.take():
            raise IndexLocked(
                f"process {lock.holder() or 'unknown'} is filling a new index in {self._directory}"
            )
        with spoken_to("make"):
            return EmbeddedFilling(self._shelf, epoch, lock)

    def back(self) -> None:
        with self._writing, self._reading, spoken_to("take back"):
            former = self._shelf.former()
            if former and former.name.startswith(f"{INDEX_VERSION}-"):
                epoch = self._current().snapshot().note()[0]
                if Index(former).snapshot().note()[0] != epoch:
                    told = "the former index was filled from another epoch of the feed"
                    raise SearchError(f"{told}: it cannot be taken back")
            self._shelf.back()

    def apply(self, changes: Changes) -> tuple[Refused, ...]:
        with self._writing, spoken_to("write"):
            self._own()
            with self._reading:
                index = self._current()
            return index.apply(changes)

    def drop(self) -> None:
        with self._writing, self._reading, spoken_to("remove"):
            self._own()
            self._index = None
            self._shelf.drop()
            self.vectors.drop()

    def close(self) -> None:
        with self._writing, self._reading:
            self._index = None
            self._lock.release()

    def _own(self) -> None:
        if not self.try_write():
            holder = self._lock.holder()
            raise IndexLocked(f"process {holder or 'unknown'} is writing the index in {self._directory}")


class EmbeddedFilling:
    """`Filling` on Tantivy. Another process may write the index that answers meanwhile."""

    def __init__(self, shelf: Shelf, epoch: str, lock: WriterLock) -> None:
        self._shelf = shelf
        self._epoch = epoch
        self._lock = lock
        self._index = Index(shelf.make(epoch))
        self.name = self._index.path.name

    def apply(self, changes: Changes) -> tuple[Refused, ...]:
        """Nothing is committed before the end: what comes later in the feed replaces what came before."""
        with spoken_to("fill"):
            return self._index.put((*changes.put, *changes.remove))

    def serve(self, position: int) -> None:
        with spoken_to("fill"):
            self._index.commit(self._epoch, position)
            self._index.let_go()
            self._shelf.serve(self._index.path)
        self._lock.release()

    def give_up(self) -> None:
        self._index.let_go()
        if self._shelf.serving() != self._index.path:
            self._shelf.remove(self._index.path)
        self._lock.release()
