"""Sending again what was sent before: a whole batch, or one record as it stands now.

The other side keeps the receipt of every batch under its number and answers with it, so a batch that is known there
changes nothing. One that is not known there would look like a fork of our feed and stop everything: the sender asks
first (`uplink`). What we believe of our records follows from first receipts only, never from what is told here.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from exchange.envelope import Receipt, digest_of
from exchange.problems import Problem
from marketplace.errors import Conflict, NotFound
from marketplace.models.exchanges import OutBatch, Replay
from marketplace.services import audit, feed
from marketplace.services.policy import Actor, permit
from marketplace.services.sync import outgoing
from marketplace.services.sync.enrolment import LOCAL_KINDS
from marketplace.work import Work
from vocabulary.text import one_line

SHOWN = 20
ENDS: Mapping[str, str] = {
    "not_found": "unknown", "idempotency_mismatch": "changed", "malformed": "refused", "too_large": "refused",
    "epoch_unknown": "refused", "seq_gap": "refused", "forked": "refused",
}  # fmt: skip
"""Refusals that concern the batch and end its replay -> the outcome. Any other concerns the session: it is tried again."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """The last time that somebody asked for a batch again. `outcome` is that of `Replay`."""

    asked_by: str
    asked_at: datetime
    answered_at: datetime | None
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch as its operator sees it. `state` is new, acked or dropped; `counts` are records by what became of them."""

    batch_id: str
    made_at: datetime
    acked_at: datetime | None
    state: str
    counts: Mapping[str, int]
    kept: bool
    """Whether its bytes are still here."""
    replay: Replayed | None = None

    @property
    def waits(self) -> bool:
        """Somebody has asked for it and there is no answer yet."""
        return self.replay is not None and not self.replay.outcome

    @property
    def can_be_sent(self) -> bool:
        return self.state == "acked" and self.kept and not self.waits


@dataclass(frozen=True, slots=True)
class Asked:
    """A replay that waits for the sender."""

    replay_id: str
    batch_id: str
    body: bytes


def latest(work: Work, actor: Actor, limit: int = SHOWN) -> tuple[Sent, ...]:
    """The batches that were cut last, the newest first; without those that held nothing but a probe."""
    permit(actor, "exchanges.read")
    kept = func.length(OutBatch.body) > 0
    newest = select(OutBatch, kept).where(OutBatch.probe.is_not(True))
    newest = newest.order_by(OutBatch.made_at.desc(), OutBatch.batch_id.desc()).limit(limit)
    found = work.session.execute(newest).all()
    replays = _replays(work, [batch.batch_id for batch, _ in found])
    return tuple(
        Sent(
            batch.batch_id, batch.made_at, batch.acked_at, batch.state, batch.counts, bool(has_body),
            replays.get(batch.batch_id),
        )
        for batch, has_body in found
    )  # fmt: skip


def one(work: Work, actor: Actor, batch_id: str) -> Replayed | None:
    """The last replay of this batch."""
    permit(actor, "exchanges.read")
    return _replays(work, [batch_id]).get(batch_id)


def as_record(sent: Sent) -> dict[str, Any]:
    """For programs."""
    return asdict(sent) | {"can_be_sent": sent.can_be_sent}


def ask(work: Work, actor: Actor, batch_id: str) -> None:
    """Let the sender send this batch once more. Asking twice is asking once.

    Raises `NotFound`, or `Conflict` with the reason why it cannot be: on its way, superseded, no longer kept, erased.
    """
    permit(actor, "exchanges.operate")
    batch = work.session.get(OutBatch, batch_id)
    if batch is None:
        raise NotFound("not_found")
    if batch.state != "acked":
        raise Conflict("batch_on_its_way" if batch.state == "new" else "batch_superseded")
    if not batch.body:
        raise Conflict("batch_forgotten")
    if digest_of(gzip.decompress(batch.body)) != batch.digest:
        raise Conflict("batch_erased")
    waiting = select(Replay.id).where(Replay.batch_id == batch_id, Replay.outcome == "")
    if work.session.scalar(waiting.limit(1)) is None:
        work.session.add(Replay(batch_id=batch_id, asked_by=actor.name, asked_at=work.now))
        audit.record(work, actor, "sync.replay", batch_id)
    work.after(work.runtime.bell.ring)


def send_record(work: Work, actor: Actor, uid: str) -> None:
    """Send a record of ours again as it stands now, in the next batch. Raises `NotFound`."""
    permit(actor, "exchanges.operate")
    row = feed.row(work, uid)
    if row is None or row.origin != work.runtime.settings.node_id or row.kind not in LOCAL_KINDS:
        raise NotFound("not_found")
    outgoing.resend(work, [uid])
    audit.record(work, actor, "sync.resend", uid)


def waiting(work: Work, node: str) -> Asked | None:
    """The replay that has waited longest."""
    found = work.session.execute(
        select(Replay.id, OutBatch.batch_id, OutBatch.body)
        .join(OutBatch, OutBatch.batch_id == Replay.batch_id)
        .where(Replay.outcome == "", OutBatch.peer == node)
        .order_by(Replay.asked_at, Replay.id)
        .limit(1)
    ).first()
    return Asked(*found) if found else None


def answered(work: Work, asked: Asked, receipt: Receipt) -> None:
    """Whether the receipt is the one that was given the first time, which is kept here."""
    first = work.session.get_one(OutBatch, asked.batch_id).answer
    same = receipt.replayed and first is not None and Receipt.read(first).again() == receipt
    _end(work, asked, "same" if same else "differs")


def refused(work: Work, asked: Asked, problem: Problem) -> None:
    _end(work, asked, ENDS[problem.code], str(problem.detail))


def forget(work: Work) -> None:
    """Give up the bytes of batches that were settled longer ago than they are kept, and what was asked of them.

    Number, digest and receipt stay: they prove what was accepted, and that the last batch a peer names is ours.
    """
    days = work.runtime.settings.batches_kept_days
    if not days:
        return
    old = (OutBatch.state != "new") & (OutBatch.made_at < work.now - timedelta(days=days))
    work.session.execute(update(OutBatch).where(old, func.length(OutBatch.body) > 0).values(body=b""))


def _replays(work: Work, batch_ids: list[str]) -> dict[str, Replayed]:
    asked = select(Replay).where(Replay.batch_id.in_(batch_ids)).order_by(Replay.asked_at, Replay.id)
    return {
        found.batch_id: Replayed(
            found.asked_by, found.asked_at, found.answered_at, found.outcome, found.detail
        )
        for found in work.session.scalars(asked)
    }


def _end(work: Work, asked: Asked, outcome: str, detail: str = "") -> None:
    values = {
        "outcome": outcome,
        "detail": one_line(detail, outgoing.LONGEST_DETAIL),
        "answered_at": work.now,
    }
    work.session.execute(update(Replay).where(Replay.id == asked.replay_id).values(**values))
