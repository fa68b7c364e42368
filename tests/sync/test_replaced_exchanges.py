"""An exchange that enrols again (2.4): nothing of it counts before two people have agreed; then a new epoch begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.keys import PrivateKey
from exchange.messages import Answer, Request
from exchange.problems import Refused
from exchange.reconcile import Choice
from exchange.sender import Phase
from marketplace import restarting, sync_key
from marketplace.enrolling import enrol
from marketplace.models.peers import Inbound, Peer
from marketplace.runtime import Runtime
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import choosing, enrolment, trust
from marketplace.services.sync.enrolment import Applicant
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.exchanges import opened
from tests.support.market import settle
from tests.support.network import Wires, admins, key_of, let_in, local_settings
from tests.support.visitor import words_of
from tests.sync.conftest import Pair
from tests.sync.test_abuse import a_body, an_item, in_session, send, written
from tests.sync.test_faults import sender
from tests.sync.test_pages import staff
from tests.sync.test_proof import compared
from tests.sync.test_pushing import found

TRAM = "Trạm đo độ mặn"


@pytest.fixture
def anew(pair: Pair, tmp_path: Path) -> Iterator[Runtime]:
    """The same exchange, with an empty database and no key: all of it was lost."""
    with opened(local_settings(tmp_path / "anew", "can-tho", 9101), pair.clock) as runtime:
        runtime.peers = pair.wires
        yield runtime


def fingerprint(national: Runtime) -> str:
    return sync_key.read(national.settings.key_file).public.fingerprint


def enrols_again(pair: Pair, local: Runtime) -> None:
    with begin(pair.national) as work:
        invited = enrolment.invite(work, SYSTEM, "can-tho", replaces=True)
    enrol(local, invited.token, fingerprint(pair.national), new_key=True)


def kept_of(national: Runtime) -> tuple[str, str, list[str]]:
    with look(national) as work:
        peer = work.session.get_one(Peer, "can-tho")
        return peer.name_vi, peer.base_url, list(peer.kinds)


# -- what it says of itself -------------------------------------------------------------------------------------------


def claimed(pair: Pair) -> PrivateKey:
    """Somebody has got hold of an invitation that replaces, and enrols with it."""
    key = PrivateKey.generated()
    with begin(pair.national) as work:
        invited = enrolment.invite(work, SYSTEM, "can-tho", kinds=["offer"], replaces=True)
        told = Applicant("can-tho", key.public, "https://evil.example", "Sàn <b>giả</b>", "Fake")
        enrolment.enrol(work, enrolment.burn(work, invited.token), told)
    return key


def test_what_an_application_says_counts_only_once_two_people_have_approved_it(pair: Pair) -> None:
    before = kept_of(pair.national)
    assert before[0] == "Sàn can-tho"
    key = claimed(pair)
    assert kept_of(pair.national) == before
    page = staff(pair.national, "thu@example.org", "admin").get("/vi/exchanges/can-tho")
    assert "Muốn hiện là «Sàn <b>giả</b>», ở địa chỉ https://evil.example" in words_of(page)
    assert "<b>giả" not in page.text
    for admin in admins(pair.national):
        with begin(pair.national) as work:
            enrolment.approve(work, admin, key.kid)
    assert kept_of(pair.national) == ("Sàn <b>giả</b>", "https://evil.example", ["offer"])


@pytest.mark.parametrize("status", ["active", "suspended", "revoked"])
def test_a_rejected_application_leaves_the_exchange_as_it_was(pair: Pair, status: str) -> None:
    with begin(pair.national) as work:
        work.session.get_one(Peer, "can-tho").status = status
    before = kept_of(pair.national)
    key = claimed(pair)
    with begin(pair.national) as work:
        enrolment.reject(work, SYSTEM, key.kid)
        assert work.session.get_one(Peer, "can-tho").status == status
    assert kept_of(pair.national) == before


def test_a_record_of_a_kind_that_the_invitation_does_not_allow_is_rejected_and_stops_no_other(
    pair: Pair,
) -> None:
    in_session(pair)
    with begin(pair.national) as work:
        work.session.get_one(Peer, "can-tho").kinds = ["demand", "probe"]
    receipt = send(pair, written(pair, an_item(a_body(pair), seq=1)))
    assert [(one.status, one.flaws[0].code, one.flaws[0].path) for one in receipt.results] == [
        ("rejected", "forbidden_kind", "/kind")
    ]


# -- the new epoch ----------------------------------------------------------------------------------------------------


def epochs(national: Runtime) -> tuple[str, list[str]]:
    with look(national) as work:
        inbound = work.session.get_one(Inbound, "can-tho")
        return inbound.epoch, list(inbound.former_epochs)


@pytest.mark.parametrize("revoked_first", [True, False])
def test_a_lost_key_begins_a_new_epoch_in_which_all_is_sent_again_and_equal(
    pair: Pair, revoked_first: bool
) -> None:
    uid = pair.publish(TRAM)[0]
    pair.push()
    stolen = sync_key.read(pair.local.settings.key_file)
    former = epochs(pair.national)[0]
    if revoked_first:
        with begin(pair.national) as work:
            trust.revoke(work, SYSTEM, key_of(pair.local))
    enrols_again(pair, pair.local)
    pair.talk()
    assert sender(pair).reason == "pending", "it waits, and is not stopped"
    let_in(pair.national, pair.local)
    assert epochs(pair.national) == ("", [former])
    pair.talk(after=60)
    pair.settle_national()
    assert epochs(pair.national)[0] not in ("", former)
    assert sender(pair).phase is Phase.IDLE
    assert compared(pair)["equal"]
    assert found(pair.national, "độ mặn") == [uid]
    pair.local.settings.key_file.write_bytes(stolen.pem)
    with pytest.raises(Refused, match="revoked"):
        send(pair, written(pair))


@pytest.mark.parametrize("step", ["key", "exchange"])
def test_an_exchange_that_lost_everything_gets_its_listings_back(
    pair: Pair, anew: Runtime, step: str
) -> None:
    uid = pair.publish(TRAM)[0]
    pair.push()
    with begin(pair.national) as work:
        if step == "key":
            trust.revoke(work, SYSTEM, key_of(pair.local))
        else:
            trust.set_status(work, SYSTEM, "can-tho", "revoked")
    enrols_again(pair, anew)
    let_in(pair.national, anew)
    lost = replace(pair, local=anew)
    lost.talk(after=60)
    assert sender(lost).phase is Phase.REWOUND, "it is asked what becomes of what only the national one has"
    restarting.restart(anew, Choice.ADOPT)
    lost.talk(after=60)
    settle(anew)
    assert sender(lost).phase is Phase.IDLE
    assert found(anew, "độ mặn") == [uid]
    assert compared(lost)["equal"]


def test_an_exchange_that_stopped_for_good_goes_on_with_a_new_invitation(pair: Pair) -> None:
    """As if its database and that of the national exchange are of two lives: neither knows the epoch of the other."""
    uid = pair.publish(TRAM)[0]
    pair.push()
    with begin(pair.national) as work:
        inbound = work.session.get_one(Inbound, "can-tho")
        inbound.former_epochs, inbound.epoch = [inbound.epoch], "anotherlife"
    pair.talk(after=60)
    assert (sender(pair).phase, sender(pair).reason) == (Phase.FROZEN, "epoch_unknown")
    enrols_again(pair, pair.local)
    let_in(pair.national, pair.local)
    pair.talk(after=60)
    assert compared(pair)["equal"]
    assert found(pair.national, "độ mặn") == [uid]


def test_who_has_paused_and_enrols_again_stays_paused(pair: Pair) -> None:
    pair.push()
    with begin(pair.local) as work:
        choosing.pause(work, SYSTEM)
    enrols_again(pair, pair.local)
    assert sender(pair).phase is Phase.PAUSED


class _EnrolsMeanwhile:
    """Carries requests; while a session is on its way the operator enrols again, once `pair` is there."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self.pair: Pair | None = None

    def send(self, request: Request) -> Answer:
        answer = self._wires.send(request)
        if self.pair is not None and request.url.endswith("/session"):
            pair, self.pair = self.pair, None
            enrols_again(pair, pair.local)
        return answer


