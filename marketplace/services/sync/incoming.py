"""What the national exchange says of our records: read from its feed, kept beside our listings, never in them."""

from __future__ import annotations

import logging

from sqlalchemy import delete, update

from exchange.changes import Page
from exchange.items import Item, hash_flaw
from marketplace.models.exchanges import Overlay
from marketplace.models.peers import Outbound
from marketplace.services.sync import decisions, issues
from marketplace.work import Work

log = logging.getLogger("giao.sync")

LAYERS = ("national_link", "cluster", "suggestion")
KINDS = (*LAYERS, issues.KIND)


def take_in(work: Work, node: str, page: Page) -> bool:
    """One page of the feed, its records and the new place of our cursor in one transaction. True when more follows."""
    for item in page.items:
        if not isinstance(item, Item) or item.origin != node or hash_flaw(item) is not None:
            log.warning("an unreadable record in the feed of %s is passed over", node)
            continue
        _take(work, item, page.next.epoch)
    work.session.execute(update(Outbound).where(Outbound.node_id == node).values(cursor=str(page.next)))
    if not page.more:
        # What was not seen again in a new epoch is no longer said.
        work.session.execute(delete(Overlay).where(Overlay.epoch != page.next.epoch))
    return page.more


def begin_again(work: Work, node: str) -> None:
    """The feed there has begun a new epoch: it is read from its beginning."""
    work.session.execute(update(Outbound).where(Outbound.node_id == node).values(cursor=""))


def _take(work: Work, item: Item, epoch: str) -> None:
    if item.kind == issues.KIND:
        if item.live:
            issues.arrived(work, item.uid.split(":")[2], item.body)
    elif item.kind in LAYERS:
        _lay(work, item, epoch)


def _lay(work: Work, item: Item, epoch: str) -> None:
    known = work.session.get(Overlay, item.uid)
    if known is not None and known.rev > item.rev and known.epoch == epoch:
        return
    if not item.live:
        work.session.execute(delete(Overlay).where(Overlay.uid == item.uid))
        return
    about = str(item.body.get("about", "")) if isinstance(item.body, dict) else ""
    if item.kind == decisions.LAYER:
        decisions.arrived(work, item.uid, item.body)
    work.session.merge(
        Overlay(
            uid=item.uid, about=about, layer=item.kind, rev=item.rev, body=item.body, epoch=epoch,
            received_at=work.now,
        )
    )  # fmt: skip
