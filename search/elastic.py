"""The engine of larger exchanges: Elasticsearch 8.

Epoch and position are a record of the index, written after the listings it speaks of are stored and can be found.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from elasticsearch import Elasticsearch

from search import searching
from search.breaker import State
from search.document import Changes, Document, Entry, Refused
from search.dsl import body, found
from search.elastic_calls import PATIENCE, Calls
from search.elastic_condition import condition
from search.elastic_index import Index
from search.elastic_shelf import Shelf
from search.elastic_terms import Remembered
from search.elastic_vectors import ElasticVectors
from search.engine import Condition, IndexBehind, SearchError
from search.fields import BODY, PAIRS
from search.plan import Found, Wanted
from search.query import Query, Results
from search.record import LIVE

DEFAULT_PREFIX = "giao"
"""Of index names, where the URL has no path."""
NO_INDEX = "there is no index yet"
CONNECTIONS = 32
"""Kept open at most: the threads of one web process."""


def open_engine(url: str) -> ElasticEngine:
    """The engine at `http(s)://[user:password@]host:port[/prefix]`. Nothing is asked before it is used.

    Raises `ValueError` for a prefix that cannot begin an index name.
    """
    parts = urlsplit(url)
    prefix = parts.path.strip("/") or DEFAULT_PREFIX
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", prefix):
        raise ValueError(f"an index prefix has small letters, digits and _ only: {prefix}")
    address = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
    client = Elasticsearch(address, max_retries=0, connections_per_node=CONNECTIONS)
    return ElasticEngine(Calls(client, parts.netloc.rpartition("@")[2]), prefix)


class ElasticEngine:
    """`Engine` on Elasticsearch."""

    name = "elasticsearch"

    def __init__(self, calls: Calls, prefix: str) -> None:
        self._calls = calls
        self._shelf = Shelf(calls, prefix)
        self.vectors = ElasticVectors(calls, prefix)
        self._terms = Remembered(self._counted, time.monotonic)

    # -- reading ---------------------------------------------------------------------------------------------------

    @property
    def epoch(self) -> str:
        return self.standing(PATIENCE)[0]

    @property
    def position(self) -> int:
        return self.standing(PATIENCE)[1]

    @property
    def furthest(self) -> int:
        name = self._shelf.serving()
        return Index(self._calls, name).furthest() if name else 0

    def standing(self, within: float) -> tuple[str, int]:
        return Index(self._calls, self._shelf.answering).note(within)

    def search(self, query: Query) -> Results:
        return searching.search(self, query)

    def like(self, document: Document, query: Query) -> Results:
        return searching.like(self, document, query)

    def count(self) -> int:
        live = {"term": {"state": LIVE}}
        answer = self._calls(lambda client: client.count(index=self._shelf.answering, query=live))
        return int(answer["count"])

    def entries(self) -> Iterator[Entry]:
        return self._serving().entries()

    def condition(self) -> Condition:
        return condition(self._shelf)

    @property
    def writer(self) -> str:
        """Nobody: Elasticsearch lets all write, and versions keep order."""
        return ""

    @property
    def circuit(self) -> State:
        return self._calls.breaker.state

    @property
    def alias(self) -> str:
        """Where an operator, or a benchmark, finds the index that answers."""
        return self._shelf.answering

    def _serving(self) -> Index:
        name = self._shelf.serving()
        if not name:
            raise SearchError(NO_INDEX)
        return Index(self._calls, name)

    # -- what `searching` asks -------------------------------------------------------------------------------------

    def frequencies(self, words: Sequence[str], pairs: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        return self._terms(words, pairs)

    def _counted(self, words: Sequence[str], pairs: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        """Counted on the vectors of a listing that is made up of these terms."""
        asked = {BODY.name: " ".join(words), PAIRS.name: " ".join(pairs)}
        vectors: Mapping[str, Any] = self._calls(
            lambda client: client.termvectors(
                index=self._shelf.answering, doc=asked, fields=list(asked), term_statistics=True,
                field_statistics=True, offsets=False, positions=False,
            )
        )["term_vectors"]  # fmt: skip
        terms = (term for vector in vectors.values() for term in vector["terms"].items())
        known = {term: counted["doc_freq"] for term, counted in terms if counted.get("doc_freq")}
        total = max((vector["field_statistics"]["doc_count"] for vector in vectors.values()), default=0)
        return total, known

    def find(self, wanted: Wanted) -> Found:
        asked = body(wanted)
        answer = self._calls(lambda client: client.search(index=self._shelf.answering, body=asked))
        return found(answer.body, wanted)

    # -- writing ---------------------------------------------------------------------------------------------------

    def start(self, epoch: str) -> None:
        index = Index(self._calls, self._shelf.make(epoch))
        index.put_note(epoch, 0)
        self._shelf.serve(index.name)
        self._terms.forget()

    def beside(self, epoch: str) -> ElasticFilling:
        index = Index(self._calls, self._shelf.make(epoch))
        return ElasticFilling(self._shelf, index, epoch, self._terms.forget)

    def back(self) -> None:
        former = self._shelf.former()
        if former and Index(self._calls, former).note()[0] != self.epoch:
            raise SearchError(
                "the former index was filled from another epoch of the feed: it cannot be taken back"
            )
        self._shelf.back()
        self._terms.forget()

    def apply(self, changes: Changes) -> tuple[Refused, ...]:
        index = self._serving()
        epoch, position = index.note()
        if not epoch:
            raise SearchError("the index has not been started")
        if position < changes.since:
            raise IndexBehind(f"the index {index.name} has come to {position} only, not to {changes.since}")
        refused = index.put(changes)
        index.refresh()
        index.put_note(epoch, max(position, changes.position))
        self._terms.forget()
        return refused

    def drop(self) -> None:
        self._shelf.drop()
        self.vectors.drop()

    def close(self) -> None:
        self._calls.close()


class ElasticFilling:
    """`Filling` on Elasticsearch."""

    def __init__(self, shelf: Shelf, index: Index, epoch: str, served: Callable[[], None]) -> None:
        self._shelf = shelf
        self._index = index
        self._epoch = epoch
        self._served = served
        self.name = index.name

    def apply(self, changes: Changes) -> tuple[Refused, ...]:
        return self._index.put(changes)

    def serve(self, position: int) -> None:
        self._index.refresh()
        self._index.put_note(self._epoch, position)
        self._shelf.serve(self.name)
        self._served()

    def give_up(self) -> None:
        """Asks the server what answers: a call that failed here may have been done there."""
        if self._shelf.serving() != self.name:
            self._shelf.remove(self.name)
