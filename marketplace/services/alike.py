"""Listings like the one that is read: found by its words and by where it lies, put in order by its meaning."""

from __future__ import annotations

from dataclasses import replace

from marketplace.errors import NotFound
from marketplace.services import catalogue, embeddings, feed, indexing, matchmaking, profiles, statistics
from marketplace.services.catalogue import Finding
from marketplace.services.clusters import showing
from marketplace.services.embeddings import Embedded
from marketplace.services.feed import Row
from marketplace.work import Work
from matching.alike import alike
from search.query import Hit, Query

SHOWN = 4
LOOKED_AT = 24
"""Listings in the same words that are compared by their meaning, where a few are to be shown."""


def like(work: Work, uid: str, *, limit: int = SHOWN) -> tuple[Finding, ...]:
    """Listings of the same kind that are like this one. Raises `SearchError` or `NotFound`."""
    row = feed.row(work, uid)
    if row is None or not row.live or row.kind not in feed.LISTED:
        raise NotFound("listing_not_found")
    return catalogue.findings(work, nearest(work, row, limit=limit))


def nearest(work: Work, row: Row, *, limit: int, made: tuple[Embedded, ...] = ()) -> list[Hit]:
    """What the engine finds with a listing's own words, the nearest in meaning first. Initiatives have no profile to
    compare, so theirs stay in the engine's order. `made` is what a sentence model makes of a listing not stored."""
    itself, size = (row.uid, *showing.mates(work, row.uid)), max(limit, LOOKED_AT)
    query = Query(kinds=(row.kind,), exclude=itself, size=size)
    hits = {hit.uid: hit for hit in work.runtime.engine.like(indexing.document(row), query).hits}
    if not matchmaking.matched(row.kind):
        return list(hits.values())[:limit]
    near = embeddings.nearest(work, embeddings.direction(work, row, made), row.kind, size + len(itself))
    hits = {uid: Hit(uid, 0.0) for uid in near if uid not in itself} | hits
    snapshot = statistics.current(work)
    directions = embeddings.directions(work, [row.uid, *hits], snapshot.encoder, made)
    others, _ = profiles.ready(work, hits, snapshot, directions)
    (built,) = profiles.built(work, [row])
    subject = replace(built, embedding=directions.get((row.uid, row.rev), b""))
    return [hits[uid] for uid in alike(subject, others, snapshot, limit)]
