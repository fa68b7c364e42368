"""The proof that both sides hold the same: what we believe to be there against what is there, bucket by bucket.

Belief is what signed receipts have said. Equal means that the two agree in every record, tombstones included; what
waits to be sent and what was refused is counted beside it, for it explains a difference that people may see.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import func, select, update

from exchange.comparison import Compared, Comparison, below, compare
from exchange.problems import Refused
from exchange.proof import Proof, heard
from exchange.proof import ask as next_question
from exchange.reconcile import EMPTY, Difference, Line, Outcome, Summary
from marketplace.models.feed import Published
from marketplace.models.peers import Outbound
from marketplace.services import audit
from marketplace.services.policy import Actor
from marketplace.services.sync import lines, outgoing, probes, session
from marketplace.services.sync.outlook import waits
from marketplace.work import Work

# -- the receiver's side ----------------------------------------------------------------------------------------------


def answer(work: Work, node_id: str, asked: Comparison) -> bytes:
    """What we say to a comparison; that of the roots is kept as the last proof.

    Raises `Refused`: `epoch_unknown`, or `seq_gap` when a batch has come since.
    """
    inbound = session.held(work, node_id)
    if asked.epoch != inbound.epoch:
        raise Refused("epoch_unknown", f"the epoch known here is {inbound.epoch or 'none'}")
    if asked.at_seq != inbound.acked_seq:
        raise Refused("seq_gap", f"applied up to {inbound.acked_seq}", acked_seq=inbound.acked_seq)
    held = lines.held(work, node_id)
    compared = compare(asked, below(held, asked.prefix) if asked.prefix else tuple(held))
    if compared.root is not None:
        inbound.proved_at = work.now
        probe = probes.line(work, node_id)
        inbound.proof = {
            **_proof(asked.buckets.get("", EMPTY), compared.root),
            "probe": [probe.uid, probe.rev, probe.hash] if probe else None,
        }
    return compared.written()


# -- the sender's side ------------------------------------------------------------------------------------------------

Ask = Callable[[bytes], bytes]
"""Puts a written comparison to the other side. What it raises passes through."""


def prove(believed: Sequence[Line], ask: Ask, *, epoch: str, at_seq: int) -> Proof:
    """Compare the roots, and where they differ go down to the records. Raises `Refused` for an unreadable answer."""
    proof = Proof(epoch, at_seq)
    while not proof.over:
        asked = next_question(proof, lambda prefix: below(believed, prefix) if prefix else believed)
        proof = heard(proof, asked, Compared.read(ask(asked.written())))
    return proof


def pending(work: Work, proof: Proof, acked_seq: int) -> frozenset[str]:
    """The records that differ only because their newer state still waits to be sent."""
    rows = _published(work, [one.uid for one in proof.found if one.outcome is Outcome.MISSING])
    return frozenset(row.id for row in rows if row.pub_seq is None or row.pub_seq > acked_seq)


def repair(
    work: Work, node: str, proof: Proof, pending: Collection[str] = frozenset()
) -> tuple[Difference, ...]:
    """Mend what can be mended and keep the result; the differences that are still there.

    What is missing there is sent again, unless it is `pending` anyway. What is there and only our belief did not know
    of it is believed now. A revision that we never wrote, or two contents of one revision, are for people.
    """
    ours = {one.id: one for one in _published(work, [one.uid for one in proof.found])}
    resent, unexplained, left = [], [], []
    for one in proof.found:
        row = ours.get(one.uid)
        left.append(one)
        if one.outcome is Outcome.MISSING and row is not None:
            resent.append(one.uid)
        elif one.outcome is Outcome.EXTRA and row is not None and _same(row, one.theirs):
            outgoing.believe(work, row.id, row.rev, row.hash, row.op)
            left.pop()
        else:
            unexplained.append(one.uid)
    outgoing.resend(work, [uid for uid in resent if uid not in pending])
    kept = {
        **_proof(proof.ours, proof.theirs), "repaired": len(resent), "unexplained": unexplained,
        "waiting": _waiting(work),
    }  # fmt: skip
    work.session.execute(
        update(Outbound).where(Outbound.node_id == node).values(proved_at=work.now, proof=kept)
    )
    if unexplained:
        audit.record(work, Actor(name="sync"), "exchange.unequal", node, unexplained=len(unexplained))
    return tuple(left)


def _same(row: Published, line: Line | None) -> bool:
    return line is not None and (row.rev, row.hash) == (line.rev, line.hash)


def _published(work: Work, uids: Sequence[str]) -> list[Published]:
    found: list[Published] = []
    for start in range(0, len(uids), 500):
        found += work.session.scalars(select(Published).where(Published.id.in_(uids[start : start + 500])))
    return found


def _waiting(work: Work) -> int:
    line = outgoing.line(work)
    acked = line.sender.acked_seq if line else 0
    return work.session.scalar(select(func.count()).where(waits(work, acked))) or 0


def _proof(ours: Summary, theirs: Summary) -> dict[str, Any]:
    """As it is kept: `ours` is always the home's side, `theirs` the national one's."""
    return {
        "equal": ours == theirs, "ours_count": ours.count, "ours_digest": ours.digest,
        "theirs_count": theirs.count, "theirs_digest": theirs.digest,
    }  # fmt: skip
