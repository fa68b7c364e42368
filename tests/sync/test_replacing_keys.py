"""The national exchange's own key is replaced while it is in use: those in touch notice nothing, those away come back."""

from __future__ import annotations

import json
import re
import stat
from datetime import timedelta

import pytest
from sqlalchemy import select

from exchange.handovers import Handover
from exchange.keys import DAY, PrivateKey
from exchange.messages import Answer, Request
from exchange.sender import Phase
from marketplace import sync_key
from marketplace.enrolling import enrol, pin
from marketplace.errors import Conflict, Invalid, SignInNeeded
from marketplace.models.audit import AuditEntry
from marketplace.models.peers import Outbound, PeerKey
from marketplace.runtime import Runtime
from marketplace.services.policy import SYSTEM, VISITOR
from marketplace.services.sync import enrolment, outlook, own_keys
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.network import Wires, let_in
from tests.support.visitor import words_of
from tests.sync.conftest import Pair
from tests.sync.test_enrolment import peering
from tests.sync.test_faults import later, sender
from tests.sync.test_pages import staff


def hand_over(pair: Pair, *, at_once: bool = False) -> Handover:
    with begin(pair.national) as work:
        return own_keys.hand_over(work, SYSTEM, at_once=at_once)


def signs(pair: Pair) -> PrivateKey:
    return own_keys.signing(pair.national.settings, int(pair.clock.now.timestamp()))


def believed(pair: Pair) -> set[str]:
    return set(peering(pair).keys)


def refused(pair: Pair) -> str:
    with look(pair.local) as work:
        return work.session.get_one(Outbound, "national").key_refused


def days(pair: Pair, number: float) -> None:
    pair.clock.move(timedelta(days=number))


def test_those_in_touch_believe_the_new_key_before_it_signs_and_nothing_is_interrupted(pair: Pair) -> None:
    pair.push()
    old = signs(pair)
    link = hand_over(pair)
    assert signs(pair) == old, "it is announced first"
    later(pair)
    assert believed(pair) == {old.kid, link.new.kid}
    days(pair, 1)
    assert signs(pair).kid == link.new.kid
    assert stat.S_IMODE(pair.national.settings.key_file.stat().st_mode) == 0o600
    asked = len(pair.wires.sent)
    pair.publish("Trạm đo độ mặn")
    later(pair)
    assert sender(pair).failures == 0
    assert not [one for one in pair.wires.sent[asked:] if one.url.endswith("/keys")], (
        "there was nothing to be asked"
    )
    assert sender(pair).acked_seq == 1


def test_the_former_key_is_believed_for_seven_days_more_and_no_longer(pair: Pair) -> None:
    pair.push()
    old = signs(pair)
    hand_over(pair, at_once=True)
    later(pair)
    new = pair.national.settings.key_file.read_bytes()
    pair.national.settings.key_file.write_bytes(old.pem)
    days(pair, 6.9)
    later(pair)
    assert sender(pair).failures == 0, "a process that still signs with it"
    days(pair, 0.2)
    later(pair)
    assert sender(pair).failures == 1
    pair.national.settings.key_file.write_bytes(new)
    later(pair, 1_000)
    assert sender(pair).failures == 0


def test_who_was_away_for_longer_than_the_overlap_follows_every_hand_over_since(pair: Pair) -> None:
    pair.push()
    for _ in range(3):
        hand_over(pair, at_once=True)
        days(pair, 60)
    pair.publish("Trạm đo độ mặn")
    later(pair)
    assert believed(pair) == {signs(pair).kid}
    assert (sender(pair).acked_seq, refused(pair)) == (1, "")


def test_who_was_away_until_its_pinned_key_had_ended_needs_people_who_compare(pair: Pair) -> None:
    pair.push()
    hand_over(pair, at_once=True)
    days(pair, 399)
    hand_over(pair, at_once=True)
    days(pair, 2)
    later(pair)
    assert (believed(pair), refused(pair)) == (set(), "expired")
    with pytest.raises(Invalid):
        pin(pair.local, "0000 1111")
    shown = signs(pair).public.fingerprint
    assert pin(pair.local, shown) == shown
    later(pair)
    assert (sender(pair).failures, refused(pair)) == (0, "")


def test_a_key_that_may_be_known_to_others_vouches_for_nobody_and_is_believed_no_more_once_people_have_compared(
    pair: Pair,
) -> None:
    pair.push()
    stolen = signs(pair)
    with begin(pair.national) as work:
        own_keys.begin_again(work, SYSTEM)
    later(pair)
    assert (refused(pair), believed(pair)) == ("unknown_key", {stolen.kid})
    assert sender(pair).phase is Phase.BACKOFF
    pin(pair.local, signs(pair).public.fingerprint)
    later(pair)
    assert believed(pair) == {signs(pair).kid}
    with look(pair.local) as work:
        assert work.session.get_one(PeerKey, stolen.kid).revoked_at is not None
    # Whoever has the stolen key may hand over to whom he likes.
    own_keys._keep(
        pair.national.settings, (Handover.made("national", stolen, PrivateKey.generated(), at=_now(pair)),)
    )
    later(pair)
    assert believed(pair) == {signs(pair).kid}


def _now(pair: Pair) -> int:
    return int(pair.clock.now.timestamp())


