"""A local exchange asks the national one to be let in, and pins the key it will believe from then on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exchange.envelope import written
from exchange.keys import KeyRecord, PublicKey
from exchange.problems import Refused
from exchange.sender import Phase, in_new_epoch, paused, resumed
from marketplace import sync_key
from marketplace.db import new_id
from marketplace.errors import Conflict, Invalid, Unavailable
from marketplace.models.peers import Outbound, Peer
from marketplace.peering import NoAnswer, Peering, packed, read_card
from marketplace.runtime import Runtime
from marketplace.services import audit, feed
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import outgoing, own_card, trust
from marketplace.services.sync import pins as pinning
from marketplace.work import begin, look
from vocabulary.problems import Problem


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the operator reads to the admins of the national exchange, and they to the operator."""

    national: str
    fingerprint: str
    their_fingerprint: str


def enrol(runtime: Runtime, token: str, fingerprint: str, *, new_key: bool = False) -> Enrolled:
    """Enrol with an invitation: its token, and the fingerprint of the national key that came with it.

    With `new_key` another one is made, which signs from the moment on that the request has left: the one in use was lost,
    stolen or revoked. Raises `Conflict` without NATIONAL_URL, `Invalid` when the key is not the one of the invitation,
    `Unavailable`, and `Refused` with what the national exchange says.
    """
    if not runtime.settings.national_url:
        raise Conflict("no_national_url")
    key_file = own_card.successor_file(runtime.settings) if new_key else runtime.settings.key_file
    key = sync_key.ensure(key_file)
    card = read_card(runtime, runtime.settings.national_url)
    theirs = _compared(card.key_set.keys, fingerprint)
    _pin(runtime, card.node_id, card.name, theirs)
    with begin(runtime) as work:
        # The invitation may be older than a new key, which signs already.
        pinning.follow(work, card.node_id, card.key_set)
    peering = Peering(runtime, card.node_id, card.base_url, pins(runtime, card.node_id), key=key)
    body, encoding = packed(
        {"token": token, "node_card": own_card.card(runtime.settings), "jwk": key.public.jwk}
    )
    try:
        peering.ask("POST", "/sync/v1/enrol", body, encoding)
    except NoAnswer as error:
        # The request may have arrived, and its token is burnt then: the next session tells.
        _begin(runtime, card.node_id, key_file)
        raise Unavailable("national_away", url=card.base_url, why=str(error)) from None
    _begin(runtime, card.node_id, key_file)
    return Enrolled(card.node_id, key.public.fingerprint, theirs.fingerprint)


def rotate(runtime: Runtime) -> str:
    """Make a new key, have it believed by a request that both keys sign, and sign with it from then on; its fingerprint.

    Stopped half-way it can be called again: the new key stays where it was made. Raises `Conflict`, `Unavailable`
    and `Refused`.
    """
    with look(runtime) as work:
        line = outgoing.line(work)
    if line is None:
        raise Conflict("not_enrolled")
    successor = own_card.successor_file(runtime.settings)
    new = sync_key.ensure(successor)
    peering = Peering(runtime, line.node, line.base_url, pins(runtime, line.node), line.sender.offset)
    try:
        peering.ask("POST", "/sync/v1/keys", written({"new_jwk": new.public.jwk}), also=new)
    except NoAnswer as error:
        raise Unavailable("national_away", url=line.base_url, why=str(error)) from None
    except Refused as refused:
        # The answer to an earlier attempt was lost: the key is known there already.
        if refused.problem.code != "node_exists":
            raise
    sync_key.succeed(runtime.settings.key_file, successor)
    return new.public.fingerprint


def pin(runtime: Runtime, fingerprint: str) -> str:
    """Believe the key of this fingerprint, and no other of the national exchange's any more; its fingerprint.

    For when no believed key has handed over to it: people have compared it by another way. Raises `Conflict`,
    `Invalid` for a key that the exchange does not sign with, and `Unavailable`.
    """
    with look(runtime) as work:
        line = outgoing.line(work)
    if line is None:
        raise Conflict("not_enrolled")
    theirs = _compared(read_card(runtime, line.base_url).key_set.keys, fingerprint)
    with begin(runtime) as work:
        pinning.pin_again(work, SYSTEM, line.node, theirs)
    _let_send(runtime, line.node)
    return theirs.fingerprint


def pins(runtime: Runtime, node_id: str) -> dict[str, KeyRecord]:
    """The keys of a node that are believed now, by name."""
    with begin(runtime) as work:
        return {record.kid: record for record in trust.pinned(work, node_id)}


def _compared(keys: tuple[PublicKey, ...], fingerprint: str) -> PublicKey:
    wanted = "".join(fingerprint.split()).lower()
    found = next((key for key in keys if key.fingerprint.replace(" ", "") == wanted), None)
    if found is None:
        raise Invalid([Problem("fingerprint", "fingerprint")])
    return found


def _pin(runtime: Runtime, node_id: str, name: Mapping[str, str], key: PublicKey) -> None:
    with begin(runtime) as work:
        peer = work.session.get(Peer, node_id)
        if peer is None:
            peer = Peer(node_id=node_id, role="national", status="active", kinds=[], since=work.now)
            work.session.add(peer)
            work.session.flush()
        peer.name_vi, peer.name_en = name.get("vi", ""), name.get("en", "")
        peer.base_url = runtime.settings.national_url
        trust.pin(work, node_id, key)
        audit.record(work, SYSTEM, "exchange.pin", node_id, kid=key.kid)


def _begin(runtime: Runtime, node_id: str, key_file: Path) -> None:
    """From here on the sender tries, with this key. Not before: the key is unknown there until the request has arrived, and
    what is refused for its key waits for a person.

    Who enrols again begins a new epoch, whatever had stopped it: the former one is never taken again there, for
    whoever had the former key knows it too.
    """
    sync_key.succeed(runtime.settings.key_file, key_file)
    with begin(runtime) as work:
        line = outgoing.line(work)
        if line is None:
            work.session.add(Outbound(node_id=node_id))
        else:
            outgoing.drop(work, node_id)
            anew = in_new_epoch(line.sender, new_id().lower(), head_seq=feed.state(work).head)
            paused_still = line.sender.phase is Phase.PAUSED
            outgoing.keep(work, node_id, paused(anew) if paused_still else anew, detail="")
        work.after(runtime.bell.ring)


def _let_send(runtime: Runtime, node_id: str) -> None:
    """What was refused for its key is tried again."""
    with begin(runtime) as work:
        line = outgoing.line(work)
        if line is not None and line.sender.phase is Phase.BLOCKED:
            outgoing.keep(work, node_id, resumed(line.sender), detail="")
        work.after(runtime.bell.ring)
