"""The engine of larger exchanges: Elasticsearch 8.

`<prefix>-v<INDEX_VERSION>-<epoch>` is the index, `<prefix>-v<INDEX_VERSION>` its alias, by which all speak to it.
Epoch and position are a record of the index, written after the listings it speaks of are stored and can be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from elasticsearch import ApiError, ConflictError, Elasticsearch, NotFoundError, TransportError

from search import searching
from search.document import Changes, Document
from search.dsl import body, found
from search.engine import DocumentRefused, SearchError
from search.fields import BODY, INDEX_VERSION, PAIRS
from search.mapping import WINDOW, index_body
from search.plan import Found, Wanted
from search.query import Query, Results
from search.record import LIVE, NOTE_UID, Value, gone, live, note

PATIENCE = 10.0  # seconds that an answer may take
BULK = 500  # records in one request
UNREADABLE = (400, 413)
"""Statuses of a request that would be refused again: not readable, or too large."""
DEFAULT_PREFIX = "giao"
"""Of index names, where the URL has no path."""


def open_engine(url: str) -> ElasticEngine:
    """The engine at `http(s)://[user:password@]host:port[/prefix]`. Nothing is asked before it is used.

    Raises `ValueError` for a prefix that cannot begin an index name.
    """
    parts = urlsplit(url)
    prefix = parts.path.strip("/") or DEFAULT_PREFIX
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", prefix):
        raise ValueError(f"an index prefix has small letters, digits and _ only: {prefix}")
    address = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
    return ElasticEngine(Elasticsearch(address, request_timeout=PATIENCE, max_retries=0), prefix)


class ElasticEngine:
    """`Engine` on Elasticsearch."""

    name = "elasticsearch"

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self._family = f"{prefix}-v"
        self._alias = f"{prefix}-v{INDEX_VERSION}"

    # -- reading ---------------------------------------------------------------------------------------------------

    @property
    def epoch(self) -> str:
        return self._note()[0]

    @property
    def position(self) -> int:
        return self._note()[1]

    def search(self, query: Query) -> Results:
        return searching.search(self, query)

    def like(self, document: Document, query: Query) -> Results:
        return searching.like(self, document, query)

    def count(self) -> int:
        with _spoken_to():
            return int(self._client.count(index=self._alias, query={"term": {"state": LIVE}})["count"])

    def versions(self) -> dict[str, int]:
        listed: dict[str, int] = {}
        last: list[Any] = []
        while True:
            page = self._versions_after(last)
            if not page:
                return listed
            listed.update((hit["_id"], hit["fields"]["version"][0]) for hit in page)
            last = page[-1]["sort"]

    def _versions_after(self, last: list[Any]) -> Sequence[Mapping[str, Any]]:
        with _spoken_to():
            answer = self._client.search(
                index=self._alias,
                query={"term": {"state": LIVE}},
                docvalue_fields=[{"field": "version"}],
                source=False,
                sort="uid",
                size=WINDOW - 1,
                search_after=last or None,
            )
        hits: list[Mapping[str, Any]] = answer["hits"]["hits"]
        return hits

    def _note(self) -> tuple[str, int]:
        with _spoken_to():
            try:
                kept = self._client.get(index=self._alias, id=NOTE_UID)["_source"]
            except NotFoundError:
                return "", 0
        return kept["title_text"], int(kept["version"])

    @property
    def writer(self) -> str:
        """Nobody: Elasticsearch lets all write, and versions keep order."""
        return ""

    # -- what `searching` asks -------------------------------------------------------------------------------------

    def frequencies(self, words: Sequence[str], pairs: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        """Counted on the vectors of a listing that is made up of these terms."""
        asked = {BODY.name: " ".join(words), PAIRS.name: " ".join(pairs)}
        with _spoken_to():
            vectors = self._client.termvectors(
                index=self._alias,
                doc=asked,
                fields=list(asked),
                term_statistics=True,
                field_statistics=True,
                offsets=False,
                positions=False,
            )["term_vectors"]
        terms = (term for vector in vectors.values() for term in vector["terms"].items())
        known = {term: counted["doc_freq"] for term, counted in terms if counted.get("doc_freq")}
        total = max((vector["field_statistics"]["doc_count"] for vector in vectors.values()), default=0)
        return total, known

    def find(self, wanted: Wanted) -> Found:
        with _spoken_to():
            return found(self._client.search(index=self._alias, body=body(wanted)).body, wanted)

    # -- writing ---------------------------------------------------------------------------------------------------

    def start(self, epoch: str) -> None:
        index = f"{self._alias}-{re.sub('[^a-z0-9]', '_', epoch.lower())}"
        with _spoken_to():
            self.drop()
            self._client.indices.create(index=index, **index_body(), aliases={self._alias: {}})
            self._put_note(epoch, 0)

    def apply(self, changes: Changes) -> None:
        epoch, position = self._note()
        if not epoch:
            raise SearchError("the index has not been started")
        records = iter([*map(live, changes.put), *map(gone, changes.remove)])
        refused: list[str] = []
        with _spoken_to():
            while part := list(islice(records, BULK)):
                refused.extend(self._put(part))
            self._client.indices.refresh(index=self._alias)
            if refused:
                raise DocumentRefused("; ".join(refused[:3]))
            self._put_note(epoch, max(position, changes.position))

    def _put(self, records: Sequence[Mapping[str, Value]]) -> list[str]:
        """Store records in place of older ones of the same uid; what was refused, and why."""
        lines: list[Mapping[str, Any]] = []
        for record in records:
            lines.append(
                {"index": {"_id": record["uid"], "version": record["version"], "version_type": "external"}}
            )
            lines.append(record)
        try:
            answer = self._client.bulk(index=self._alias, operations=lines, require_alias=True)
        except ApiError as error:
            if error.status_code in UNREADABLE:
                return [f"the request as a whole: {error.message}"]
            raise
        return list(_refused(answer["items"])) if answer["errors"] else []

    def _put_note(self, epoch: str, position: int) -> None:
        record = note(epoch, position)
        try:
            self._client.index(
                index=self._alias,
                id=NOTE_UID,
                document=record,
                version=position + 1,
                version_type="external_gte",
                require_alias=True,
            )
        except ConflictError:
            return  # Another process has come further meanwhile.

    def drop(self) -> None:
        """Remove the index and all former ones of this prefix."""
        with _spoken_to():
            names = list(self._client.indices.get(index=f"{self._family}*", features=["aliases"]))
            if names:
                self._client.indices.delete(index=names)

    def close(self) -> None:
        self._client.close()


def _refused(items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What one listing was refused for. 409 says that the index has this version or a newer one: that is done.

    Raises `SearchError` where the server only had too much to do.
    """
    for item in items:
        result = item["index"]
        if result["status"] in (429, 503):
            raise SearchError(f"the search engine is overloaded: {result['error']['reason']}")
        if result["status"] >= 400 and result["status"] != 409:
            yield f"{result['_id']}: {result['error']['type']}: {result['error']['reason']}"


@contextmanager
def _spoken_to() -> Iterator[None]:
    """Say in our words why the server did not answer."""
    try:
        yield
    except NotFoundError as error:
        raise SearchError("there is no index yet") from error
    except (ApiError, TransportError) as error:
        raise SearchError(f"the search engine does not answer: {error}") from error
