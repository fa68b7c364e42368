"""What becomes of the layer when its listing goes: a tombstone while it is withdrawn, nothing at all once it is erased."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select

from marketplace.models.exchanges import Overlay
from marketplace.models.layers import Classification
from marketplace.services import feed
from marketplace.services.classification import deciding
from marketplace.services.classification.layer import KIND, laid
from marketplace.services.feed import LISTED, Received, Record, Row
from marketplace.services.locks import alone
from marketplace.work import Work

ERASED = "legal"


def follow(work: Work, rows: Sequence[Row]) -> None:
    """On the national exchange: the layers of listings that were withdrawn go, of those that came back they come."""
    listings = {row.uid: row for row in rows if row.kind in LISTED}
    if not listings or not laid(work, listings):
        return
    alone(work, deciding.LOCK)
    now = feed.rows(work, listings)
    for uid, one in laid(work, listings).items():
        if not now[uid].live and one.layer is not None:
            deciding.publish(work, uid, None)
        elif now[uid].live and one.layer is None:
            deciding.again(work, uid)


def forget(work: Work, uids: Collection[str]) -> None:
    """Erase what was said of these listings, at their home or nationally. Its id stays, as that of every record."""
    overlays = select(Overlay).where(Overlay.about.in_(uids), Overlay.layer == KIND)
    for overlay in work.session.scalars(overlays).all():
        gone = Record(overlay.uid, KIND, "delete", ERASED)
        if overlay.uid.partition(":")[0] == work.runtime.settings.node_id:
            feed.write(work, [gone])
        else:
            row = feed.row(work, overlay.uid)
            rev = row.rev if row is not None else overlay.rev
            feed.receive(work, [Received(overlay.uid, gone.schema, rev, "delete", gone.hash, ERASED)])
        work.session.delete(overlay)
    work.session.execute(delete(Classification).where(Classification.uid.in_(uids)))
    work.session.flush()
