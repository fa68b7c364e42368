"""Erasing for good: what a record said goes from the copies kept as evidence too; that it was there stays."""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, delete, func, select, update

from exchange.envelope import written
from marketplace.models.exchanges import InBatch, Issue, OutBatch, Reject
from marketplace.services.classification import following
from marketplace.work import Work

AT_ONCE = 20
"""Batches in memory."""


def purge(work: Work, origin: str, uids: Collection[str]) -> None:
    """Take the content of these records out of every batch that came from `origin`, and out of what was refused."""
    if uids:
        _take_out(work, InBatch, [InBatch.origin == origin, InBatch.probe.is_not(True)], uids)
        following.forget(work, uids)
        _forget(work, uids)


def purge_sent(work: Work, uids: Collection[str]) -> None:
    """The same for what we have sent ourselves, all but the batch that is on its way."""
    if uids:
        _take_out(work, OutBatch, [OutBatch.state != "new", func.length(OutBatch.body) > 0], uids)
        _forget(work, uids)


def _take_out(
    work: Work, kept: type[InBatch | OutBatch], which: Sequence[ColumnElement[bool]], uids: Collection[str]
) -> None:
    """Every batch of three months is read for it, a few at a time."""
    bodies = select(kept.batch_id, kept.body).where(*which).execution_options(yield_per=AT_ONCE)
    changed = {
        batch_id: without
        for batch_id, body in work.session.execute(bodies)
        if (without := _without(body, uids)) != body
    }
    for batch_id, body in changed.items():
        work.session.execute(update(kept).where(kept.batch_id == batch_id).values(body=body))


def _forget(work: Work, uids: Collection[str]) -> None:
    work.session.execute(delete(Reject).where(Reject.uid.in_(uids)))
    work.session.execute(delete(Issue).where(Issue.uid.in_(uids)))


def _without(packed: bytes, uids: Collection[str]) -> bytes:
    """The batch without what these records said; unchanged when it holds none of them."""
    text = gzip.decompress(packed)
    if not any(uid.encode() in text for uid in uids):
        return packed
    batch = json.loads(text)
    for item in batch["items"]:
        if isinstance(item, dict) and item.get("id") in uids and "body" in item:
            item["body"] = None
    return gzip.compress(written(batch), mtime=0)
