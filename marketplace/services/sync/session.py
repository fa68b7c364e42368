"""Our side of another exchange's session: who may send, from which process, and whether all is as it was left.

The rules are those of `exchange.receiver`; here they are given what we know of the peer, and what they say is kept.
"""

from __future__ import annotations

import secrets

from exchange.problems import Refused
from exchange.receiver import Opened, Standing, Status, open_session
from exchange.reconcile import root as root_of
from exchange.sessions import AuditHead, Cursor, Root, SessionAnswer, SessionRequest
from marketplace.models.peers import Inbound, Peer, PeerKey
from marketplace.services import audit, feed
from marketplace.services.policy import Actor, permit
from marketplace.services.sync import lines, own_keys, trust
from marketplace.work import Work

HALTS = {"fence_flapping": "flapping"}
"""Alarm of a session -> why the peer is then stopped."""


def greet(work: Work, node_id: str, kid: str, request: SessionRequest) -> SessionAnswer:
    """Open or renew the session. Raises `Refused`."""
    if request.node != node_id:
        raise Refused("forbidden_origin", "the session is another exchange's")
    inbound = held(work, node_id)
    opened = open_session(
        standing(work, inbound), request, fence=secrets.token_urlsafe(16), now=int(work.now.timestamp()),
        feed_epoch=feed.state(work).epoch,
    )  # fmt: skip
    keep(inbound, opened.standing)
    _take_note(work, inbound, opened, request)
    last = audit.head(work)
    return SessionAnswer(
        fence=inbound.fence,
        acked_seq=inbound.acked_seq,
        last_batch_id=inbound.last_batch_id,
        epoch_known=opened.epoch_known,
        action=opened.action,
        server_time=int(work.now.timestamp()),
        audit_head=AuditHead(*last),
        key_expires_at=trust.record(work.session.get_one(PeerKey, kid)).ends_at,
        feed_epoch=feed.state(work).epoch,
        root_equal=_is_equal(work, inbound, request.root),
        newest_key=own_keys.key_set(work.runtime.settings, int(work.now.timestamp())).newest,
    )


def held(work: Work, node_id: str) -> Inbound:
    """What we have of the node, locked until the end of the transaction."""
    return work.session.get_one(Inbound, node_id, with_for_update=True)


def standing(work: Work, inbound: Inbound) -> Standing:
    """The peer as the rules want to see it."""
    status = Status.FROZEN if inbound.halted else Status(work.session.get_one(Peer, inbound.node_id).status)
    return Standing(
        node=inbound.node_id,
        status=status,
        epoch=inbound.epoch,
        acked_seq=inbound.acked_seq,
        last_batch_id=inbound.last_batch_id,
        fence=inbound.fence,
        instance=inbound.instance,
        fence_changes=tuple((at, name) for at, name in inbound.fence_changes),
        former_epochs=tuple(inbound.former_epochs),
        handed=Cursor.read(inbound.handed) if inbound.handed else None,
    )


def keep(inbound: Inbound, now: Standing) -> None:
    """What the rules have decided."""
    inbound.epoch, inbound.acked_seq, inbound.last_batch_id = now.epoch, now.acked_seq, now.last_batch_id
    inbound.fence, inbound.instance = now.fence, now.instance
    inbound.fence_changes, inbound.former_epochs = list(now.fence_changes), list(now.former_epochs)
    if now.status is not Status.FROZEN:
        inbound.halted = ""


def halt(work: Work, node_id: str, reason: str) -> None:
    """Accept nothing of the node until an operator lets it go on."""
    inbound = held(work, node_id)
    if not inbound.halted:
        inbound.halted = reason
        audit.record(work, Actor(name=f"exchange:{node_id}"), "exchange.halted", node_id, reason=reason)


def go_on(work: Work, actor: Actor, node_id: str) -> None:
    """An operator has looked, and lets a stopped node send again."""
    permit(actor, "exchanges.operate")
    inbound = held(work, node_id)
    audit.record(work, actor, "exchange.go_on", node_id, reason=inbound.halted)
    inbound.halted, inbound.fence_changes = "", []


def _is_equal(work: Work, inbound: Inbound, root: Root | None) -> bool | None:
    """Whether we hold what the peer believes; None when it did not ask, or asked about another place."""
    if root is None or root.at_seq != inbound.acked_seq:
        return None
    ours = root_of(lines.held(work, inbound.node_id))
    return (ours.count, ours.digest) == (root.count, root.digest)


def _take_note(work: Work, inbound: Inbound, opened: Opened, request: SessionRequest) -> None:
    trust.forget_nonces(work)
    inbound.heard_at, inbound.head_seq = work.now, request.head_seq
    if request.clock:
        inbound.clock_ahead = request.clock - int(work.now.timestamp())
    inbound.audit_n, inbound.audit_hash = request.audit_head.n, request.audit_head.hash
    for alarm in opened.alarms:
        if alarm in HALTS:
            halt(work, inbound.node_id, HALTS[alarm])
        else:
            who = Actor(name=f"exchange:{inbound.node_id}")
            audit.record(work, who, "exchange.alarm", inbound.node_id, alarm=alarm)
    if opened.down_rewound:
        # The peer has read further than we remember handing out: this database was restored.
        feed.begin_new_epoch(work)
