"""How it stands with the other exchanges: one line each for the national operator, with what needs somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from exchange.keys import PublicKey
from marketplace.errors import NotFound
from marketplace.models.accounts import User
from marketplace.models.exchanges import PUBLIC, InBatch, Replica
from marketplace.models.peers import Inbound, Peer, PeerApproval, PeerKey
from marketplace.services.feed import LISTED
from marketplace.services.policy import Actor, permit
from marketplace.services.sync import enrolment, issues, probes, trust
from marketplace.services.sync.issues import OpenIssue
from marketplace.services.sync.probes import Searchable
from marketplace.work import Work

SILENT = timedelta(minutes=15)
"""No sign of life for so long is an alarm: a healthy exchange is heard every minute."""
BEHIND = timedelta(minutes=10)
KEY_WARNING = timedelta(days=14)
HELD_SHARE = 0.01
MOST_DOUBTFUL = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """One exchange as its operator at the centre sees it. `alarms` are codes of `sync.alarm_<code>`."""

    node_id: str
    name: Mapping[str, str]
    status: str
    base_url: str
    since: datetime
    records: int = 0
    tombstones: int = 0
    held: int = 0
    opaque: int = 0
    partner: int = 0
    """Records for its partners only, which nobody sees here."""
    issues: int = 0
    waiting: int = 0
    """Changes it has told us of and not yet sent."""
    heard_at: datetime | None = None
    received_at: datetime | None = None
    halted: str = ""
    proved_at: datetime | None = None
    proof: Mapping[str, object] | None = None
    key_until: datetime | None = None
    alarms: tuple[str, ...] = ()
    searchable: Searchable | None = None
    """How long its changes take until they can be found here; None where nothing was measured in the last day."""


def as_record(standing: Standing) -> dict[str, Any]:
    """For programs."""
    return asdict(standing)


@dataclass(frozen=True, slots=True)
class BatchLine:
    batch_id: str
    received_at: datetime
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key as people compare it. `state` is pending, active, retiring, ended, not_before or revoked.

    `application` is what came with one that waits: `name_vi`, `name_en`, `base_url`, `kinds`.
    """

    kid: str
    fingerprint: str
    state: str
    not_after: datetime
    approved_by: tuple[str, ...] = ()
    application: Mapping[str, Any] = field(default_factory=dict)
    compromised_since: datetime | None = None
    doubtful: tuple[BatchLine, ...] = ()
    """The batches that came under it since then, the first `MOST_DOUBTFUL` of them, for people to look at."""
    doubtful_in_all: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything about one exchange."""

    standing: Standing
    keys: tuple[KeyLine, ...]
    issues: tuple[OpenIssue, ...]
    batches: tuple[BatchLine, ...]


def exchanges(work: Work, actor: Actor) -> list[Standing]:
    """All exchanges that ever enrolled here, those with alarms first."""
    permit(actor, "exchanges.read")
    peers = work.session.scalars(select(Peer).where(Peer.role == "local").order_by(Peer.node_id))
    counted, wrong = _counted(work), issues.counts(work)
    measured = probes.searchable(work)
    standings = [
        replace(
            _standing(work, peer, counted.get(peer.node_id, {}), wrong), searchable=measured.get(peer.node_id)
        )
        for peer in peers
    ]
    return sorted(standings, key=lambda one: (not one.alarms, one.node_id))


def sheet(work: Work, actor: Actor, node_id: str) -> Sheet:
    """Raises `NotFound`."""
    permit(actor, "exchanges.read")
    peer = work.session.get(Peer, node_id)
    if peer is None or peer.role == enrolment.SOURCE:
        raise NotFound("not_found")
    standing = replace(
        _standing(work, peer, _counted(work, node_id).get(node_id, {}), issues.counts(work)),
        searchable=probes.searchable(work, node_id).get(node_id),
    )
    batches = select(InBatch).where(InBatch.origin == node_id, InBatch.probe.is_not(True))
    batches = batches.order_by(InBatch.received_at.desc()).limit(20)
    return Sheet(
        standing,
        _keys(work, node_id),
        issues.open_now(work, node_id),
        tuple(BatchLine(one.batch_id, one.received_at, one.counts) for one in work.session.scalars(batches)),
    )


def of_peer(work: Work, node_id: str) -> dict[str, Any]:
    """What an exchange may know of how it stands here."""
    peer = work.session.get_one(Peer, node_id)
    one = _standing(work, peer, _counted(work, node_id).get(node_id, {}), issues.counts(work))
    inbound = work.session.get_one(Inbound, node_id)
    return {
        "node": node_id, "status": one.status, "halted": one.halted, "acked_seq": inbound.acked_seq,
        "head_seq": inbound.head_seq, "records": one.records, "tombstones": one.tombstones, "held": one.held,
        "opaque": one.opaque, "partner": one.partner, "issues": one.issues, "alarms": list(one.alarms),
        "heard_at": one.heard_at.isoformat() if one.heard_at else None,
        "proof": dict(one.proof) if one.proof else None,
    }  # fmt: skip


def _counted(work: Work, node_id: str = "") -> dict[str, dict[str, int]]:
    """Origin -> projection, or `partner` -> records; one query, counted each time, so that it can never be off."""
    told = (Replica.origin, Replica.projection, Replica.audience)
    statement = select(*told, func.count()).where(Replica.kind.in_(LISTED)).group_by(*told)
    if node_id:
        statement = statement.where(Replica.origin == node_id)
    counted: dict[str, dict[str, int]] = {}
    for origin, projection, audience, number in work.session.execute(statement):
        state = "partner" if projection == "visible" and audience != PUBLIC else projection
        of_origin = counted.setdefault(origin, {})
        of_origin[state] = of_origin.get(state, 0) + number
    return counted


def _standing(work: Work, peer: Peer, counted: Mapping[str, int], wrong: Mapping[str, int]) -> Standing:
    inbound = work.session.get(Inbound, peer.node_id) or Inbound(
        node_id=peer.node_id, head_seq=0, acked_seq=0, halted="", proof={}
    )
    key_until = work.session.scalar(
        select(func.max(PeerKey.not_after)).where(
            PeerKey.node_id == peer.node_id,
            PeerKey.approved_at.is_not(None),
            PeerKey.revoked_at.is_(None),
            PeerKey.replaced_at.is_(None),
        )
    )
    return Standing(
        node_id=peer.node_id,
        name={"vi": peer.name_vi or peer.node_id, "en": peer.name_en or peer.name_vi or peer.node_id},
        status=peer.status,
        base_url=peer.base_url,
        since=peer.since,
        records=counted.get("visible", 0),
        tombstones=counted.get("none", 0),
        held=counted.get("held", 0),
        opaque=counted.get("opaque", 0),
        partner=counted.get("partner", 0),
        issues=wrong.get(peer.node_id, 0),
        waiting=max(0, inbound.head_seq - inbound.acked_seq),
        heard_at=inbound.heard_at,
        received_at=inbound.received_at,
        halted=inbound.halted,
        proved_at=inbound.proved_at,
        proof=inbound.proof or None,
        key_until=key_until,
        alarms=tuple(_alarms(peer, inbound, counted, key_until, work.now)),
    )


def _alarms(
    peer: Peer, inbound: Inbound, counted: Mapping[str, int], key_until: datetime | None, now: datetime
) -> Iterator[str]:
    if peer.status == "pending":
        yield "pending"
    if peer.status != "active":
        return
    if inbound.halted:
        yield inbound.halted
    if inbound.heard_at is None or now - inbound.heard_at > SILENT:
        yield "silent"
    elif inbound.head_seq > inbound.acked_seq and now - (inbound.received_at or peer.since) > BEHIND:
        yield "behind"
    if counted.get("held", 0) > HELD_SHARE * max(1, sum(counted.values())):
        yield "held"
    if inbound.proof and not inbound.proof.get("equal"):
        yield "unequal"
    if key_until is None or key_until <= now:
        yield "keyless"
    elif key_until - now < KEY_WARNING:
        yield "key"


def _keys(work: Work, node_id: str) -> tuple[KeyLine, ...]:
    found = work.session.scalars(
        select(PeerKey).where(PeerKey.node_id == node_id).order_by(PeerKey.not_before.desc())
    ).all()
    approved = _approvals(work, [key.kid for key in found])
    return tuple(
        KeyLine(
            key.kid,
            PublicKey(key.public).fingerprint,
            _state(work, key),
            key.not_after,
            tuple(approved.get(key.kid, ())),
            key.application or {},
            key.compromised_since,
            *_doubtful(work, key),
        )
        for key in found
    )


def _doubtful(work: Work, key: PeerKey) -> tuple[tuple[BatchLine, ...], int]:
    """The first batches since the key was perhaps known to others, and how many there are."""
    if key.compromised_since is None:
        return (), 0
    since = trust.doubtful(key.kid, key.node_id, key.compromised_since)
    found = work.session.scalars(
        select(InBatch).where(*since).order_by(InBatch.received_at).limit(MOST_DOUBTFUL)
    )
    lines = tuple(BatchLine(one.batch_id, one.received_at, one.counts) for one in found)
    return lines, work.session.scalar(select(func.count()).select_from(InBatch).where(*since)) or 0


def _state(work: Work, key: PeerKey) -> str:
    if key.approved_at is None and key.revoked_at is None:
        return "pending"
    return trust.record(key).state(int(work.now.timestamp()))


def _approvals(work: Work, kids: Sequence[str]) -> dict[str, list[str]]:
    statement = (
        select(PeerApproval.kid, func.coalesce(User.name, PeerApproval.approved_by))
        .join(User, User.id == PeerApproval.approved_by, isouter=True)
        .where(PeerApproval.kid.in_(kids))
        .order_by(PeerApproval.approved_at)
    )
    named: dict[str, list[str]] = {}
    for kid, name in work.session.execute(statement):
        named.setdefault(kid, []).append(name)
    return named
