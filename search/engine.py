"""The protocol both engines keep. The contract tests in `tests/contract/test_engines.py` are its definition."""

from __future__ import annotations

from typing import Protocol

from search.document import Changes, Document
from search.query import Query, Results


class SearchError(Exception):
    """The engine cannot answer now. `str()` says why in one sentence; nothing was changed."""


class IndexLocked(SearchError):
    """Another process holds the index for writing; reading goes on."""


class IndexDamaged(SearchError):
    """The index cannot be opened; it is to be filled again from the database."""


class DocumentRefused(ValueError):
    """A document cannot be indexed, now or later; the index has not moved its position. `str()` says which and why."""


class Engine(Protocol):
    """A search engine that holds one index of one epoch.

    All methods raise `SearchError` when the engine is away. Reading is safe from many threads.
    """

    name: str

    @property
    def epoch(self) -> str:
        """The feed epoch this index was filled from; empty for an index that never was."""

    @property
    def position(self) -> int:
        """The feed sequence up to which the index is committed and visible."""

    @property
    def writer(self) -> str:
        """The number of the other process that alone may write this index now; empty where we may, too."""

    def start(self, epoch: str) -> None:
        """Make a new, empty index for `epoch` and begin writing to it; the one before it is dropped."""

    def apply(self, changes: Changes) -> None:
        """Put and remove in one commit, visible on return; older versions never win. Repeating it changes nothing.

        Raises `DocumentRefused` for a document that no engine of this kind can hold.
        """

    def search(self, query: Query) -> Results: ...

    def like(self, document: Document, query: Query) -> Results:
        """Listings whose words are like the document's; `query` filters, its text is ignored."""

    def count(self) -> int: ...

    def versions(self) -> dict[str, int]:
        """uid -> version of all that is indexed, to be compared with the database."""

    def drop(self) -> None:
        """Remove the index, for an exchange that is given up. Another process must not be writing it."""

    def close(self) -> None: ...
