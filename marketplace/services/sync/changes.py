"""Our own feed as another exchange may read it: records whose home we are, public ones and those meant for the reader.

A page looks at so many rows and says how far it looked, so a reader always comes on, also where nothing was for him.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, select

from exchange.changes import MOST_ROWS, Page, refuse_cursor
from exchange.items import Item
from exchange.sessions import Cursor
from marketplace.models.exchanges import Replica
from marketplace.models.feed import Published
from marketplace.services import feed
from marketplace.services.sync import session
from marketplace.work import Work


def page(work: Work, reader: str, *, since: str, kinds: Collection[str] = (), limit: int = MOST_ROWS) -> Page:
    """The next page for this exchange; that it was handed out is remembered before it is.

    Raises `Refused`: `epoch_changed`, `cursor_in_future`, `malformed`.
    """
    state = feed.state(work)
    start = Cursor.read(since) if since else Cursor(state.epoch, 0)
    refuse_cursor(start, epoch=state.epoch, head_seq=state.head)
    limit = min(limit, MOST_ROWS)
    statement = (
        select(Published).where(Published.pub_seq > start.seq).order_by(Published.pub_seq).limit(limit)
    )
    scanned = work.session.scalars(statement).all()
    own = work.runtime.settings.node_id
    shown = [row for row in scanned if row.origin == own and row.audience in ("public", reader)]
    items = tuple(as_item(row) for row in shown if not kinds or row.kind in kinds)
    reached = Cursor(state.epoch, (scanned[-1].pub_seq or 0) if scanned else state.head)
    hand(work, reader, reached)
    return Page(own, start, reached, state.head, len(scanned) == limit and reached.seq < state.head, items)


def has_news(work: Work, reader: str, *, since: str, kinds: Collection[str] = ()) -> bool:
    """Whether `page` would hold something, or be refused: then there is nothing to wait for."""
    state = feed.state(work)
    start = Cursor.read(since) if since else Cursor(state.epoch, 0)
    if start.epoch != state.epoch or start.seq > state.head:
        return True
    fresh = select(Published.id).where(Published.pub_seq > start.seq, *seen_by(work, reader, kinds))
    return work.session.scalar(fresh.limit(1)) is not None


def hand(work: Work, reader: str, reached: Cursor) -> None:
    """Remember, before it is answered, how far this exchange is about to have read."""
    inbound = session.held(work, reader)
    inbound.handed = str(session.standing(work, inbound).handing(reached).handed)


def seen_by(work: Work, reader: str, kinds: Collection[str] = ()) -> tuple[ColumnElement[bool], ...]:
    """What this exchange may see of our feed: records whose home we are, so none of its own, meant for all or for it."""
    ours = Published.origin == work.runtime.settings.node_id
    meant = (ours, Published.audience.in_(("public", reader)))
    return (*meant, Published.kind.in_(kinds)) if kinds else meant


def own_records(work: Work, uids: Sequence[str], *, reader: str) -> list[Item]:
    """These records as they stand: ours, as far as the reader may see them, and his own as they were received here."""
    ours = select(Published).where(Published.id.in_(uids), *seen_by(work, reader))
    his = select(Replica).where(Replica.uid.in_(uids), Replica.origin == reader)
    return [
        *(as_item(row) for row in work.session.scalars(ours)),
        *(replica_item(row) for row in work.session.scalars(his)),
    ]


def as_item(row: Published) -> Item:
    """A row of our feed as it is sent; not yet numbered ones stand in the first place."""
    return Item(
        uid=row.id, kind=row.kind, schema=row.schema, op=row.op, rev=row.rev, seq=row.pub_seq or 1, hash=row.hash,
        body=row.body, audience="public" if row.audience == "public" else "partner",
        changed_at=row.published_at.isoformat(timespec="seconds"),
    )  # fmt: skip


def replica_item(row: Replica) -> Item:
    return Item(
        uid=row.uid, kind=row.kind, schema=row.schema, op=row.op, rev=row.rev, seq=1, hash=row.hash,
        body=row.body, audience=row.audience,
    )  # fmt: skip
