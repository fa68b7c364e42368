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
from vocabulary.text import one_line

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
    _purge(work, batch, results)
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
    The copies are locked by the caller. One that is older than what is shown shows nothing (R5).
    """
    known = feed.rows(work, [one.uid for one in replicas])
    shown = []
    for one in replicas:
        if one.uid in known and one.rev < known[one.uid].rev:
            continue
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
    """How records are shown; what is seen of them is kept, for the feed is made of the same."""

    def __init__(self) -> None:
        self.views: dict[str, View] = {}

    def __call__(self, item: Item) -> Verdict:
        seen = projection.view(uid=item.uid, schema=item.schema, op=item.op, body=item.body)
        self.views[item.uid] = seen
        return Verdict(Projection(seen.state), tuple(flaw(problem) for problem in seen.problems))


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
    # Whoever looks again at many locks them in this order too: two orders would be a deadlock.
    replicas.sort(key=lambda one: one.uid)
    _store(work, replicas, known)
    show(work, replicas, {uid: judge.views[uid] for uid, step in last.items() if _is_live(step)})
    return _settle(work, node_id, steps)


def _purge(work: Work, batch: Batch, results: Sequence[Result]) -> None:
    """What was erased goes from this batch too, and from what was refused of it: both must have been written before."""
    erased = {
        item.uid
        for item, result in zip(batch.items, results, strict=True)
        if isinstance(item, Item) and item.op == "erase" and result.status == "applied"
    }
    work.session.flush()
    erasing.purge(work, batch.node, erased)


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


def _settle(work: Work, node_id: str, steps: Sequence[Step]) -> list[Result]:
    """Results in the order of the batch, each with its issue; what was mended has none any more."""
    results = [_result(work, node_id, step) for step in steps]
    ended = {step.item.uid: step.status for step in steps}
    mended = [uid for uid, status in ended.items() if status == "applied"]
    issues.close(work, mended, origin=node_id)
    _alarm(work, node_id, steps)
    return results


def _alarm(work: Work, node_id: str, steps: Sequence[Step]) -> None:
    """One entry for each alarm of a batch, with its first record and how many there were: five hundred would bury what
    else the audit log tells."""
    alarms: dict[str, list[str]] = {}
    for step in steps:
        if step.alarm:
            alarms.setdefault(step.alarm, []).append(step.item.uid)
    who = Actor(name=f"exchange:{node_id}")
    for alarm, uids in alarms.items():
        audit.record(work, who, "exchange.alarm", uids[0], alarm=alarm, count=len(uids))


def _result(work: Work, node_id: str, step: Step) -> Result:
    if step.status not in ("held", "rejected"):
        return step.result
    item = step.item
    raw = written(item.as_record() if isinstance(item, Item) else item.raw)[:LARGEST_REJECT]
    digest = hashlib.sha256(raw).hexdigest()
    if step.status == "rejected":
        work.session.merge(Reject(sha256=digest, raw=raw, origin=node_id, uid=item.uid, received_at=work.now))
    faults = [Fault.of(flaw) for flaw in step.flaws]
    issue_id = issues.open_for(work, item.uid, item.rev, faults, origin=node_id, raw_sha256=digest)
    return replace(step.result, issue_id=issue_id)


def flaw(problem: Problem) -> Flaw:
    """A problem of a listing as what is wrong with its record."""
    params = {name: one_line(str(value), issues.LONGEST_PARAM) for name, value in problem.params.items()}
    sentence = catalogue("en").gettext(f"problem.{problem.code}", **params)
    return Flaw(projection.pointer(problem.path), problem.code, sentence, params)


def _as_kept(work: Work, batch: Batch, packed: bytes, receipt: Receipt, kid: str) -> InBatch:
    return InBatch(
        batch_id=batch.batch_id, origin=batch.node, kid=kid, epoch=batch.epoch, prev_seq=batch.prev_seq,
        to_seq=batch.to_seq, digest=batch.digest, body=packed, answer=receipt.written(),
        counts=dict(receipt.counts), received_at=work.now, probe=probes.only(batch.items),
    )  # fmt: skip
