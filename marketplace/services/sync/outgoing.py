"""Our side as a sender: what is remembered of the national exchange, the batches on their way, and what it has.

Everything is in the database before it is sent, so that a process that is killed loses nothing and repeats the same
bytes. What the sender does next is decided by `exchange.sender`; here its memory is read and written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from exchange.envelope import Batch, Limits, Named, Receipt, names, room_for, too_heavy, write_batch
from exchange.items import Item
from exchange.sender import Mine, Outstanding, Phase, Sender
from marketplace.db import new_id
from marketplace.models.exchanges import Acknowledged, OutBatch
from marketplace.models.feed import Published
from marketplace.models.peers import Outbound
from marketplace.services import feed
from marketplace.services.sync import erasing, issues, probes
from marketplace.services.sync.changes import as_item
from marketplace.services.sync.enrolment import LOCAL_KINDS
from marketplace.services.sync.issues import Fault
from marketplace.work import Work
from vocabulary.text import one_line

LONGEST_DETAIL = 500
KEPT_THERE = ("applied", "unchanged", "held", "opaque")
"""Ends of a record after which the other side has exactly what was sent."""


@dataclass(frozen=True, slots=True)
class Line:
    """The national exchange as this one speaks to it, and where the sender stands."""

    node: str
    base_url: str
    sender: Sender
    cursor: str


def line(work: Work) -> Line | None:
    """None for an exchange that never enrolled anywhere."""
    found = work.session.execute(
        select(Outbound.node_id, Outbound.sender, Outbound.cursor).order_by(Outbound.node_id)
    ).first()
    if found is None:
        return None
    kept = _read(found.sender) if found.sender else Sender(epoch=feed.state(work).epoch)
    return Line(found.node_id, work.runtime.settings.national_url, kept, found.cursor)


def keep(work: Work, node: str, sender: Sender, *, detail: str | None = None) -> None:
    """Remember where the sender stands; `detail` is what people read beside a refusal."""
    values: dict[str, Any] = {"sender": asdict(sender)}
    if detail is not None:
        values["detail"] = one_line(detail, LONGEST_DETAIL)
    work.session.execute(update(Outbound).where(Outbound.node_id == node).values(**values))


def note_key(work: Work, node: str, until: int) -> None:
    """Until when our key is believed there; seconds since 1970, 0 when it was not said."""
    moment = datetime.fromtimestamp(until, UTC) if until else None
    work.session.execute(update(Outbound).where(Outbound.node_id == node).values(key_until=moment))


def outstanding(work: Work, node: str) -> OutBatch | None:
    """The batch that has no receipt yet; at most one."""
    return work.session.scalar(select(OutBatch).where(OutBatch.peer == node, OutBatch.state == "new"))


def mine(work: Work, node: str, their_last: str) -> Mine:
    """What our database says to a peer's answer that names its last batch."""
    batch = outstanding(work, node)
    known = not their_last or work.session.get(OutBatch, their_last) is not None
    on_its_way = Outstanding(batch.batch_id, batch.prev_seq, batch.to_seq) if batch else None
    return Mine(feed.state(work).head, known, on_its_way)


def cut(work: Work, node: str, sender: Sender) -> OutBatch | None:
    """Write the next batch, to be sent from now on as it is; None when there is nothing to send."""
    rows = work.session.scalars(
        select(Published)
        .where(Published.pub_seq > sender.acked_seq)
        .order_by(Published.pub_seq)
        .limit(sender.batch_items)
    ).all()
    if not rows:
        return None
    own = work.runtime.settings.node_id
    goes = [as_item(row) for row in rows if row.origin == own and row.kind in LOCAL_KINDS]
    items = room_for(goes, sender.limits, most=sender.batch_items)
    to_seq = (rows[-1].pub_seq if len(items) == len(goes) else items[-1].seq) or 0
    light = _without_heavy(work, items, sender.limits)
    written = write_batch(Batch(own, sender.epoch, new_id(), sender.acked_seq, to_seq, light))
    batch = OutBatch(
        batch_id=written.batch_id, peer=node, epoch=sender.epoch, prev_seq=written.prev_seq, to_seq=to_seq,
        digest=written.digest, body=written.packed, state="new", counts={"sent": len(light)}, made_at=work.now,
        probe=probes.only(light),
    )  # fmt: skip
    work.session.add(batch)
    work.session.flush()
    return batch


