"""Taking in a batch of another exchange: all of it with its receipt in one transaction, or nothing.

What came is kept as it came, in `replicas`; what people see follows from that, as a row of our own feed, and so goes
through the same readers as a listing of our own. Nobody here can change either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from exchange import apply
from exchange.apply import Grant, Known, Projection, Step, Verdict
from exchange.envelope import Batch, Receipt, Result, written
from exchange.items import Flaw, Item, Unreadable
from exchange.problems import Refused
from exchange.receiver import is_replay, refuse_fenced, refuse_misplaced, too_many_held
from marketplace.db import rows_of
from marketplace.languages import catalogue
from marketplace.models.exchanges import PUBLIC, InBatch, Reject, Replica
from marketplace.models.peers import Peer
from marketplace.services import audit, feed
from marketplace.services.feed import Received
from marketplace.services.policy import Actor
from marketplace.services.sync import erasing, issues, probes, projection, session
from marketplace.services.sync.issues import Fault
from marketplace.services.sync.projection import View
from marketplace.work import Work
from vocabulary.problems import Problem

LARGEST_REJECT = 1024 * 1024
HIDDEN, NARROWED = "held", "unshared"
"""Why a listing that was seen is not any more, while its home mends it, or for partners only: messages `gone.…`."""
_TABLE = rows_of(Replica)


def take_in(work: Work, batch: Batch, packed: bytes, *, node_id: str, kid: str, fence: str) -> bytes:
    """The receipt, as it is answered. Raises `Refused`, and then nothing was changed."""
    if batch.node != node_id:
        raise Refused("forbidden_origin", "the batch is another exchange's")
    inbound = session.held(work, node_id)
    standing = session.standing(work, inbound)
    refuse_fenced(standing, fence)
    stored = work.session.get(InBatch, batch.batch_id)
    if is_replay(batch, stored.digest if stored else None):
        assert stored is not None
        return Receipt.read(stored.answer).again().written()
    refuse_misplaced(standing, batch)
    results = take_items(work, node_id, batch.items, batch_id=batch.batch_id)
    receipt = Receipt.of(batch, results, received_at=work.now.isoformat(timespec="seconds"))
    session.keep(inbound, standing.acked(batch))
    if too_many_held(results):
        session.halt(work, node_id, "held")
    inbound.received_at = inbound.heard_at = work.now
    work.session.add(_as_kept(work, batch, packed, receipt, kid))
    return receipt.written()


def stored_answer(work: Work, node_id: str, batch_id: str) -> bytes:
    """The receipt of a batch whose answer was lost. Raises `Refused` (`not_found`)."""
    stored = work.session.get(InBatch, batch_id)
    if stored is None or stored.origin != node_id:
        raise Refused("not_found", "this batch was never applied")
    return Receipt.read(stored.answer).again().written()


def show(work: Work, replicas: Sequence[Replica], views: Mapping[str, View]) -> None:
    """Bring our feed to what the kept copies say. What people have never seen and may not see leaves no trace.

    That goes for what is meant for partners too: whoever reads our feed shows it to everybody.
    """
    known = feed.rows(work, [one.uid for one in replicas])
    shown = []
    for one in replicas:
        seen = views.get(one.uid, projection.GONE)
        if one.audience != PUBLIC and (seen.state == "visible" or one.uid not in known):
            if one.uid in known and known[one.uid].live:
                shown.append(_received(one, "delete", NARROWED))
        elif seen.state in ("visible", "none"):
            shown.append(
                _received(one, one.op if seen.state == "visible" else "delete", seen.body or one.body)
            )
        elif one.uid in known:
            shown.append(_received(one, "delete", HIDDEN))
    feed.receive(work, shown)


class _Judge:
    """How records are shown; what it has said is kept, for what people see is made of the same."""

    def __init__(self) -> None:
        self.views: dict[str, View] = {}

    def __call__(self, item: Item) -> Verdict:
        seen = projection.view(uid=item.uid, schema=item.schema, op=item.op, body=item.body)
        self.views[item.uid] = seen
        return Verdict(Projection(seen.state), tuple(_flaw(problem) for problem in seen.problems))


def take_items(
    work: Work, node_id: str, items: Sequence[Item | Unreadable], *, batch_id: str
) -> list[Result]:
    """Keep and show records of `node_id`, however they came; what became of each, in their order."""
    judge = _Judge()
    known = _known(work, [item.uid for item in items])
    kinds = frozenset(work.session.get_one(Peer, node_id).kinds)
    grant = Grant(node_id, work.runtime.settings.node_id, kinds=kinds)
    steps = apply.plan(items, known, grant=grant, judge=judge)
    last = {step.item.uid: step for step in steps if step.write is not None}
    replicas = [_replica(work, batch_id, step) for step in last.values() if isinstance(step.item, Item)]
    _store(work, replicas, known)
    show(work, replicas, {uid: judge.views[uid] for uid, step in last.items() if _is_live(step)})
    erasing.purge(work, node_id, [one.uid for one in replicas if one.op == "erase"])
    return _settle(work, node_id, steps, judge)


def _is_live(step: Step) -> bool:
    return isinstance(step.item, Item) and step.item.live


def _known(work: Work, uids: Sequence[str]) -> dict[str, Known]:
    statement = select(Replica.uid, Replica.rev, Replica.hash, Replica.op, Replica.audience)
    found = work.session.execute(statement.where(Replica.uid.in_(set(uids))))
    return {uid: Known(rev, digest, op, audience) for uid, rev, digest, op, audience in found}


def _replica(work: Work, batch_id: str, step: Step) -> Replica:
    item = step.item
    assert isinstance(item, Item)
    return Replica(
        uid=item.uid, origin=item.origin, kind=item.kind, schema=item.schema, rev=item.rev, op=item.op,
        hash=item.hash, body=item.body, audience=item.audience, projection=str(step.projection),
        batch_id=batch_id, received_at=work.now,
    )  # fmt: skip


def _store(work: Work, replicas: Sequence[Replica], known: Mapping[str, Known]) -> None:
    """Past the ORM: five hundred rows are two statements."""
    names = [column.key for column in _TABLE.columns]
    rows = [{name: getattr(one, name) for name in names} for one in replicas]
    fresh = [row for row in rows if row["uid"] not in known]
    changed = [{"row_uid": row["uid"], **row} for row in rows if row["uid"] in known]
    connection = work.session.connection()
    if fresh:
        connection.execute(insert(_TABLE), fresh)
    if changed:
        statement = update(_TABLE).where(_TABLE.c.uid == bindparam("row_uid"))
        connection.execute(
            statement.values({name: bindparam(name) for name in names if name != "uid"}), changed
        )


def _received(one: Replica, op: str, body: Any) -> Received:
    return Received(one.uid, one.schema, one.rev, op, one.hash, body, one.audience)


# -- what becomes of each record --------------------------------------------------------------------------------------


def _settle(work: Work, node_id: str, steps: Sequence[Step], judge: _Judge) -> list[Result]:
    """Results in the order of the batch, each with its issue; what was mended has none any more."""
    mended = [step.item.uid for step in steps if step.status == "applied"]
    issues.close(work, mended, state="fixed")
    return [_result(work, node_id, step, judge) for step in steps]


def _result(work: Work, node_id: str, step: Step, judge: _Judge) -> Result:
    if step.status not in ("held", "rejected"):
        return step.result
    item = step.item
    raw = written(item.as_record() if isinstance(item, Item) else item.raw)[:LARGEST_REJECT]
    digest = hashlib.sha256(raw).hexdigest()
    if step.status == "rejected":
        work.session.merge(Reject(sha256=digest, raw=raw, origin=node_id, uid=item.uid, received_at=work.now))
        faults = [Fault(flaw.code, flaw.path, flaw.detail) for flaw in step.flaws]
    else:
        faults = [fault(problem) for problem in judge.views[item.uid].problems]
    if step.alarm:
        who = Actor(name=f"exchange:{node_id}")
        audit.record(work, who, "exchange.alarm", item.uid, alarm=step.alarm)
    issue_id = issues.open_for(work, item.uid, item.rev, faults, origin=node_id, raw_sha256=digest)
    return replace(step.result, issue_id=issue_id)


def fault(problem: Problem) -> Fault:
    """A problem of a listing as an issue of its record."""
    return Fault(
        problem.code, projection.pointer(problem.path), _sentence(problem),
        {name: str(value) for name, value in problem.params.items()},
    )  # fmt: skip


def _flaw(problem: Problem) -> Flaw:
    return Flaw(projection.pointer(problem.path), problem.code, _sentence(problem))


def _sentence(problem: Problem) -> str:
    return catalogue("en").gettext(f"problem.{problem.code}", **problem.params)


def _as_kept(work: Work, batch: Batch, packed: bytes, receipt: Receipt, kid: str) -> InBatch:
    return InBatch(
        batch_id=batch.batch_id, origin=batch.node, kid=kid, epoch=batch.epoch, prev_seq=batch.prev_seq,
        to_seq=batch.to_seq, digest=batch.digest, body=packed, answer=receipt.written(),
        counts=dict(receipt.counts), received_at=work.now, probe=probes.only(batch.items),
    )  # fmt: skip
