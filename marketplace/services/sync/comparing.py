"""The proof that both sides hold the same: what we believe to be there against what is there, bucket by bucket.

Belief is what signed receipts have said. Equal means that the two agree in every record, tombstones included; what
waits to be sent and what was refused is counted beside it, for it explains a difference that people may see.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from exchange.comparison import Compared, Comparison
from exchange.problems import Refused
from exchange.reconcile import (
    EMPTY,
    LISTED,
    Difference,
    Line,
    Outcome,
    Summary,
    bucket,
    differences,
    differing,
    summarise,
)
from exchange.reconcile import root as root_of
from marketplace.models.feed import Published
from marketplace.models.peers import Outbound
from marketplace.services import audit
from marketplace.services.policy import Actor
from marketplace.services.sync import lines, outgoing, session
from marketplace.services.sync.outlook import waits
from marketplace.work import Work

BUCKET, SMALL_BUCKET = 1, 2
"""Levels: buckets named by two and by four hexadecimal digits."""


# -- the receiver's side ----------------------------------------------------------------------------------------------


def answer(work: Work, node_id: str, asked: Comparison) -> dict[str, Any]:
    """What we say to a comparison. A root is answered with our own count and digest too, and kept as the last proof.

    Raises `Refused`: `epoch_unknown`, or `seq_gap` when a batch has come since.
    """
    inbound = session.held(work, node_id)
    if asked.epoch != inbound.epoch:
        raise Refused("epoch_unknown", f"the epoch known here is {inbound.epoch or 'none'}")
    if asked.at_seq != inbound.acked_seq:
        raise Refused("seq_gap", f"applied up to {inbound.acked_seq}", acked_seq=inbound.acked_seq)
    if asked.lines is not None:
        return _written(Compared(lines=tuple(_below(lines.held(work, node_id), asked.prefix))))
    found = summarise(_below(lines.held(work, node_id), asked.prefix), level=asked.level)
    places = differing(asked.buckets, found)
    compared = Compared(
        tuple(place for place in places if place in asked.buckets),
        tuple(place for place in places if place not in asked.buckets),
    )
    if asked.level:
        return _written(compared)
    ours, theirs = found.get("", EMPTY), asked.buckets.get("", EMPTY)
    inbound.proved_at = work.now
    inbound.proof = _proof(theirs, ours)
    return {**_written(compared), "count": ours.count, "digest": ours.digest}


# -- the sender's side ------------------------------------------------------------------------------------------------

Ask = Callable[[Comparison], dict[str, Any]]
"""Puts a comparison to the other side. What it raises passes through."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a comparison has found. `ours` is the belief, `theirs` what is there."""

    ours: Summary
    theirs: Summary
    differences: tuple[Difference, ...] = ()

    @property
    def equal(self) -> bool:
        return self.ours == self.theirs


def prove(believed: Sequence[Line], ask: Ask, *, epoch: str, at_seq: int) -> Proof:
    """Compare the roots, and where they differ go down to the records."""
    ours = root_of(believed)
    said = ask(Comparison(epoch, at_seq, 0, buckets={"": ours} if ours.count else {}))
    theirs = Summary(int(said["count"]), str(said["digest"]))
    if ours == theirs:
        return Proof(ours, theirs)
    found: list[Difference] = []
    for prefix in _narrowed(believed, ask, epoch=epoch, at_seq=at_seq):
        there = ask(Comparison(epoch, at_seq, len(prefix) // 2, prefix, lines=()))["lines"]
        found += differences(
            _below(believed, prefix), [Line(one["id"], one["rev"], one["hash"]) for one in there]
        )
    return Proof(ours, theirs, tuple(found))


def _narrowed(believed: Sequence[Line], ask: Ask, *, epoch: str, at_seq: int) -> Iterator[str]:
    """The smallest buckets that differ: their records are few enough to be listed."""
    mine = summarise(believed, level=BUCKET)
    for prefix in _differing(ask(Comparison(epoch, at_seq, BUCKET, buckets=mine))):
        if mine.get(prefix, EMPTY).count <= LISTED:
            yield prefix
            continue
        smaller = summarise(_below(believed, prefix), level=SMALL_BUCKET)
        yield from _differing(ask(Comparison(epoch, at_seq, SMALL_BUCKET, prefix, buckets=smaller)))


def _differing(said: dict[str, Any]) -> list[str]:
    return sorted([*said["differ"], *said["only_missing"]])


def pending(work: Work, proof: Proof, acked_seq: int) -> frozenset[str]:
    """The records that differ only because their newer state still waits to be sent."""
    rows = _published(work, [one.uid for one in proof.differences if one.outcome is Outcome.MISSING])
    return frozenset(row.id for row in rows if row.pub_seq is None or row.pub_seq > acked_seq)


def repair(
    work: Work, node: str, proof: Proof, pending: Collection[str] = frozenset()
) -> tuple[Difference, ...]:
    """Mend what can be mended and keep the result; the differences that are still there.

    What is missing there is sent again, unless it is `pending` anyway. What is there and only our belief did not know
    of it is believed now. A revision that we never wrote, or two contents of one revision, are for people.
    """
    ours = {one.id: one for one in _published(work, [one.uid for one in proof.differences])}
    resent, unexplained, left = [], [], []
    for one in proof.differences:
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


def _below(all_lines: Iterable[Line], prefix: str) -> Iterator[Line]:
    return (line for line in all_lines if not prefix or bucket(line.uid).startswith(prefix))


def _proof(ours: Summary, theirs: Summary) -> dict[str, Any]:
    """As it is kept: `ours` is always the home's side, `theirs` the national one's."""
    return {
        "equal": ours == theirs, "ours_count": ours.count, "ours_digest": ours.digest,
        "theirs_count": theirs.count, "theirs_digest": theirs.digest,
    }  # fmt: skip


def _written(compared: Compared) -> dict[str, Any]:
    return {
        "differ": list(compared.differ), "only_missing": list(compared.only_missing),
        "lines": [line.as_record() for line in compared.lines],
    }  # fmt: skip
