"""The protocol both engines keep. The contract tests in `tests/contract/` are its definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from search.breaker import State
from search.document import Changes, Document, Entry, Refused
from search.query import Query, Results
from search.vectors import Vectors


class SearchError(Exception):
    """The engine cannot answer now. `str()` says why, and what to do, in a sentence; nothing was changed."""


class IndexLocked(SearchError):
    """Another process holds the index for writing; reading goes on."""


class IndexDamaged(SearchError):
    """The index cannot be opened; it is to be filled again from the database."""


class IndexBehind(SearchError):
    """The index has not come as far as the changes begin: another took its place, or an older one was put back."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How an engine is, for those who look after it: one line, and what is wrong with it, each with its mend."""

    told: str
    faults: tuple[str, ...] = ()


class Filling(Protocol):
    """A new index that is filled beside the one that answers. Not to be used from two threads at once."""

    name: str

    def apply(self, changes: Changes) -> tuple[Refused, ...]:
        """Put and remove, in the order of the feed; to be found once it serves."""

    def serve(self, position: int) -> None:
        """Let this index answer from now on, complete up to `position`. The one before it is kept, older ones go."""

    def give_up(self) -> None:
        """Remove what was filled. Does nothing once it serves."""


class Engine(Protocol):
    """A search engine that lets one index of one epoch answer, and keeps the one before it.

    All methods raise `SearchError` when the engine is away, and within its own limit of time. Reading is safe from
    many threads.
    """

    name: str

    @property
    def epoch(self) -> str:
        """The feed epoch this index was filled from; empty for an index that never was."""

    @property
    def position(self) -> int:
        """The feed sequence up to which the index is committed and visible."""

    @property
    def furthest(self) -> int:
        """The highest feed sequence in all it holds. That is `position`, but for a process that died between storing a
        batch and noting how far it has come."""

    def standing(self, within: float) -> tuple[str, int]:
        """Epoch and position for who cannot wait: at the latest after so many seconds."""

    @property
    def writer(self) -> str:
        """The number of the other process that alone may write this index now; empty where we may, too."""

    @property
    def circuit(self) -> State:
        """Whether this process asks the engine's server at all: open for a while after it failed again and again.

        Always closed where there is no server.
        """

    @property
    def vectors(self) -> Vectors:
        """Where listings lie by a sentence model, kept beside the index and dropped with it."""

    def start(self, epoch: str) -> None:
        """Let a new, empty index of `epoch` answer, to be filled by `apply`. The one before it is kept, older ones go."""

    def beside(self, epoch: str) -> Filling:
        """Make a new index for `epoch`, while the present one goes on answering and being written."""

    def back(self) -> None:
        """Let the index before this one answer again, and keep this one in its place; twice is as if never.

        Raises `SearchError` when none is kept, or only one of another epoch or version.
        """

    def apply(self, changes: Changes) -> tuple[Refused, ...]:
        """Put and remove in one commit, visible on return; older versions never win. Repeating it changes nothing.

        What no engine of this kind can hold is left out and returned; everything else goes in. Of a listing and a
        removal of the same version the removal wins. Raises `IndexBehind`.
        """

    def search(self, query: Query) -> Results: ...

    def like(self, document: Document, query: Query) -> Results:
        """Listings whose words are like the document's; `query` filters, its text is ignored."""

    def count(self) -> int: ...

    def entries(self) -> Iterator[Entry]:
        """All that is indexed, by uid, as it stood when the first was asked for: to be compared with the database."""

    def condition(self) -> Condition:
        """Version and names, and whatever an operator should mend. Raises `SearchError` when nothing can be said."""

    def drop(self) -> None:
        """Remove every index, for an exchange that is given up. Another process must not be writing it."""

    def close(self) -> None: ...
