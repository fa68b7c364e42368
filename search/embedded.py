"""The engine inside the process: one Tantivy index in a folder, one writer, any number of readers.

`<directory>/<INDEX_VERSION>-<epoch>/` holds the index, `<directory>/writer.lock` says who writes it. Epoch and
position are a record of the index itself, so that they change in the same commit as the listings they speak of.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from urllib.parse import quote

import tantivy

from search import searching
from search.document import Changes, Document, Removal
from search.embedded_errors import spoken_to
from search.embedded_lock import WriterLock
from search.embedded_reading import Snapshot
from search.embedded_schema import as_document, register, schema
from search.engine import DocumentRefused, IndexDamaged, IndexLocked, SearchError
from search.fields import INDEX_VERSION
from search.query import Query, Results
from search.record import Value, gone, live, note

log = logging.getLogger("giao.search")

WRITER_MEMORY = 64_000_000  # bytes, above which a batch is written out before its commit


def open_engine(url: str) -> EmbeddedEngine:
    """The engine of `tantivy:<folder>`. A damaged index is given up, said aloud, and filled again by its reader."""
    directory = Path(url.partition(":")[2])
    try:
        return EmbeddedEngine.open(directory)
    except IndexDamaged as damage:
        log.warning("%s: it is given up and filled again from the database", damage)
        return EmbeddedEngine(directory, writable=True)


@dataclass
class _Opened:
    """An index on disk, and which of its states was read last."""

    path: Path
    index: tantivy.Index
    state: tuple[int, int] = (0, 0)

    @property
    def exists(self) -> bool:
        """False once another process has begun a new index elsewhere and dropped this one."""
        return (self.path / "meta.json").exists()

    def refresh(self) -> None:
        """See what was committed since, here or in another process. A look at one small file."""
        seen = os.stat(self.path / "meta.json")
        state = (seen.st_mtime_ns, seen.st_ino)
        if state != self.state:
            self.index.reload()
            self.state = state


class EmbeddedEngine:
    """`Engine` on Tantivy. Raises `IndexLocked` where it would write and another process does."""

    name = "tantivy"

    def __init__(self, directory: Path, *, writable: bool) -> None:
        self._directory = directory
        self._writable = writable
        self._lock = WriterLock(directory / "writer.lock")
        self._schema = schema()
        self._opened: _Opened | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._reading = threading.Lock()
        self._writing = threading.RLock()

    @classmethod
    def open(cls, directory: Path, *, writable: bool = True) -> EmbeddedEngine:
        """Open the index in the folder, which may not have one yet. Raises `IndexDamaged`.

        Nothing is locked before the first write, so that many processes may have the same index open.
        """
        engine = cls(directory, writable=writable)
        if engine._path() is not None:
            engine._snapshot()
        return engine

    # -- reading ---------------------------------------------------------------------------------------------------

    @property
    def epoch(self) -> str:
        return self._note()[0]

    @property
    def position(self) -> int:
        return self._note()[1]

    def search(self, query: Query) -> Results:
        return searching.search(self._snapshot(), query)

    def like(self, document: Document, query: Query) -> Results:
        return searching.like(self._snapshot(), document, query)

    def count(self) -> int:
        return self._snapshot().count()

    def versions(self) -> dict[str, int]:
        return self._snapshot().versions()

    @property
    def writer(self) -> str:
        return "" if self._lock.held else self._lock.holder()

    def _note(self) -> tuple[str, int]:
        """An index that is missing or damaged was never filled as far as its reader is concerned."""
        if self._path() is None:
            return "", 0
        try:
            return self._snapshot().note()
        except IndexDamaged:
            return "", 0

    def _path(self) -> Path | None:
        """The folder of the index of this version; while a new one is made there may be none."""
        found = sorted(self._directory.glob(f"{INDEX_VERSION}-*/meta.json"), key=os.path.getmtime)
        return found[-1].parent if found else None

    def _snapshot(self) -> Snapshot:
        with self._reading:
            if self._opened is None or not self._opened.exists:
                self._opened = self._open()
            with spoken_to("open", IndexDamaged):
                self._opened.refresh()
                return Snapshot(self._opened.index.searcher(), self._schema)

    def _open(self) -> _Opened:
        path = self._path()
        if path is None:
            raise SearchError(f"there is no index in {self._directory} yet")
        return _Opened(path, self._index(path))

    def _index(self, path: Path) -> tantivy.Index:
        """Open or make the index in this folder."""
        with spoken_to("open", IndexDamaged):
            index = tantivy.Index(self._schema, path=str(path))
            index.config_reader(reload_policy="manual")
            register(index)
            return index

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
            self._remove_all()
            path = self._directory / f"{INDEX_VERSION}-{quote(epoch, safe='')}"
            path.mkdir(parents=True)
            self._opened = _Opened(path, self._index(path))
            self._commit([note(epoch, 0)])

    def apply(self, changes: Changes) -> None:
        with self._writing, spoken_to("write"):
            self._own()
            snapshot = self._snapshot()
            epoch, position = snapshot.note()
            if not epoch:
                raise SearchError("the index has not been started")
            # One by one, so that Tantivy's own thread indexes a record while the next is analysed.
            records = (
                live(item) if isinstance(item, Document) else gone(item) for item in _newer(changes, snapshot)
            )
            self._commit(chain(records, [note(epoch, max(position, changes.position))]))

    def drop(self) -> None:
        with self._writing, self._reading, spoken_to("remove"):
            self._remove_all()

    def _remove_all(self) -> None:
        """Take every index out of the folder, those of other versions and epochs, too."""
        self._own()
        self._writer = self._opened = None
        for former in self._directory.glob("[0-9]*-*/"):
            shutil.rmtree(former)

    def close(self) -> None:
        with self._writing, self._reading:
            self._writer = self._opened = None
            self._lock.release()

    def _own(self) -> None:
        if not self.try_write():
            holder = self._lock.holder()
            raise IndexLocked(f"process {holder or 'unknown'} is writing the index in {self._directory}")

    def _commit(self, records: Iterable[dict[str, Value]]) -> None:
        """Put the records in place of those of the same uid, all at once and visible on return."""
        assert self._opened is not None
        if self._writer is None:
            self._writer = self._opened.index.writer(WRITER_MEMORY, 1)
        try:
            for record in records:
                self._put(record, self._writer)
            self._writer.commit()
        except BaseException:
            self._writer = None  # What it holds uncommitted goes with it; the next write begins afresh.
            raise
        self._opened.refresh()

    def _put(self, record: dict[str, Value], writer: tantivy.IndexWriter) -> None:
        try:
            document = as_document(record, self._schema)
        except (ValueError, TypeError, OverflowError) as error:
            raise DocumentRefused(f"{record['uid']}: {error}") from error
        writer.delete_documents_by_term("uid", record["uid"])
        writer.add_document(document)


def _newer(changes: Changes, snapshot: Snapshot) -> list[Document | Removal]:
    """What the index does not have yet: of each listing the newest that is newer than what it holds."""
    newest = snapshot.newest()
    found: dict[str, Document | Removal] = {}
    items: tuple[Document | Removal, ...] = (*changes.put, *changes.remove)
    for item in items:
        known = found[item.uid].version if item.uid in found else -1
        if item.version <= newest:
            known = max(known, snapshot.version_of(item.uid))
        if item.version > known:
            found[item.uid] = item
    return list(found.values())
