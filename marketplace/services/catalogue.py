"""What anyone may find and read: search, one listing as published, listings like it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from marketplace.errors import Gone, NotFound
from marketplace.services import feed, indexing, term_tables
from marketplace.services.classification import layer as layers
from marketplace.services.clusters import showing
from marketplace.services.feed import Row
from marketplace.work import Work
from search import plain
from search.engine import SearchError
from search.query import Hit, Passage, Query, Results
from search.translating import translated
from vocabulary.listing import Content, from_record

LOOKED_THROUGH = 300
"""Of the newest listings of a kind while the engine is away: some 30 ms of reading."""
log = logging.getLogger("giao.search")


@dataclass(frozen=True, slots=True)
class Public:
    """A published listing as anyone sees it."""

    uid: str
    kind: str
    origin: str
    rev: int
    content: Content
    organisation: Mapping[str, Any] = field(default_factory=dict)
    """id, name, name_en, kind, province; empty when the organisation is hidden."""
    mark: str = ""
    ground: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    expires_at: datetime | None = None
    arrived_at: datetime | None = None
    """When this revision came into our feed: of another exchange's listing the moment it was synchronised."""
    source: Mapping[str, Any] = field(default_factory=dict)
    """Of a harvested listing url (its page there, or nothing), creators, dates, identifiers and rights; else empty."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One listing in a page of results, and the passages that answered."""

    listing: Public
    score: float
    passages: Mapping[str, Passage] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    """Other exchanges that list the same technology."""


ALSO = 8
"""Terms of other languages that a page of results names."""


@dataclass(frozen=True, slots=True)
class Page:
    results: Results
    findings: tuple[Finding, ...]
    limited: bool = False
    """Whether the engine was away, and only the newest listings were looked through, by their titles."""
    also: tuple[tuple[str, str], ...] = ()
    """What was looked for in other languages: language and term."""


def search_or_look(work: Work, query: Query) -> Page:
    """As `search`; while the engine is away what the database itself can answer, and that it is so."""
    try:
        return search(work, query)
    except SearchError as error:
        log.warning("search is limited: %s", error)
        return _looked_through(work, query)


def _looked_through(work: Work, query: Query) -> Page:
    found = feed.newest(work, query.kinds, LOOKED_THROUGH)
    hidden = showing.stood_for(work, [row.uid for row in found])
    rows = {row.uid: row for row in found if row.uid not in hidden}
    laid = layers.laid(work, rows)
    documents = (indexing.document(row, laid.get(uid)) for uid, row in rows.items())
    uids = [one.uid for one in plain.meeting(documents, query)]
    start = (query.page - 1) * query.size
    shown = tuple(Finding(public(rows[uid]), 0.0) for uid in uids[start : start + query.size])
    return Page(Results(len(uids), facets={facet: {} for facet in query.facets}), shown, limited=True)


def search(work: Work, query: Query) -> Page:
    """Ask the engine, then read the listings it names with one SELECT, in its order.

    A listing that was withdrawn a moment ago and is still in the index is left out. Raises `SearchError`.
    """
    put = asked(work, query)
    results = work.runtime.engine.search(put)
    also = ((each.language, term) for each in put.translations for term in each.said)
    return Page(results, findings(work, results.hits), also=tuple(islice(also, ALSO)))


def asked(work: Work, query: Query) -> Query:
    """The question as it is put to the engine: in every language that the exchange's term table leads to."""
    return translated(query, term_tables.current(work))


def total(work: Work, query: Query) -> int:
    """How many listings the question finds. Raises `SearchError`."""
    return work.runtime.engine.search(asked(work, query)).total


def counts(work: Work, query: Query) -> dict[str, int]:
    """How many of them are of each kind. Raises `SearchError`."""
    found = work.runtime.engine.search(asked(work, replace(query, size=0, facets=("kind",))))
    return dict(found.facets.get("kind", {}))


def listing(work: Work, uid: str) -> Public:
    """One published listing. Raises `NotFound`, or `Gone` with when and why it is no longer public."""
    row = feed.row(work, uid)
    if row is None or row.kind not in feed.LISTED:
        raise NotFound("listing_not_found")
    if not row.live:
        reason = "erased" if row.op == "erase" else row.body
        raise Gone("listing_gone", reason=reason, day=row.published_at, exchange=row.origin)
    return public(row)


def published(work: Work, uids: Sequence[str]) -> dict[str, Public]:
    """Those of the listings that are public now."""
    rows = feed.rows(work, uids).values()
    return {row.uid: public(row) for row in rows if row.live and row.kind in feed.LISTED}


def public(row: Row) -> Public:
    """The public face of a live row of the feed."""
    body = row.body
    return Public(
        uid=row.uid,
        kind=row.kind,
        origin=row.origin,
        rev=row.rev,
        content=from_record(body["content"]),
        organisation=body.get("organisation") or {},
        mark=body.get("mark", ""),
        ground=body.get("ground", ""),
        published_at=_moment(body.get("published_at")),
        updated_at=_moment(body.get("updated_at")),
        expires_at=_moment(body.get("expires_at")),
        arrived_at=row.published_at,
        source=body.get("source") or {},
    )


def homes(work: Work, uid: str) -> list[Public]:
    """The technology of this listing on every exchange that lists it, the one that is found in the search first; of a
    listing that stands alone, nothing."""
    return [public(row) for row in showing.group(work, uid)]


def findings(work: Work, hits: Sequence[Hit]) -> tuple[Finding, ...]:
    listings = published(work, [hit.uid for hit in hits])
    others = showing.gathered(work, list(listings)).others
    return tuple(
        Finding(listings[hit.uid], hit.score, hit.passages, _origins(others.get(hit.uid, ())))
        for hit in hits
        if hit.uid in listings
    )


def _origins(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.origin for row in rows))


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
