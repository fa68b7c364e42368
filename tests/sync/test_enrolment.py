"""How an exchange is let in: by invitation, with its own key, by two people."""

from __future__ import annotations

import stat
from datetime import timedelta

import pytest
from sqlalchemy import select

from exchange.envelope import written
from exchange.keys import PrivateKey
from exchange.messages import Answer, Request
from exchange.problems import Refused
from exchange.sender import Phase
from marketplace import sync_key
from marketplace.enrolling import enrol, rotate
from marketplace.errors import Conflict, Invalid, SignInNeeded, Unavailable
from marketplace.models.audit import AuditEntry
from marketplace.models.peers import Peer, PeerKey
from marketplace.peering import Peering, own_key
from marketplace.readers import drain
from marketplace.runtime import Runtime
from marketplace.services.policy import SYSTEM, VISITOR
from marketplace.services.sync import enrolment, outgoing, trust
from marketplace.uplink import Uplink
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.network import Wires, admins, key_of, let_in
from tests.sync.conftest import Pair


def peering(pair: Pair) -> Peering:
    with look(pair.local) as work:
        pins = {record.kid: record for record in trust.pinned(work, "national")}
    return Peering(pair.local, "national", pair.national.settings.base_url, pins)


def status(national: Runtime) -> str:
    with look(national) as work:
        return work.session.get_one(Peer, "can-tho").status


def test_an_exchange_is_let_in_only_after_two_different_people_have_compared_its_key(asked: Pair) -> None:
    first, second = admins(asked.national)
    with begin(asked.national) as work:
        assert not enrolment.approve(work, first, key_of(asked.local))
    assert status(asked.national) == "pending"
    with pytest.raises(Conflict, match="approved_already"), begin(asked.national) as work:
        enrolment.approve(work, first, key_of(asked.local))
    with begin(asked.national) as work:
        assert enrolment.approve(work, second, key_of(asked.local))
    assert status(asked.national) == "active"


def test_who_waits_to_be_let_in_is_told_so_and_can_do_nothing(asked: Pair) -> None:
    with pytest.raises(Refused, match="pending") as refused:
        peering(asked).ask("GET", "/sync/v1/changes")
    assert refused.value.problem.code == "node_suspended"


class _TriesMeanwhile:
    """Carries requests; while one that enrols is on its way the sender of the same exchange has its turn."""

    def __init__(self, wires: Wires, sender: Uplink) -> None:
        self._wires, self._sender = wires, sender

    def send(self, request: Request) -> Answer:
        if request.url.endswith("/enrol"):
            drain([self._sender])
        return self._wires.send(request)


def test_the_sender_waits_until_the_exchange_has_asked_to_be_let_in(
    national: Runtime, local: Runtime, wires: Wires
) -> None:
    """Its key is unknown until then, and what is refused for its key waits for a person."""
    sender = Uplink(local, chance=lambda: 0.0)
    local.peers = _TriesMeanwhile(wires, sender)
    with begin(national) as work:
        invited = enrolment.invite(work, SYSTEM, "can-tho")
    enrol(local, invited.token, sync_key.read(national.settings.key_file).public.fingerprint)
    assert not [one for one in wires.sent if one.url.endswith("/session")]
    let_in(national, local)
    drain([sender])
    with look(local) as work:
        line = outgoing.line(work)
    assert line is not None
    assert line.sender.phase is Phase.IDLE


def test_after_a_lost_answer_the_sender_finds_out_and_a_new_invitation_sets_a_blocked_one_going(
    national: Runtime, local: Runtime, wires: Wires, clock: HandMovedClock
) -> None:
    fingerprint = sync_key.ensure(national.settings.key_file).public.fingerprint
    with begin(national) as work:
        invited = enrolment.invite(work, SYSTEM, "can-tho")
    wires.cut_paths.add("/sync/v1/enrol")
    with pytest.raises(Unavailable):
        enrol(local, invited.token, fingerprint)
    sender = Uplink(local, chance=lambda: 0.0)
    drain([sender])
    with look(local) as work:
        assert outgoing.line(work).sender.phase is Phase.BLOCKED  # type: ignore[union-attr]
    wires.cut_paths.clear()
    enrol(local, invited.token, fingerprint)
    let_in(national, local)
    drain([sender])
    with look(local) as work:
        assert outgoing.line(work).sender.phase is Phase.IDLE  # type: ignore[union-attr]


def test_a8_a_token_opens_once_not_when_guessed_and_not_after_its_time(asked: Pair) -> None:
    fingerprint = sync_key.read(asked.national.settings.key_file).public.fingerprint
    with pytest.raises(Refused) as refused:
        enrol(asked.local, "guessed", fingerprint)
    assert refused.value.problem.code == "unknown_key"
    with begin(asked.national) as work:
        late = enrolment.invite(work, SYSTEM, "can-tho")
    asked.clock.move(timedelta(hours=73))
    with pytest.raises(Refused) as refused:
        enrol(asked.local, late.token, fingerprint)
    assert refused.value.problem.code == "unknown_key"


