"""The layer at home: what the national exchange says of our listings is laid beside them, and none of them is touched.

The record enters our feed as the national exchange's own, numbered in the same transaction, so that the index follows
it as it follows every change. No row of ours waits for a number more than before, and none is sent again.
"""

from __future__ import annotations

from sqlalchemy import select

from exchange.items import Item
from marketplace.models.exchanges import Overlay
from marketplace.services import feed, sequencing
from marketplace.services.classification.layer import KIND
from marketplace.services.feed import LISTED, Received, Record
from marketplace.work import Work

MAJOR = f"{KIND}/1."
"""The schema that is understood here; minor versions only add."""
UNSAID = "withdrawn"


def take(work: Work, item: Item, laid: dict[str, Overlay], epoch: str) -> None:
    """One record of the national feed, beside what lies here already. What is about another exchange's listing, or about
    none, is not for us."""
    known = laid.get(item.uid)
    if known is not None and known.rev > item.rev and known.epoch == epoch:
        return
    about = str(item.body.get("about", "")) if item.live and isinstance(item.body, dict) else ""
    if item.live and not (item.schema.startswith(MAJOR) and _is_ours(work, about)):
        return
    if not item.live and known is None:
        return
    overlay = laid[item.uid] = known or Overlay(uid=item.uid, about=about, layer=KIND)
    overlay.body = item.body if item.live else {}
    overlay.rev, overlay.epoch, overlay.received_at = item.rev, epoch, work.now
    work.session.add(overlay)
    op = "upsert" if item.live else "delete"
    _enter(work, Received(item.uid, item.schema, item.rev, op, item.hash, item.body))


def sweep(work: Work, epoch: str) -> None:
    """What was not seen again in a new epoch of the national feed is no longer said."""
    left = select(Overlay).where(Overlay.layer == KIND, Overlay.epoch != epoch)
    for overlay in work.session.scalars(left).all():
        gone = Record(overlay.uid, KIND, "delete", UNSAID)
        overlay.body, overlay.epoch = {}, epoch
        _enter(work, Received(overlay.uid, gone.schema, overlay.rev, "delete", gone.hash, UNSAID))


def _enter(work: Work, record: Received) -> None:
    """Into our feed, unless it stands there already."""
    row = feed.row(work, record.uid)
    if row is not None and (row.op, row.rev, row.hash) == (record.op, record.rev, record.hash):
        return
    work.session.flush()
    feed.receive(work, [record])
    sequencing.number_these(work, [record.uid])


def _is_ours(work: Work, about: str) -> bool:
    """Whether this is a listing of ours; one that was erased here is not, whatever is still on its way."""
    if about.partition(":")[0] != work.runtime.settings.node_id:
        return False  # Most of a national feed; it costs no question to the database.
    row = feed.row(work, about)
    return row is not None and row.kind in LISTED and row.op != "erase"