class _Serves:
    """Somebody in between who has other keys: answers are signed with his, and so is what he says of keys."""

    def __init__(self, pair: Pair, link: Handover) -> None:
        self._pair, self._link = pair, link

    def send(self, request: Request) -> Answer:
        if request.url.endswith("/sync/v1/keys"):
            keys = [{**self._link.new.jwk, "kid": self._link.new.kid}]
            said = {"keys": keys, "newest": self._link.new.kid, "handovers": [self._link.as_record()]}
            return Answer(200, (("Content-Type", "application/json"),), json.dumps(said).encode())
        return Answer(200, (("Content-Type", "application/json"),), b"{}")


def forged(pair: Pair, link: Handover) -> str:
    """What the local exchange makes of a hand-over that somebody in between serves; nothing is believed or sent."""
    pair.push()
    before = believed(pair)
    pair.local.__dict__.pop("network", None)
    pair.local.peers = _Serves(pair, link)  # type: ignore[assignment]
    later(pair)
    assert believed(pair) == before
    assert sender(pair).failures == 1
    return refused(pair)


def test_a_hand_over_by_an_unknown_key_is_refused_with_an_alarm_until_all_is_well_again(pair: Pair) -> None:
    thief, heir = PrivateKey.generated(), PrivateKey.generated()
    assert forged(pair, Handover.made("national", thief, heir, at=_now(pair))) == "unknown_key"
    later(pair, 1_000)
    operator = staff(pair.local, "truc@example.org", "operator")
    shown = words_of(operator.get("/vi/sync"))
    assert "một khóa mà sàn này không tin" in shown
    assert "giao sync pin" in shown
    with look(pair.local) as work:
        told = work.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "exchange.refuse_key")
        ).all()
        assert [(one.outcome, one.detail["reason"]) for one in told] == [("denied", "unknown_key")], "once"
    pair.local.__dict__.pop("network", None)
    pair.local.peers = pair.wires
    later(pair, 1_000)
    assert refused(pair) == ""
    assert "giao sync pin" not in words_of(operator.get("/vi/sync"))


def test_a_hand_over_for_another_exchange_is_refused(pair: Pair) -> None:
    assert (
        forged(pair, Handover.made("hue", signs(pair), PrivateKey.generated(), at=_now(pair))) == "wrong_node"
    )


def test_a_hand_over_that_has_expired_is_refused(pair: Pair) -> None:
    late = Handover.made("national", signs(pair), PrivateKey.generated(), at=_now(pair) - 401 * DAY)
    assert forged(pair, late) == "expired"


def test_a_hand_over_that_the_key_has_not_signed_is_refused(pair: Pair) -> None:
    link = Handover.made("national", PrivateKey.generated(), PrivateKey.generated(), at=_now(pair))
    taken = Handover(link.node, signs(pair).public, link.new, link.at, link.until, link.by_old, link.by_new)
    assert forged(pair, taken) == "bad_signature"


def test_an_invitation_from_before_the_new_key_still_lets_in(
    national: Runtime, local: Runtime, wires: Wires, clock: HandMovedClock
) -> None:
    with begin(national) as work:
        invited = enrolment.invite(work, SYSTEM, "can-tho")
    shown = sync_key.read(national.settings.key_file).public.fingerprint
    pair = Pair(national, local, wires, clock)
    link = hand_over(pair)
    days(pair, 2)
    assert signs(pair).kid == link.new.kid
    enrol(local, invited.token, shown)
    let_in(national, local)
    pair.push()
    assert link.new.kid in believed(pair)
    assert sender(pair).phase is Phase.IDLE


def test_one_key_is_announced_at_a_time_and_an_announced_one_can_be_let_sign_at_once(pair: Pair) -> None:
    link = hand_over(pair)
    with pytest.raises(Conflict, match="key_announced"):
        hand_over(pair)
    hand_over(pair, at_once=True)
    assert signs(pair).kid == link.new.kid
    served = json.loads(application(pair.national).test_client().get("/sync/v1/keys").data)
    assert [key["kid"] for key in served["keys"]] == [link.new.kid, link.old.kid]
    days(pair, 8)
    served = json.loads(application(pair.national).test_client().get("/sync/v1/keys").data)
    assert [key["kid"] for key in served["keys"]] == [link.new.kid]
    assert len(served["handovers"]) == 1


def test_a_hand_over_that_was_stopped_half_way_can_be_made_again(pair: Pair) -> None:
    made = sync_key.make(own_keys.successor_file(pair.national.settings))
    assert hand_over(pair).new == made.public
    days(pair, 1)
    assert signs(pair) == made


def test_only_those_who_manage_exchanges_replace_the_key(pair: Pair) -> None:
    with pytest.raises(SignInNeeded), begin(pair.national) as work:
        own_keys.hand_over(work, VISITOR)
    with pytest.raises(SignInNeeded), begin(pair.national) as work:
        own_keys.begin_again(work, VISITOR)


def test_operators_of_both_sides_see_fingerprint_and_date_and_are_warned(pair: Pair) -> None:
    pair.push()
    link = hand_over(pair, at_once=True)
    later(pair)
    days(pair, 385)
    admin, operator = (
        staff(pair.national, "mot@example.org", "admin"),
        staff(pair.local, "truc@example.org", "operator"),
    )
    for shown in (words_of(admin.get("/en/exchanges")), words_of(operator.get("/en/sync"))):
        assert re.sub(r"\s", "", link.new.fingerprint) in re.sub(r"\s", "", shown)
        assert "Ends in 14 days" in shown
    with look(pair.local) as work:
        assert outlook.outlook(work, SYSTEM).their_key_days == 14
