"""Which keys of the national exchange this one believes: pinned once by people, then only what those have handed over to."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from sqlalchemy import select, update

from exchange import handovers
from exchange.handovers import Broken, KeySet
from exchange.keys import KeyRecord, PublicKey
from marketplace.models.peers import Outbound, PeerKey
from marketplace.services import audit
from marketplace.services.policy import SYSTEM, Actor, permit
from marketplace.services.sync import trust
from marketplace.work import Work

log = logging.getLogger("giao.sync")


def follow(work: Work, node_id: str, said: KeySet) -> bool:
    """Believe what the believed keys have handed over to; True when that is more than before.

    Where no hand-over leads to the key in use nothing changes, and the operator is told why.
    """
    keys = work.session.scalars(
        select(PeerKey).where(PeerKey.node_id == node_id, PeerKey.approved_at.is_not(None))
    )
    known, now = [trust.record(key) for key in keys], int(work.now.timestamp())
    try:
        fresh = handovers.follow(said.chain, known, said.newest, node=node_id, now=now)
    except Broken as broken:
        _alarm(work, node_id, broken)
        return False
    for one in fresh:
        _believe(work, one)
    if fresh:
        audit.record(work, SYSTEM, "exchange.follow_key", node_id, kid=said.newest)
        well(work, node_id)
    return bool(fresh)


def well(work: Work, node_id: str) -> None:
    """The key in use is believed: whatever was wrong with it is so no more."""
    _note(work, node_id, "")


def pin_again(work: Work, actor: Actor, node_id: str, key: PublicKey) -> None:
    """People have compared this key anew: it alone is believed from now on."""
    permit(actor, "exchanges.manage")
    others = update(PeerKey).where(
        PeerKey.node_id == node_id, PeerKey.kid != key.kid, PeerKey.revoked_at.is_(None)
    )
    work.session.execute(others.values(revoked_at=work.now))
    trust.pin(work, node_id, key)
    well(work, node_id)
    audit.record(work, actor, "exchange.pin", node_id, kid=key.kid)


def _believe(work: Work, one: KeyRecord) -> None:
    known = work.session.get(PeerKey, one.kid)
    if known is None:
        known = PeerKey(
            kid=one.kid, node_id=one.node, public=one.key.x, approved_at=work.now,
            not_before=_moment(one.not_before), not_after=_moment(one.not_after),
        )  # fmt: skip
        work.session.add(known)
    known.replaced_at = _moment(one.replaced_at) if one.replaced_at is not None else None
    work.session.flush()


def _alarm(work: Work, node_id: str, broken: Broken) -> None:
    """Once for each reason: it comes again with every heartbeat."""
    if _note(work, node_id, broken.code):
        log.error("a key of %s is not believed: %s", node_id, broken)
        who = Actor(name=f"exchange:{node_id}")
        audit.record(
            work, who, "exchange.refuse_key", node_id, "denied", reason=broken.code, detail=str(broken)
        )


def _note(work: Work, node_id: str, reason: str) -> bool:
    """Whether that is another than was noted before."""
    noted = update(Outbound).where(Outbound.node_id == node_id, Outbound.key_refused != reason)
    return bool(work.session.execute(noted.values(key_refused=reason)).rowcount)  # type: ignore[attr-defined]


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
