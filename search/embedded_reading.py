"""Answering from one state of a Tantivy index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tantivy
from tantivy import DocAddress, Query, Schema, Searcher, SearchResult

from search.document import Entry
from search.embedded_errors import spoken_to
from search.embedded_query import asked, beginning_after, counted
from search.fields import BODY, ORDERS, PAIRS
from search.plan import Found, Row, Wanted
from search.record import LIVE, NOTE_UID

MOST_CODES = 2_000
"""Codes counted of one facet; the largest list, fields and their parents, has fewer than 400."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The index as it stood when `searcher` was made. Safe for many threads."""

    searcher: Searcher
    schema: Schema

    @spoken_to("search")
    def frequencies(self, words: Sequence[str], pairs: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        asked = [(BODY.name, term) for term in words] + [(PAIRS.name, term) for term in pairs]
        counted = ((term, self.searcher.doc_freq(field, term)) for field, term in asked)
        return self.searcher.num_docs, {term: holding for term, holding in counted if holding}

    @spoken_to("search")
    def find(self, wanted: Wanted) -> Found:
        total, rows = self._by_relevance(wanted) if wanted.sort == "relevance" else self._by_field(wanted)
        return Found(total, rows, self._facets(wanted))

    def _by_relevance(self, wanted: Wanted) -> tuple[int, tuple[Row, ...]]:
        """A place is a rank: Tantivy cannot begin at a score, and skipping 50,000 costs it some milliseconds."""
        offset = wanted.offset + min(_place(wanted) or 0, self.searcher.num_docs)
        result = self.searcher.search(asked(wanted, self.schema), limit=wanted.size, offset=offset)
        hits = enumerate(result.hits, start=offset + 1)
        return _total(result), tuple(self._row(at, score, str(rank), wanted) for rank, (score, at) in hits)

    def _by_field(self, wanted: Wanted) -> tuple[int, tuple[Row, ...]]:
        """A place is the number that gives the order."""
        query, order, place = counted(wanted, self.schema), ORDERS[wanted.sort], _place(wanted)
        rest = query if place is None else beginning_after(query, order, place, self.schema)
        way = tantivy.Order.Desc if order.descending else tantivy.Order.Asc
        result = self.searcher.search(
            rest, limit=wanted.size, offset=wanted.offset, order_by_field=order.field, order=way
        )
        total = _total(result if place is None else self.searcher.search(query, limit=1))
        return total, tuple(self._row(at, 0.0, str(key), wanted) for key, at in result.hits)

    def _row(self, address: DocAddress, score: float, place: str, wanted: Wanted) -> Row:
        stored = self.searcher.doc(address)
        uid = _text(stored, "uid")
        if not wanted.texts:
            return Row(uid, score, place)
        return Row(uid, score, place, _text(stored, "title_text"), _text(stored, "body_text"))

    def _facets(self, wanted: Wanted) -> dict[str, dict[str, int]]:
        """Each facet counted as if its own conditions were not set, for people choose among its values by them."""
        together = [facet for facet in wanted.facets if facet not in wanted.conditions]
        found = self._counted(counted(wanted, self.schema), together, wanted) if together else {}
        for facet in wanted.facets:
            if facet in wanted.conditions:
                found |= self._counted(counted(wanted, self.schema, but=facet), [facet], wanted)
        return {facet: found[facet] for facet in wanted.facets}

    def _counted(self, query: Query, facets: Sequence[str], wanted: Wanted) -> dict[str, dict[str, int]]:
        counts = self.searcher.aggregate(query, {facet: _aggregation(facet, wanted) for facet in facets})
        return {facet: _buckets(counts[facet]["buckets"], wanted, facet) for facet in facets}

    @spoken_to("read")
    def entries(self) -> Iterator[Entry]:
        """The listings that can be found, by uid."""
        query = Query.term_query(self.schema, "state", LIVE, "basic")
        hits = self.searcher.search(query, limit=max(1, self.searcher.num_docs)).hits
        addresses = [address for _, address in hits]
        versions, marks = (
            self.searcher.fast_field_values(name, addresses) for name in ("version", "fingerprint")
        )
        found = zip(map(self._uid, addresses), versions, marks, strict=True)
        return (Entry(uid, int(version or 0), int(mark or 0)) for uid, version, mark in sorted(found))

    def version_of(self, uid: str) -> int:
        """The version of a listing, or of its removal; -1 when the index knows nothing of it."""
        hits = self.searcher.search(
            Query.term_query(self.schema, "uid", uid, "basic"), limit=1, count=False
        ).hits
        return int(self.searcher.fast_field_values("version", [hits[0][1]])[0] or 0) if hits else -1

    def newest(self) -> int:
        """The highest version in the index."""
        hits = self.searcher.search(Query.all_query(), limit=1, count=False, order_by_field="version").hits
        return int(hits[0][0]) if hits else -1

    @spoken_to("read")
    def count(self) -> int:
        return _total(self.searcher.search(Query.term_query(self.schema, "state", LIVE, "basic"), limit=1))

    @spoken_to("read")
    def note(self) -> tuple[str, int]:
        """The epoch and the position of this state; empty and 0 where none was ever written."""
        hits = self.searcher.search(Query.term_query(self.schema, "uid", NOTE_UID, "basic"), limit=1).hits
        if not hits:
            return "", 0
        stored = self.searcher.doc(hits[0][1])
        return _text(stored, "title_text"), self.version_of(NOTE_UID)

    def _uid(self, address: DocAddress) -> str:
        return _text(self.searcher.doc(address), "uid")


def _place(wanted: Wanted) -> int | None:
    """Where to begin; None at the beginning, also when the place is not one of ours."""
    ours = wanted.after.isascii() and wanted.after.isdigit() and int(wanted.after) < 2**63
    return int(wanted.after) if ours else None


def _total(result: SearchResult) -> int:
    total: int = result.count  # type: ignore[attr-defined]  # The library's stub forgets it.
    return total


def _text(stored: tantivy.Document, name: str) -> str:
    value = stored.get_first(name)
    return value if isinstance(value, str) else bytes(value or b"").decode()


def _aggregation(facet: str, wanted: Wanted) -> dict[str, Any]:
    if facet != "updated":
        return {"terms": {"field": facet, "size": MOST_CODES}}
    starts = sorted(wanted.since.values())
    ends = [*starts[1:], None]
    ranges = [
        {"from": start, "to": end} if end else {"from": start}
        for start, end in zip(starts, ends, strict=True)
    ]
    return {"range": {"field": "updated", "ranges": ranges}}


def _buckets(buckets: Sequence[Mapping[str, Any]], wanted: Wanted, facet: str) -> dict[str, int]:
    if facet != "updated":
        return {bucket["key"]: bucket["doc_count"] for bucket in buckets}
    # Tantivy's ranges must not overlap, while a window holds all narrower ones.
    return {
        name: sum(bucket["doc_count"] for bucket in buckets if bucket.get("from", -1) >= start)
        for name, start in wanted.since.items()
    }