def drop(work: Work, node: str) -> None:
    """What is on its way is cut anew: the other side wants it smaller, or from an earlier place. Nobody reads it again,
    and nobody would take out of it what is erased."""
    on_its_way = (OutBatch.peer == node, OutBatch.state == "new")
    work.session.execute(update(OutBatch).where(*on_its_way).values(state="dropped", body=b""))


def settle(work: Work, batch_id: str, receipt: Receipt, signed: bytes) -> None:
    """Keep the receipt, and what the other side has now."""
    batch = work.session.get_one(OutBatch, batch_id)
    batch.state, batch.answer, batch.acked_at = "acked", signed, work.now
    batch.counts = {**batch.counts, **dict(receipt.counts)}
    ended = {result.place: result.status for result in receipt.results}
    last = {item.uid: (item, ended.get(place, "applied")) for place, item in enumerate(names(batch.body))}
    _believe(work, last)
    erasing.purge_sent(
        work, [uid for uid, (item, status) in last.items() if item.op == "erase" and status in KEPT_THERE]
    )
    if batch.probe:
        batch.body, batch.answer = b"", None
    mended = [uid for uid, (_, status) in last.items() if status == "applied"]
    issues.close(work, mended, origin=work.runtime.settings.node_id)


def resend(work: Work, uids: Sequence[str]) -> None:
    """Send these again as they stand: they move to the head of the feed."""
    feed.touch(work, uids)


def believe(work: Work, uid: str, rev: int, digest: str, op: str) -> None:
    """The other side has this, though no receipt of it is here."""
    work.session.merge(Acknowledged(**_belief(uid, rev, digest, op, "applied")))


def _believe(work: Work, ended: Mapping[str, tuple[Named | Item, str]]) -> None:
    statement = select(
        Acknowledged.uid, Acknowledged.rev, Acknowledged.hash, Acknowledged.op, Acknowledged.status
    )
    before = {row.uid: row for row in work.session.execute(statement.where(Acknowledged.uid.in_(ended)))}
    rows = []
    for uid, (item, status) in ended.items():
        if status == "unchanged" and uid in before and before[uid].rev == item.rev:
            # Sent again as it was: what is held there stays held.
            status = before[uid].status
        if status in KEPT_THERE:
            rows.append(_belief(uid, item.rev, item.hash, item.op, status))
        elif uid in before:
            was = before[uid]
            rows.append(_belief(uid, was.rev, was.hash, was.op, status))
        else:
            rows.append(_belief(uid, 0, "", item.op, status))
    work.session.execute(delete(Acknowledged).where(Acknowledged.uid.in_(ended)))
    if rows:
        work.session.execute(insert(Acknowledged), rows)


def _belief(uid: str, rev: int, digest: str, op: str, status: str) -> dict[str, Any]:
    """`rev` is 0 for a record that was refused and of which the other side has nothing."""
    return {"uid": uid, "rev": rev, "hash": digest, "op": op, "status": status}


def _without_heavy(work: Work, items: Sequence[Item], limits: Limits) -> tuple[Item, ...]:
    """Without what the other side would refuse for its size alone: its people are told here, nothing stops.

    `room_for` lets such a record stand alone.
    """
    if len(items) != 1 or not too_heavy(items[0], limits):
        return tuple(items)
    item = items[0]
    fault = Fault("too_large", "", f"larger than {limits.max_item_bytes} bytes")
    issues.open_for(work, item.uid, item.rev, [fault], origin=item.origin)
    _believe(work, {item.uid: (item, "rejected")})
    return ()


def _read(kept: Mapping[str, Any]) -> Sender:
    values = dict(kept)
    values["phase"] = Phase(values["phase"])
    values["limits"] = Limits(**values["limits"])
    for name in ("fence_losses", "former_epochs"):
        values[name] = tuple(values[name])
    return Sender(**values)