def test_a_step_of_the_sender_that_was_under_way_does_not_bring_the_former_epoch_back(
    national: Runtime, local: Runtime, wires: Wires, clock: HandMovedClock
) -> None:
    local.peers = carrier = _EnrolsMeanwhile(wires)
    pair = Pair(national, local, wires, clock)
    with begin(national) as work:
        invited = enrolment.invite(work, SYSTEM, "can-tho")
    enrol(local, invited.token, fingerprint(national))
    let_in(national, local)
    pair.push()
    before = sender(pair).epoch
    carrier.pair = pair
    pair.talk(after=61)
    assert carrier.pair is None
    assert sender(pair).former_epochs == (before,)


def test_a_refused_request_leaves_the_key_in_use_where_it_is(pair: Pair) -> None:
    before = key_of(pair.local)
    with pytest.raises(Refused, match="unknown_key"):
        enrol(pair.local, "guessed", fingerprint(pair.national), new_key=True)
    assert key_of(pair.local) == before
    pair.publish(TRAM)
    pair.push()
    assert found(pair.national, "độ mặn"), "it still counts"


def test_with_the_key_that_was_revoked_nobody_enrols_and_reads_why(pair: Pair) -> None:
    with begin(pair.national) as work:
        trust.revoke(work, SYSTEM, key_of(pair.local))
        invited = enrolment.invite(work, SYSTEM, "can-tho", replaces=True)
    with pytest.raises(Refused, match="enrol with a new one"):
        enrol(pair.local, invited.token, fingerprint(pair.national))
    enrol(pair.local, invited.token, fingerprint(pair.national), new_key=True)
    let_in(pair.national, pair.local)
    pair.talk(after=60)
    assert compared(pair)["equal"]
