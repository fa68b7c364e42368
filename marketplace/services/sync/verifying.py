"""Whether everything agrees: the kept copies with what is shown, what is shown with the index, and both with the homes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select

from exchange.reconcile import Line, root
from marketplace.models.exchanges import PUBLIC, Replica
from marketplace.models.feed import Published
from marketplace.models.peers import Inbound, Outbound, Peer
from marketplace.services import feed, standing
from marketplace.services.sync import lines
from marketplace.work import Work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, whether it is well, and the figures."""

    what: str
    well: bool
    detail: str


def findings(work: Work) -> list[Finding]:
    return [*_with_the_centre(work), *_with_the_homes(work), *_views(work), *_index(work)]


def as_record(finding: Finding) -> dict[str, Any]:
    return asdict(finding)


def _with_the_centre(work: Work) -> Iterator[Finding]:
    """The last comparison of a local exchange."""
    for outbound in work.session.scalars(select(Outbound)):
        if not outbound.proof:
            yield Finding(outbound.node_id, False, "was never compared with this exchange")
            continue
        proof = outbound.proof
        told = (
            f"{proof['ours_count']} here, {proof['theirs_count']} there, {proof.get('waiting', 0)} waiting, "
            f"{len(proof.get('unexplained', ()))} not explained; {proof['ours_digest']}"
        )
        yield Finding(outbound.node_id, bool(proof["equal"]), told)


def _with_the_homes(work: Work) -> Iterator[Finding]:
    """What is kept of each local exchange is still what it was when its home last compared."""
    statement = select(Inbound).join(Peer, Peer.node_id == Inbound.node_id).order_by(Inbound.node_id)
    for inbound in work.session.scalars(statement):
        probe = inbound.proof.get("probe") if inbound.proof else None
        ours = root(lines.held_with(work, inbound.node_id, Line(*probe) if probe else None))
        if not inbound.proof:
            yield Finding(inbound.node_id, False, f"{ours.count} kept; its home has never compared")
            continue
        equal = bool(inbound.proof["equal"]) and ours.digest == inbound.proof["ours_digest"]
        told = f"{inbound.proof['ours_count']} there, {ours.count} here; {ours.digest}"
        yield Finding(inbound.node_id, equal, told)


def _views(work: Work) -> Iterator[Finding]:
    """What people see of others' records follows from the copies: live where visible to all, and nowhere else."""
    for_all = and_(Replica.projection == "visible", Replica.audience == PUBLIC)
    live = and_(Published.op == "upsert", Published.rev == Replica.rev, Published.hash == Replica.hash)
    wrong = select(func.count()).select_from(Replica).join(
        Published, Published.id == Replica.uid, isouter=True
    ).where(
        or_(
            and_(for_all, or_(Published.id.is_(None), ~live)),
            and_(~for_all, Published.op == "upsert"),
        )
    )  # fmt: skip
    count = work.session.scalar(select(func.count()).select_from(Replica)) or 0
    narrow = select(func.count()).where(Replica.projection == "visible", Replica.audience != PUBLIC)
    partner, off = work.session.scalar(narrow) or 0, work.session.scalar(wrong) or 0
    if count:
        told = f", {partner} of them for partners and not shown" if partner else ""
        yield Finding("view", not off, f"{count} copies{told}, {off} shown otherwise")


def _index(work: Work) -> Iterator[Finding]:
    """As many listings can be found as are shown, and the index has come as far as the feed."""
    engine = work.runtime.engine
    shown, head = standing.count(work), feed.state(work).head
    behind = head - engine.position
    yield Finding(
        "index", not behind and engine.count() == shown,
        f"{shown} shown, {engine.count()} can be found, {behind} changes behind",
    )  # fmt: skip