def test_a8_guessing_tokens_is_slowed_down(asked: Pair) -> None:
    fingerprint = sync_key.read(asked.national.settings.key_file).public.fingerprint
    codes = []
    for _ in range(12):
        with pytest.raises(Refused) as refused:
            enrol(asked.local, "guessed", fingerprint)
        codes.append(refused.value.problem.code)
    assert codes[0] == "unknown_key"
    assert codes[-1] == "slow_down"


def test_f31_a_second_exchange_of_the_same_name_is_refused(pair: Pair) -> None:
    with pytest.raises(Conflict, match="node_exists"), begin(pair.national) as work:
        enrolment.invite(work, SYSTEM, "can-tho")


def test_a_key_that_is_not_the_one_of_the_invitation_is_not_believed(
    national: Runtime, local: Runtime
) -> None:
    with begin(national) as work:
        invited = enrolment.invite(work, SYSTEM, "can-tho")
    with pytest.raises(Invalid):
        enrol(local, invited.token, "0000 1111")
    with look(local) as work:
        assert work.session.get(Peer, "national") is None


def test_only_admins_invite(national: Runtime) -> None:
    with pytest.raises(SignInNeeded), begin(national) as work:
        enrolment.invite(work, VISITOR, "can-tho")


def test_a1_a_revoked_key_is_refused_from_the_next_request_on(pair: Pair) -> None:
    peering(pair).ask("GET", "/sync/v1/changes")
    with begin(pair.national) as work:
        trust.revoke(work, SYSTEM, key_of(pair.local))
    with pytest.raises(Refused) as refused:
        peering(pair).ask("GET", "/sync/v1/changes")
    assert refused.value.problem.code == "unknown_key"


def test_a_suspended_exchange_is_refused_and_may_go_on_later(pair: Pair) -> None:
    with begin(pair.national) as work:
        trust.set_status(work, SYSTEM, "can-tho", "suspended")
    with pytest.raises(Refused, match="suspended"):
        peering(pair).ask("GET", "/sync/v1/changes")
    with begin(pair.national) as work:
        trust.set_status(work, SYSTEM, "can-tho", "active")
    peering(pair).ask("GET", "/sync/v1/changes")


def test_a_key_is_followed_by_another_that_both_have_signed_and_the_former_counts_for_a_week(
    pair: Pair,
) -> None:
    former = own_key(pair.local)
    shown = rotate(pair.local)
    assert shown == own_key(pair.local).public.fingerprint
    assert own_key(pair.local) != former
    assert stat.S_IMODE(pair.local.settings.key_file.stat().st_mode) == 0o600
    peering(pair).ask("GET", "/sync/v1/changes")
    pair.local.settings.key_file.write_bytes(former.pem)
    peering(pair).ask("GET", "/sync/v1/changes")
    pair.clock.move(timedelta(days=7, minutes=1))
    with pytest.raises(Refused) as refused:
        peering(pair).ask("GET", "/sync/v1/changes")
    assert refused.value.problem.code == "unknown_key"


def test_a_key_that_has_a_successor_names_no_other(pair: Pair) -> None:
    former = own_key(pair.local)
    rotate(pair.local)
    newest = own_key(pair.local)
    pair.local.settings.key_file.write_bytes(former.pem)
    stolen = PrivateKey.generated()
    with pytest.raises(Refused) as refused:
        peering(pair).ask("POST", "/sync/v1/keys", written({"new_jwk": stolen.public.jwk}), also=stolen)
    assert refused.value.problem.code == "forked"
    with look(pair.national) as work:
        assert work.session.get(PeerKey, stolen.kid) is None
        assert work.session.get_one(PeerKey, newest.kid).replaced_at is None
        alarms = work.session.scalars(select(AuditEntry).where(AuditEntry.action == "exchange.alarm")).all()
        assert [(one.object, one.detail["alarm"], one.detail["kid"]) for one in alarms] == [
            ("can-tho", "key_forked", former.kid)
        ]


def test_a_new_key_that_has_not_signed_for_itself_is_refused(pair: Pair) -> None:
    stranger = PrivateKey.generated()
    body = written({"new_jwk": PrivateKey.generated().public.jwk})
    with pytest.raises(Refused) as refused:
        peering(pair).ask("POST", "/sync/v1/keys", body, also=stranger)
    assert refused.value.problem.code == "bad_signature"


def test_a_lost_key_is_replaced_by_an_invitation_that_says_so(pair: Pair) -> None:
    former = key_of(pair.local)
    pair.local.settings.key_file.unlink()
    with begin(pair.national) as work:
        invited = enrolment.invite(work, SYSTEM, "can-tho", replaces=True)
    enrol(pair.local, invited.token, sync_key.read(pair.national.settings.key_file).public.fingerprint)
    let_in(pair.national, pair.local)
    peering(pair).ask("GET", "/sync/v1/changes")
    with look(pair.national) as work:
        assert work.session.get_one(PeerKey, former).revoked_at is not None
