"""How another exchange becomes one of ours: invited once, proved by its key, approved by two people.

The token of an invitation is burnt by its first use, also when what came with it was not acceptable. An invitation
for a node that is already one of ours must say that it replaces it: the node has lost its key. Until two people have
approved the new one, everything stays as it was, also what the node is called; then what it sends begins a new epoch.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from exchange.keys import PublicKey
from exchange.problems import Refused
from marketplace.db import new_id
from marketplace.errors import Conflict, Invalid, NotFound
from marketplace.models.peers import Inbound, Peer, PeerApproval, PeerInvitation, PeerKey
from marketplace.services import audit
from marketplace.services.policy import Actor, permit
from marketplace.services.sync import trust
from marketplace.work import Work
from vocabulary.problems import Problem

INVITED_FOR = timedelta(hours=72)
APPROVALS = 2
LOCAL_KINDS = ("offer", "demand", "initiative", "decision", "probe")
"""Kinds of records a local exchange sends."""
SOURCE = "source"
"""The role of a catalogue that is only read."""
NODE_ID = re.compile(r"[a-z][a-z0-9-]{1,30}")


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation as it is handed over, once: `token` is shown now and never again."""

    node_id: str
    token: str
    hours: int = int(INVITED_FOR.total_seconds() // 3600)


@dataclass(frozen=True, slots=True)
class Applicant:
    """What a node says of itself when it enrols, and the key it has proved to hold."""

    node_id: str
    key: PublicKey
    base_url: str
    name_vi: str = ""
    name_en: str = ""

    @property
    def said(self) -> dict[str, Any]:
        """By the names that `Peer` has for it."""
        return {"name_vi": self.name_vi, "name_en": self.name_en, "base_url": self.base_url}


def invite(
    work: Work, actor: Actor, node_id: str, *, kinds: Sequence[str] = LOCAL_KINDS, replaces: bool = False
) -> Invited:
    """Raises `Invalid` for a name that cannot be one, `Conflict` for a node that is here already."""
    permit(actor, "exchanges.manage")
    if not NODE_ID.fullmatch(node_id) or node_id == work.runtime.settings.node_id:
        raise Invalid([Problem("node_id", "node_id")])
    known = work.session.get(Peer, node_id)
    if known is not None and (
        known.role == SOURCE or (known.status in ("active", "suspended") and not replaces)
    ):
        raise Conflict("node_exists", node=node_id)
    token = secrets.token_urlsafe(32)
    work.session.add(
        PeerInvitation(
            id=new_id(), node_id=node_id, token_hash=_digest(token), kinds=list(kinds), replaces=replaces,
            invited_by=actor.user_id or actor.name, created_at=work.now, expires_at=work.now + INVITED_FOR,
        )
    )  # fmt: skip
    audit.record(work, actor, "exchange.invite", node_id, replaces=replaces)
    return Invited(node_id, token)


def burn(work: Work, token: str) -> PeerInvitation:
    """The invitation this token opens; from now on it opens nothing. Raises `Refused`, the same for every reason."""
    used = (
        update(PeerInvitation)
        .where(PeerInvitation.token_hash == _digest(token), PeerInvitation.used_at.is_(None))
        .values(used_at=work.now)
        .returning(PeerInvitation.id, PeerInvitation.expires_at)
    )
    found = work.session.execute(used).one_or_none()
    if found is None or found.expires_at <= work.now:
        raise Refused("unknown_key", "the invitation is not known, was used, or has ended")
    return work.session.get_one(PeerInvitation, found.id)


def enrol(work: Work, invitation: PeerInvitation, applicant: Applicant) -> None:
    """Keep the node and its key, both waiting to be approved. Raises `Refused`."""
    if applicant.node_id != invitation.node_id:
        raise Refused("forbidden_origin", "the invitation is for another node")
    known = work.session.get(Peer, applicant.node_id)
    # A source that is harvested signs nothing: no invitation, not even an older one, gives it a key.
    if known is not None and (
        known.role == SOURCE or (known.status in ("active", "suspended") and not invitation.replaces)
    ):
        raise Refused("node_exists", "an exchange of this name is enrolled")
    if known is None:
        known = Peer(node_id=applicant.node_id, role="local", status="pending", since=work.now)
        work.session.add(known)
        work.session.flush()
        work.session.add(Inbound(node_id=applicant.node_id))
    elif known.status not in ("active", "suspended"):
        known.status = "pending"
    trust.keep_waiting(work, applicant.node_id, applicant.key, applicant.said | {"kinds": invitation.kinds})
    applied = Actor(name=f"exchange:{applicant.node_id}")
    audit.record(work, applied, "exchange.enrol", applicant.node_id, kid=applicant.key.kid)


def approve(work: Work, actor: Actor, kid: str) -> bool:
    """One person has compared the fingerprint. True when it was the second, and the node is one of ours.

    Raises `Conflict` when this person has approved before: it takes two.
    """
    permit(actor, "exchanges.manage")
    key = _pending(work, kid)
    who = actor.user_id or actor.name
    so_far = set(work.session.scalars(select(PeerApproval.approved_by).where(PeerApproval.kid == kid)).all())
    if who in so_far:
        raise Conflict("approved_already")
    work.session.add(PeerApproval(id=new_id(), kid=kid, approved_by=who, approved_at=work.now))
    work.session.flush()
    complete = len(so_far) + 1 >= APPROVALS
    audit.record(work, actor, "exchange.approve", key.node_id, kid=kid, complete=complete)
    if complete:
        _admit(work, key)
    return complete


def reject(work: Work, actor: Actor, kid: str) -> None:
    """The fingerprints differ: the key is never to be used, the node not admitted by it."""
    permit(actor, "exchanges.manage")
    key = _pending(work, kid)
    key.revoked_at = work.now
    peer = work.session.get_one(Peer, key.node_id)
    if peer.status == "pending":
        peer.status = "revoked"
    audit.record(work, actor, "exchange.reject", key.node_id, kid=kid)


def _admit(work: Work, key: PeerKey) -> None:
    """From now on what came with the key counts. Where the node was one of ours before, its former keys end and a new
    epoch begins: whoever had a former key knows the epoch too."""
    former = update(PeerKey).where(
        PeerKey.node_id == key.node_id, PeerKey.kid != key.kid, PeerKey.revoked_at.is_(None)
    )
    work.session.execute(former.values(revoked_at=work.now))
    key.approved_at = work.now
    peer = work.session.get_one(Peer, key.node_id)
    peer.status = "active"
    for name, said in (key.application or {}).items():
        setattr(peer, name, said)
    inbound = work.session.get_one(Inbound, key.node_id, with_for_update=True)
    if inbound.epoch:
        inbound.former_epochs = [*inbound.former_epochs, inbound.epoch]
    inbound.epoch, inbound.acked_seq, inbound.last_batch_id, inbound.halted = "", 0, "", ""


def _pending(work: Work, kid: str) -> PeerKey:
    """Locked: two who decide at the same moment must see each other."""
    key = work.session.get(PeerKey, kid, with_for_update=True)
    if key is None or key.approved_at is not None or key.revoked_at is not None:
        raise NotFound("not_found")
    return key


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
