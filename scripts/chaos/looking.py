"""What is on an exchange of a run, as its database says it and as people find it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from exchange.canonical import canonical
from exchange.reconcile import root
from marketplace.models.exchanges import Acknowledged
from marketplace.models.feed import Published
from marketplace.models.listings import Listing, Revision
from marketplace.runtime import Runtime
from marketplace.services import catalogue, feed
from marketplace.services.sync import lines, outgoing
from marketplace.work import look
from scripts.chaos.people import Said
from search.query import Query

PAGE = 100


def state(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """A local exchange: where its sender stands, and how many rows still have no number."""
    with look(runtime) as work:
        line = outgoing.line(work)
        dirty = work.session.scalar(select(func.count()).where(Published.pub_seq.is_(None)))
        indexed = feed.position(work, "indexing")
        head = feed.state(work).head
        rejected = work.session.scalar(
            select(func.count()).where(Acknowledged.status.in_(("held", "rejected", "stale")))
        )
    sender = line.sender if line else None
    return {
        "head": head, "dirty": dirty, "indexed": indexed, "rejected": rejected,
        "phase": str(sender.phase) if sender else "", "reason": sender.reason if sender else "",
        "acked": sender.acked_seq if sender else 0,
    }  # fmt: skip


def records(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """Every record of one origin as people may see it: id -> [op, revision, hash]."""
    with look(runtime) as work:
        found = work.session.execute(
            select(Published.id, Published.op, Published.rev, Published.hash).where(
                Published.origin == asked["origin"], Published.kind.in_(feed.LISTED)
            )
        ).all()
    return {"records": {uid: [op, rev, digest] for uid, op, rev, digest in found}}


def digest(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """The root over all records of an origin: what is believed to be there, or what is there."""
    with look(runtime) as work:
        mine = lines.believed(work) if asked["side"] == "local" else lines.held(work, asked["origin"])
        found = root(mine)
    return {"count": found.count, "digest": found.digest}


def find(runtime: Runtime, asked: Said) -> dict[str, Any]:
    with look(runtime) as work:
        found = catalogue.search(work, Query(text=asked["text"]))
    return {"uids": [one.listing.uid for one in found.findings]}


def browse(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """Every listing that people find when they turn all pages, as often as it is shown."""
    return {"uids": list(_pages(runtime))}


def _pages(runtime: Runtime) -> Iterator[str]:
    after = ""
    with look(runtime) as work:
        while True:
            asked = Query(sort="newest", size=PAGE, after=after)
            found = catalogue.search(work, asked)
            yield from (one.listing.uid for one in found.findings)
            after = found.results.after
            if not after:
                return


def listed(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """What this exchange has of its own, by what its people call it: source -> [uid, status, hash of the content]."""
    statement = (
        select(Listing.source_id, Listing.uid, Listing.status, Revision.content)
        .join(Revision, Revision.id == Listing.working_id)
        .where(Listing.source_id.is_not(None))
    )
    with look(runtime) as work:
        found = work.session.execute(statement).all()
    return {
        "listings": {
            source: [uid, status, hashlib.sha256(canonical(content)).hexdigest()]
            for source, uid, status, content in found
        }
    }


def arrived(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """What has become searchable since the place `after`: the new place, and id with revision of each record."""
    with look(runtime) as work:
        indexed = feed.position(work, "indexing")
        rows = feed.after(work, asked["after"], 100_000, until=indexed)
    return {"place": max(indexed, asked["after"]), "rows": [[row.uid, row.rev] for row in rows]}
