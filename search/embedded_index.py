"""One Tantivy index in its folder: opened, read as it stands, and written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import tantivy

from search.document import Changes, Document, Refused, Removal
from search.embedded_errors import spoken_to
from search.embedded_reading import Snapshot
from search.embedded_schema import as_document, register, schema
from search.engine import IndexBehind, IndexDamaged, SearchError
from search.record import Value, gone, live, note

WRITER_MEMORY = 64_000_000  # bytes, above which a batch is written out before its commit
SCHEMA = schema()


class Index:
    """An index by its own folder: what is begun on it ends on it, whatever answers meanwhile.

    Opening one where there is none makes it. Raises `IndexDamaged`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state = (0, 0)
        self._writer: tantivy.IndexWriter | None = None
        with spoken_to("open", IndexDamaged):
            self._index = tantivy.Index(SCHEMA, path=str(path))
            self._index.config_reader(reload_policy="manual")
            register(self._index)

    def snapshot(self) -> Snapshot:
        """The index as it stands, with what was committed since in another process. A look at one small file."""
        with spoken_to("open", IndexDamaged):
            seen = os.stat(self.path / "meta.json")
            state = (seen.st_mtime_ns, seen.st_ino)
            if state != self._state:
                self._index.reload()
                self._state = state
            return Snapshot(self._index.searcher(), SCHEMA)

    def apply(self, changes: Changes) -> tuple[Refused, ...]:
        """All in one commit, visible on return; what was refused."""
        snapshot = self.snapshot()
        epoch, position = snapshot.note()
        if not epoch:
            raise SearchError("the index has not been started")
        if position < changes.since:
            raise IndexBehind(
                f"the index {self.path.name} has come to {position} only, not to {changes.since}"
            )
        refused = self.put(_newer(changes, snapshot))
        self.commit(epoch, max(position, changes.position))
        return refused

    def put(self, items: Iterable[Document | Removal]) -> tuple[Refused, ...]:
        """In place of those of the same uid, to be committed later; what was refused."""
        refused = []
        with self._or_nothing() as writer:
            # One by one, so that Tantivy's own thread indexes a record while the next is analysed.
            for item in items:
                record = live(item) if isinstance(item, Document) else gone(item)
                if reason := _put(record, writer):
                    refused.append(Refused(item.uid, reason))
        return tuple(refused)

    def commit(self, epoch: str, position: int) -> None:
        """Make what was put visible, and note in the same commit how far the index has come."""
        with self._or_nothing() as writer:
            _put(note(epoch, position), writer)
            writer.commit()
        self.snapshot()

    @contextmanager
    def _or_nothing(self) -> Iterator[tantivy.IndexWriter]:
        """The writer. Where a change fails, what it holds uncommitted goes with it."""
        if self._writer is None:
            self._writer = self._index.writer(WRITER_MEMORY, 1)
        try:
            yield self._writer
        except BaseException:
            self.let_go()
            raise

    def let_go(self) -> None:
        """Give up the right to write, and what was put and not committed."""
        self._writer = None


def _put(record: dict[str, Value], writer: tantivy.IndexWriter) -> str:
    """Put a record in place of the one of the same uid; why it cannot be, else empty."""
    try:
        document = as_document(record, SCHEMA)
    except (ValueError, TypeError, OverflowError) as error:
        return str(error)
    writer.delete_documents_by_term("uid", record["uid"])
    writer.add_document(document)
    return ""


def _newer(changes: Changes, snapshot: Snapshot) -> Iterator[Document | Removal]:
    """What the index does not have yet: of each listing the newest, and a removal rather than a listing."""
    newest = snapshot.newest()
    found: dict[str, Document | Removal] = {}
    items: tuple[Document | Removal, ...] = (*changes.put, *changes.remove)
    for item in items:
        rank = (item.version, isinstance(item, Removal))
        other = found.get(item.uid)
        if other is not None and rank <= (other.version, isinstance(other, Removal)):
            continue
        if item.version <= newest and rank <= (snapshot.version_of(item.uid), False):
            continue
        found[item.uid] = item
    return iter(found.values())
