"""Of two who do one thing at the same moment one does it and the other is told; nothing is lost, doubled or a fault.

On SQLite one writes after the other; here both have begun.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from marketplace.db import Table
from marketplace.errors import GiaoError
from marketplace.models.audit import AuditEntry
from marketplace.models.brokers import Broker
from marketplace.models.deals import Deal, DealEvent
from marketplace.models.learning import Decision
from marketplace.models.review import ReviewItem
from marketplace.models.rooms import DealFile
from marketplace.models.terms import TermTable
from marketplace.runtime import Runtime
from marketplace.services import (
    brokerage,
    brokers,
    claims,
    decisions,
    disclosure,
    erasure,
    introductions,
    licences,
    outcomes,
    reports,
    room_files,
    rooms,
    steps,
    term_sheets,
    term_tables,
)
from marketplace.services.policy import SYSTEM, Actor
from marketplace.services.reasons import Reason
from marketplace.services.uploads import received
from marketplace.work import Work, begin, look
from tests.brokerage.conftest import SAID, Desk, certified
from tests.brokerage.test_case_journey import CLAIM, TERMS, agree_on_terms
from tests.support.clock import HandMovedClock
from tests.support.overlap import overlapping
from tests.support.people import organisation, person

pytestmark = pytest.mark.services

Act = Callable[[Work], object]


@pytest.fixture
def runtime(postgresql: Runtime) -> Runtime:
    return postgresql


def both(desk: Desk, first: Act, second: Act) -> tuple[str, str]:
    """What each is told: «ok», or what was refused."""

    def told(act: Act) -> Callable[[Work], str]:
        def tried(work: Work) -> str:
            try:
                act(work)
            except GiaoError as refused:
                return refused.code
            return "ok"

        return tried

    return overlapping(desk.runtime, told(first), told(second))


def count(desk: Desk, table: type[Table], *which: Any) -> int:
    with look(desk.runtime) as work:
        return work.session.scalar(select(func.count()).select_from(table).where(*which)) or 0


# -- in a room --------------------------------------------------------------------------------------------------------


def test_a_meeting_is_called_off_once(desk: Desk, room: str) -> None:
    with begin(desk.runtime) as work:
        meeting = rooms.call_meeting(
            work, desk.broker, room, title="Chạy thử", place="", starts_at=work.now + timedelta(days=1), minutes="60"
        ).id  # fmt: skip
    told = both(
        desk,
        lambda work: rooms.cancel_meeting(work, desk.enterprise, room, meeting),
        lambda work: rooms.cancel_meeting(work, desk.institute, room, meeting),
    )
    assert told == ("ok", "meeting_cancelled")
    assert count(desk, DealEvent, DealEvent.what == "meeting_cancelled") == 1


def test_a_task_that_two_have_done_is_done(desk: Desk, room: str) -> None:
    with begin(desk.runtime) as work:
        task = rooms.add_task(work, desk.broker, room, title="Gửi bản vẽ", side="offer", due_on=None).id
    tick = lambda work: rooms.tick(work, desk.institute, room, task, done=True)  # noqa: E731
    assert both(desk, tick, tick) == ("ok", "ok")
    with look(desk.runtime) as work:
        assert work.session.get_one(rooms.DealTask, task).done_at is not None
    assert count(desk, DealEvent, DealEvent.what == "task_done") == 1


@pytest.mark.parametrize("message", [False, True], ids=["file", "message"])
def test_two_files_of_one_name_are_two_versions(desk: Desk, room: str, message: bool) -> None:
    def bring(actor: Actor) -> Act:
        file = received(desk.runtime, "giá.txt", b"1,5 ty")
        return lambda work: (
            rooms.write(work, actor, room, "Bảng giá", file) if message else room_files.add(work, actor, room, file)
        )  # fmt: skip

    assert both(desk, bring(desk.enterprise), bring(desk.institute)) == ("ok", "ok")
    with look(desk.runtime) as work:
        assert sorted(work.session.scalars(select(DealFile.number))) == [1, 2]


def test_the_last_place_for_a_file_is_one(desk: Desk, room: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_files, "MOST", 1)
    files = [received(desk.runtime, name, b"1,5 ty") for name in ("giá.txt", "hạn.txt")]
    told = both(
        desk,
        lambda work: room_files.add(work, desk.enterprise, room, files[0]),
        lambda work: room_files.add(work, desk.institute, room, files[1]),
    )
    assert told == ("ok", "too_many_files")


def test_who_asks_for_another_broker_twice_gets_one(desk: Desk, room: str) -> None:
    with look(desk.runtime) as work:
        seen = work.session.get_one(Deal, room).version
    another = lambda work: introductions.assigning.hand_on(  # noqa: E731
        work, desk.enterprise, room, "Trả lời chậm", version=seen
    )
    assert both(desk, another, another) == ("ok", "stale")
    with look(desk.runtime) as work:
        assert work.session.get_one(Deal, room).broker_id == desk.second_id


@pytest.mark.parametrize("reading", ["text", "file"])
def test_nobody_looks_at_a_sealed_part_after_his_agreement_was_ended(
    desk: Desk, room: str, reading: str
) -> None:
    with begin(desk.runtime) as work:
        made = disclosure.accept(
            work, desk.enterprise, room, name="Trần Cầu", purpose="Thẩm định", days="30"
        ).id

    def read(work: Work) -> None:
        if reading == "text":
            disclosure.open_part(work, desk.enterprise, room, "offer")
        else:
            disclosure.seen(work, desk.enterprise, room, "offer", desk.file)

    assert both(desk, lambda work: disclosure.revoke(work, desk.institute, room, made), read) == (
        "ok",
        "no_agreement",
    )
    assert count(desk, AuditEntry, AuditEntry.action == "sealed.look") == 0


# -- cases ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", ["reopen", "ask"])
def test_of_one_pair_one_case_is_taken_up_again(desk: Desk, deal: str, second: str) -> None:
    def close(case: str) -> None:
        with begin(desk.runtime) as work:
            brokerage.advance(work, desk.enterprise, case, "close", reason="price")

    def ask(work: Work) -> str:
        return introductions.ask(
            work, desk.institute, desk.demand, desk.offer, side="offer", said=SAID, direct=True
        )

    close(deal)
    with begin(desk.runtime) as work:
        other = ask(work)
    close(other)
    reopen = lambda work: brokerage.advance(work, desk.enterprise, other, "reopen")  # noqa: E731
    again = ask if second == "ask" else lambda work: brokerage.advance(work, desk.broker, deal, "reopen")
    assert both(desk, reopen, again) == ("ok", "deal_exists")
    assert count(desk, Deal, Deal.stage != "closed") == 1


def test_both_sides_who_ask_at_once_have_one_case(desk: Desk) -> None:
    def ask(actor: Actor, side: str) -> Act:
        return lambda work: introductions.ask(work, actor, desk.demand, desk.offer, side=side, said=SAID)

    assert both(desk, ask(desk.enterprise, "demand"), ask(desk.institute, "offer")) == ("ok", "deal_exists")


def test_terms_that_are_withdrawn_just_now_are_not_accepted(desk: Desk, room: str) -> None:
    with begin(desk.runtime) as work:
        for step in ("introduce", "negotiate"):
            brokerage.advance(work, desk.broker, room, step)
        term_sheets.propose(work, desk.enterprise, room, term_sheets.read(TERMS))
    told = both(
        desk,
        lambda work: term_sheets.answer(work, desk.enterprise, room, 1, "withdrawn"),
        lambda work: term_sheets.answer(work, desk.institute, room, 1, "accepted"),
    )
    assert told == ("ok", "proposal_answered")


def test_two_claims_at_once_are_two_links_of_the_chain(desk: Desk, room: str) -> None:
    agree_on_terms(desk, room)
    claim = lambda work: outcomes.claim(work, desk.enterprise, room, claims.read(CLAIM))  # noqa: E731
    assert overlapping(desk.runtime, claim, claim) == (1, 2)
    with look(desk.runtime) as work:
        assert outcomes.verify(work) is None


def test_a_licence_that_runs_out_when_its_case_is_closed_is_over(
    desk: Desk, room: str, clock: HandMovedClock
) -> None:
    agree_on_terms(desk, room)
    clock.move(timedelta(days=6 * 365))
    close = lambda work: brokerage.advance(work, desk.broker, room, "close", reason="timing")  # noqa: E731
    assert both(desk, close, brokerage.run_out) == ("ok", "ok")
    with look(desk.runtime) as work:
        assert licences.live(work, [desk.offer]) == []


# -- beside them ------------------------------------------------------------------------------------------------------


@pytest.fixture
def newcomer(desk: Desk) -> Actor:
    """A broker who is not in the register yet."""
    with begin(desk.runtime) as work:
        return person(work, "Cao Mới", {organisation(work, "Văn phòng Mới"): ("owner", "broker")})


@pytest.mark.parametrize("network", [False, True], ids=["person", "network"])
def test_who_enters_the_register_twice_stands_there_once(desk: Desk, newcomer: Actor, network: bool) -> None:
    (office,) = newcomer.roles
    enter = lambda work: brokers.save(work, newcomer, office, certified(), network=network)  # noqa: E731
    assert both(desk, enter, enter) == ("ok", "stale")
    assert count(desk, Broker, Broker.organisation_id == office) == 1


def test_a_certificate_that_is_changed_just_now_is_not_verified_unseen(desk: Desk) -> None:
    (office,) = desk.broker.roles
    with look(desk.runtime) as work:
        seen = work.session.get_one(Broker, desk.broker_id).version
    told = both(
        desk,
        lambda work: brokers.save(work, desk.broker, office, certified(certificate="MG-0099"), version=seen),
        lambda work: brokers.verify(work, desk.moderator, desk.broker_id, version=seen),
    )
    assert told == ("ok", "stale")
    assert count(desk, Broker, Broker.verified_at.is_not(None)) == 0


def test_an_interest_is_declared_once_and_taken_back_once(desk: Desk) -> None:
    declare = lambda work: brokers.declare(work, desk.broker, desk.broker_id, "Quỹ Đổi mới")  # noqa: E731
    assert both(desk, declare, declare) == ("ok", "ok")
    with look(desk.runtime) as work:
        (declared,) = work.session.scalars(select(brokers.Conflict.id))
    take_back = lambda work: brokers.undeclare(work, desk.broker, declared)  # noqa: E731
    assert both(desk, take_back, take_back) == ("ok", "not_found")


def test_an_organisation_has_one_word_about_a_pair(desk: Desk) -> None:
    def say(verdict: str, reason: str) -> Act:
        pair = (desk.demand, desk.offer)
        return lambda work: decisions.decide(work, desk.enterprise, pair, verdict, Reason((reason,), ""))

    assert both(desk, say("accepted", "solves_it"), say("rejected", "too_dear")) == ("ok", "ok")
    with look(desk.runtime) as work:
        standing = select(Decision.verdict).where(Decision.undone_at.is_(None))
        assert list(work.session.scalars(standing)) == ["rejected"]


def test_a_term_table_is_kept_once(desk: Desk) -> None:
    keep = lambda work: term_tables.keep(work, term_tables.current(work))  # noqa: E731
    with begin(desk.runtime) as work:
        work.session.execute(delete(TermTable))
    assert both(desk, keep, keep) == ("ok", "ok")
    assert count(desk, TermTable) == 1


def test_the_same_report_twice_is_one_item(desk: Desk) -> None:
    report = lambda work: reports.report(work, desk.stranger, desk.offer, reports.Report("wrong"))  # noqa: E731
    assert both(desk, report, report) == ("ok", "ok")
    assert count(desk, ReviewItem, ReviewItem.kind == "report") == 1


def test_a_listing_that_is_erased_just_now_is_not_there(desk: Desk) -> None:
    def pause(work: Work) -> None:
        steps.take(
            work, desk.institute, steps.hold(work, desk.institute, desk.offer, "listing.edit"), "pause"
        )

    told = both(desk, lambda work: erasure.erase(work, SYSTEM, desk.offer), pause)
    assert told == ("ok", "listing_not_found")
