"""After a restore: revisions that were lost here are taken back from the copies of the national exchange.

A copy holds what was public. What never left, the contact and the sealed part, stays as the restored database has it;
of a listing that this database has never seen it is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from exchange.items import Item
from exchange.reconcile import Line
from marketplace.models.exchanges import OutBatch
from marketplace.models.feed import Published
from marketplace.models.listings import Listing, Revision
from marketplace.services import feed, owners, revisions, sealed
from marketplace.services.feed import Received, Record
from marketplace.services.policy import SYSTEM
from marketplace.services.sync.enrolment import LOCAL_KINDS
from marketplace.work import Work
from vocabulary import records
from vocabulary.listing import Content

STATUSES = {"withdrawn": "withdrawn", "paused": "paused", "expired": "expired", "legal": "suspended"}
"""Reason of a tombstone -> where it leaves the listing."""
UNNAMED = "Tổ chức chưa rõ (lấy lại sau khi phục hồi)"
"""Who owns a listing whose copy does not say, until somebody has looked."""


def own_lines(work: Work) -> list[Line]:
    """All of our records as they stand here, in order of their ids."""
    statement = select(Published.id, Published.rev, Published.hash).where(
        Published.origin == work.runtime.settings.node_id, Published.kind.in_(LOCAL_KINDS)
    )
    return sorted(Line(uid, rev, digest) for uid, rev, digest in work.session.execute(statement))


def edited_since(work: Work, uids: Sequence[str]) -> frozenset[str]:
    """Which of these people have changed since this database last heard of a receipt, and so since it was copied."""
    last = work.session.scalar(select(func.max(OutBatch.acked_at)))
    rows = feed.rows(work, uids).values()
    return frozenset(row.uid for row in rows if last is None or row.published_at > last)


def take_back(work: Work, item: Item) -> None:
    """Make the record here what it is there: its public state, and the listing behind it."""
    feed.receive(
        work, [Received(item.uid, item.schema, item.rev, item.op, item.hash, item.body, item.audience)]
    )
    listing = work.session.scalar(select(Listing).where(Listing.uid == item.uid))
    if not item.live:
        if listing is not None:
            listing.status = STATUSES.get(str(item.body), "withdrawn")
            _touched(work, listing)
        return
    content, _ = records.read(item.body.get("content") if isinstance(item.body, Mapping) else None)
    if content is not None:
        _revise(work, listing or _new(work, item), content, item.body)


def lift(work: Work, uid: str, above: int) -> None:
    """Publish again what is here, under a revision above the one that is there."""
    feed.lift(work, uid, above + 1)


def bury(work: Work, uid: str, above: int) -> None:
    """Say that a record is gone which is there and not here any more."""
    gone = Record(uid, uid.split(":")[1], "delete", "withdrawn")
    feed.receive(work, [Received(uid, gone.schema, above + 1, gone.op, gone.hash, gone.body)])


def _new(work: Work, item: Item) -> Listing:
    named = item.body.get("organisation") or {}
    owner = owners.find_or_create(work, str(named.get("name") or UNNAMED))
    listing = Listing(
        id=item.uid.split(":")[2], uid=item.uid, kind=item.kind, organisation_id=owner.id, status="published",
        earlier="", version=1, mark="", mark_ground="", source_hash="", created_at=work.now, updated_at=work.now,
    )  # fmt: skip
    work.session.add(listing)
    work.session.flush()
    return listing


def _revise(work: Work, listing: Listing, content: Content, body: Mapping[str, Any]) -> None:
    kept = sealed.NOTHING
    before = work.session.get(Revision, listing.working_id) if listing.working_id else None
    if before is not None:
        ours, _ = records.read(before.content)
        if ours is not None:
            content = content.revised(contact=ours.contact, broker=ours.broker)
        kept = sealed.read(work, before)
    revision = revisions.add(work, SYSTEM, listing, content, kept, state="approved")
    revision.decided_at = _moment(body, "updated_at")
    listing.live_id, listing.status = revision.id, "published"
    listing.mark, listing.mark_ground = str(body.get("mark", "")), str(body.get("ground", ""))
    listing.published_at, listing.expires_at = _moment(body, "published_at"), _moment(body, "expires_at")
    _touched(work, listing)


def _touched(work: Work, listing: Listing) -> None:
    listing.version += 1
    listing.updated_at = work.now


def _moment(body: Mapping[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(str(body[name]))
