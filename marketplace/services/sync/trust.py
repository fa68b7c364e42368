"""Whom we believe: the keys of the other exchanges, how long each counts, and how one is taken away.

Every request asks the database anew, so that what is revoked is refused from the next request on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from exchange.keys import LONGEST_LIFE, OVERLAP, KeyRecord, PublicKey
from exchange.problems import Refused
from exchange.signing import NONCES_KEPT, Signer
from marketplace.db import rows_of
from marketplace.errors import NotFound
from marketplace.models.exchanges import InBatch
from marketplace.models.peers import Nonce, Peer, PeerKey
from marketplace.services import audit
from marketplace.services.policy import Actor, permit
from marketplace.work import Work

_FRESH = {
    "postgresql": postgresql.insert(rows_of(Nonce)).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(rows_of(Nonce)).on_conflict_do_nothing(),
}
"""Built once: every request of an exchange is asked with it."""


def finder(work: Work) -> Callable[[str, str], KeyRecord | None]:
    """What `exchange.signing` asks: the key of this name of this node.

    One that waits to be approved is known too, so that its owner can be told so: `admit` lets nothing pass with it.
    """

    def find(node_id: str, kid: str) -> KeyRecord | None:
        key = work.session.get(PeerKey, kid)
        return record(key) if key is not None and key.node_id == node_id else None

    return find


def record(key: PeerKey) -> KeyRecord:
    return KeyRecord(
        node=key.node_id,
        key=PublicKey(key.public),
        not_before=_seconds(key.not_before),
        not_after=_seconds(key.not_after),
        replaced_at=_seconds(key.replaced_at) if key.replaced_at else None,
        revoked_at=_seconds(key.revoked_at) if key.revoked_at else None,
        compromised_since=_seconds(key.compromised_since) if key.compromised_since else None,
    )


def admit(work: Work, signer: Signer) -> None:
    """Let a proved request pass, once. Raises `Refused`: `replayed`, or `node_suspended` unless both node and key are
    approved and active."""
    fresh = _FRESH[work.session.get_bind().dialect.name]
    seen = {"kid": signer.kid, "nonce": signer.nonce, "seen_at": work.now}
    if not work.session.execute(fresh, seen).rowcount:  # type: ignore[attr-defined]
        raise Refused("replayed", "this signature was used before")
    waits = work.session.get_one(PeerKey, signer.kid).approved_at is None
    status = "pending" if waits else work.session.get_one(Peer, signer.node).status
    if status != "active":
        raise Refused("node_suspended", f"the exchange is {status} here", state=status)


def forget_nonces(work: Work) -> None:
    """Drop what is older than any signature could be."""
    work.session.execute(delete(Nonce).where(Nonce.seen_at < work.now - timedelta(seconds=NONCES_KEPT)))


def pinned(work: Work, node_id: str) -> list[KeyRecord]:
    """The keys of a node that count now."""
    now = _seconds(work.now)
    keys = work.session.scalars(
        select(PeerKey).where(PeerKey.node_id == node_id, PeerKey.approved_at.is_not(None))
    )
    return [found for key in keys if (found := record(key)).usable(now)]


def pin(work: Work, node_id: str, key: PublicKey) -> None:
    """Believe this key of this node from now on."""
    if work.session.get(PeerKey, key.kid) is None:
        work.session.add(_new(work, node_id, key, approved=True))


def keep_waiting(work: Work, node_id: str, key: PublicKey, application: Mapping[str, Any]) -> None:
    """Keep a key that has yet to be approved, with what came with it. Raises `Refused` when it is known already."""
    refuse_known(work, key)
    waiting = _new(work, node_id, key, approved=False)
    waiting.application = dict(application)
    work.session.add(waiting)


def refuse_known(work: Work, key: PublicKey) -> None:
    """Raises `Refused` for a key that was ever any exchange's: who enrols brings one that nobody has seen."""
    if work.session.get(PeerKey, key.kid) is not None:
        raise Refused("node_exists", "the key is known here already: enrol with a new one")


def rotate(work: Work, old: Signer, new: PublicKey) -> datetime:
    """Believe a second key of the node, signed for by both; until when the former ones count.

    Raises `Refused`: `node_exists`, or `forked` when the old key has a successor already: it still counts for some days,
    and whoever has got hold of it meanwhile must not put another in the place of that one.
    """
    if work.session.get(PeerKey, new.kid) is not None:
        raise Refused("node_exists", "the key is in use already")
    unfollowed = update(PeerKey).where(PeerKey.approved_at.is_not(None), PeerKey.replaced_at.is_(None))
    followed = unfollowed.where(PeerKey.kid == old.kid).values(replaced_at=work.now)
    if not work.session.execute(followed).rowcount:  # type: ignore[attr-defined]
        raise Refused("forked", "the key has another successor")
    work.session.execute(unfollowed.where(PeerKey.node_id == old.node).values(replaced_at=work.now))
    work.session.add(_new(work, old.node, new, approved=True))
    audit.record(
        work, Actor(name=f"exchange:{old.node}"), "exchange.rotate", old.node, kid=new.kid, former=old.kid
    )
    return work.now + timedelta(seconds=OVERLAP)


def alarm_forked(work: Work, old: Signer) -> None:
    """A key that has a successor was to be followed by another: whoever signed so is perhaps not the exchange."""
    who = Actor(name=f"exchange:{old.node}")
    audit.record(work, who, "exchange.alarm", old.node, alarm="key_forked", kid=old.kid)


def set_status(work: Work, actor: Actor, node_id: str, status: str) -> None:
    """Suspend a node, let it go on, or revoke it for good with all its keys."""
    permit(actor, "exchanges.manage")
    peer = work.session.get(Peer, node_id)
    if peer is None or peer.status in ("pending", "revoked"):
        raise NotFound("not_found")
    peer.status = status
    if status == "revoked":
        mine = update(PeerKey).where(PeerKey.node_id == node_id, PeerKey.revoked_at.is_(None))
        work.session.execute(mine.values(revoked_at=work.now))
    audit.record(work, actor, f"exchange.{status}", node_id)


def revoke(work: Work, actor: Actor, kid: str, *, compromised_since: datetime | None = None) -> int:
    """Believe this key no more. With `compromised_since`: how many batches came under it since, to be looked at."""
    permit(actor, "exchanges.manage")
    known = work.session.get(PeerKey, kid)
    if known is None:
        raise NotFound("not_found")
    known.revoked_at, known.compromised_since = work.now, compromised_since
    since = compromised_since.isoformat() if compromised_since else ""
    audit.record(work, actor, "exchange.revoke_key", known.node_id, kid=kid, since=since)
    if compromised_since is None:
        return 0
    came = doubtful(kid, known.node_id, compromised_since)
    return work.session.scalar(select(func.count()).select_from(InBatch).where(*came)) or 0


def doubtful(kid: str, node_id: str, since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Batches of this node that came under this key since then; one with a probe alone says nothing."""
    its = (InBatch.origin == node_id, InBatch.kid == kid, InBatch.received_at >= since)
    return (*its, InBatch.probe.is_not(True))


def _new(work: Work, node_id: str, key: PublicKey, *, approved: bool) -> PeerKey:
    return PeerKey(
        kid=key.kid, node_id=node_id, public=key.x, approved_at=work.now if approved else None,
        not_before=work.now, not_after=work.now + timedelta(seconds=LONGEST_LIFE),
    )  # fmt: skip


def _seconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp())
