"""Erasing for good: what a record said goes from the copies kept as evidence too; that it was there stays."""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection

from sqlalchemy import delete, func, select

from exchange.envelope import written
from marketplace.models.exchanges import InBatch, Issue, OutBatch, Reject
from marketplace.services.classification import following
from marketplace.work import Work


def purge(work: Work, origin: str, uids: Collection[str]) -> None:
    """Take the content of these records out of every batch that came from `origin`, and out of what was refused."""
    if not uids:
        return
    for batch in work.session.scalars(
        select(InBatch).where(InBatch.origin == origin, InBatch.probe.is_not(True))
    ):
        batch.body = _without(batch.body, uids)
    following.forget(work, uids)
    _forget(work, uids)


def purge_sent(work: Work, uids: Collection[str]) -> None:
    """The same for what we have sent ourselves and was acknowledged."""
    kept = select(OutBatch).where(OutBatch.state == "acked", func.length(OutBatch.body) > 0)
    for batch in work.session.scalars(kept):
        batch.body = _without(batch.body, uids)
    _forget(work, uids)


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
