"""What the national exchange says of our records: read from its feed, kept beside our listings, never in them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from exchange.items import Item, Unreadable, hash_flaw
from exchange.sessions import Cursor
from marketplace.models.exchanges import Overlay
from marketplace.models.peers import Outbound
from marketplace.services.classification import arriving
from marketplace.services.classification import layer as classification
from marketplace.services.sync import decisions, issues
from marketplace.work import Work

log = logging.getLogger("giao.sync")

LAYERS = ("national_link", "cluster", "suggestion")
KINDS = (*LAYERS, classification.KIND, issues.KIND)


class Overtaken(Exception):
    """Another process of this exchange has read on meanwhile."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some records of a feed, each with its number in what was sent. `since` is our cursor as it was when they were
    asked for, `reached` where it goes with them; `last` says that all there is has been seen now."""

    items: Sequence[tuple[int, Item | Unreadable]]
    since: str
    reached: Cursor
    last: bool


def take_in(work: Work, node: str, part: Part) -> None:
    """Records and the new place of our cursor, in one transaction. Raises `Overtaken`: what is older than what
    another process has brought would take its place."""
    place = update(Outbound).where(Outbound.node_id == node, Outbound.cursor == part.since)
    if not work.session.execute(place.values(cursor=str(part.reached))).rowcount:  # type: ignore[attr-defined]
        raise Overtaken(node)
    readable = list(_readable(node, part.items))
    laid = _laid(work, [item.uid for item in readable])
    for item in readable:
        _take(work, item, laid, part.reached.epoch)
    if part.last:
        # What was not seen again in a new epoch is no longer said.
        unseen = (Overlay.layer.in_(LAYERS), Overlay.epoch != part.reached.epoch)
        work.session.execute(delete(Overlay).where(*unseen))
        arriving.sweep(work, part.reached.epoch)


def begin_again(work: Work, node: str) -> None:
    """The feed there has begun a new epoch: it is read from its beginning."""
    work.session.execute(update(Outbound).where(Outbound.node_id == node).values(cursor=""))


def _readable(node: str, items: Sequence[tuple[int, Item | Unreadable]]) -> Iterator[Item]:
    for number, item in items:
        if isinstance(item, Item) and item.origin == node and hash_flaw(item) is None:
            yield item
        else:
            log.warning("record %d in the feed of %s is unreadable, and passed over", number, node)


def _laid(work: Work, uids: Sequence[str]) -> dict[str, Overlay]:
    """What lies here already of these; asked for one by one, a page of new ones took eight times as long."""
    found = work.session.scalars(select(Overlay).where(Overlay.uid.in_(uids)))
    return {overlay.uid: overlay for overlay in found}


def _take(work: Work, item: Item, laid: dict[str, Overlay], epoch: str) -> None:
    if item.kind == issues.KIND:
        if item.live:
            issues.arrived(work, item.uid.split(":")[2], item.body)
    elif item.kind == classification.KIND:
        arriving.take(work, item, laid, epoch)
    elif item.kind in LAYERS:
        _lay(work, item, laid, epoch)


def _lay(work: Work, item: Item, laid: dict[str, Overlay], epoch: str) -> None:
    known = laid.get(item.uid)
    if known is not None and known.rev > item.rev and known.epoch == epoch:
        return
    if not item.live:
        laid.pop(item.uid, None)
        work.session.execute(delete(Overlay).where(Overlay.uid == item.uid))
        return
    about = str(item.body.get("about", "")) if isinstance(item.body, dict) else ""
    if item.kind == decisions.LAYER:
        decisions.arrived(work, item.uid, item.body)
    overlay = laid[item.uid] = known or Overlay(uid=item.uid)
    overlay.about, overlay.layer, overlay.rev, overlay.body = about, item.kind, item.rev, item.body
    overlay.epoch, overlay.received_at = epoch, work.now
    work.session.add(overlay)
