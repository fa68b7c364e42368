"""Room and board offer the steps that can be taken just then, all of them and no others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from marketplace.errors import Conflict
from marketplace.languages import catalogue
from marketplace.services import (
    board,
    brokerage,
    claims,
    introductions,
    outcomes,
    room_page,
    stages,
    term_sheets,
)
from marketplace.services.policy import Actor
from marketplace.work import Work, begin, look
from tests.brokerage.conftest import SAID, Desk, Enter
from tests.support.clock import HandMovedClock
from tests.support.visitor import words_of

TERMS = {"form": "exclusive_licence", "amount": "1,5 tỷ", "first": "01/01/2027", "last": "31/12/2029"}
CLAIM = {"form": "exclusive_licence", "value": "1,5 tỷ", "signed_on": "02/12/2026"}


def takeable(work: Work, actor: Actor, deal: str) -> set[str]:
    """The steps that are not refused; each is tried, and undone again."""
    found = set()
    for step in stages.STEPS:
        attempt = work.session.begin_nested()
        try:
            brokerage.advance(work, actor, deal, step, reason="timing")
            found.add(step)
        except Conflict:
            pass
        attempt.rollback()
        work.session.expire_all()
    return found


def on_the_way(desk: Desk, deal: str, clock: HandMovedClock) -> Iterator[str]:
    """Move a case along, from its beginning to after its end; after each move the test looks at it."""

    def step(name: str) -> str:
        with begin(desk.runtime) as work:
            brokerage.advance(work, desk.broker, deal, name, reason="timing")
        return name

    yield "asked"
    yield step("shortlist")
    with begin(desk.runtime) as work:
        introductions.agree(work, desk.institute, deal)
    yield "both agreed"
    yield step("introduce")
    yield step("negotiate")
    with begin(desk.runtime) as work:
        term_sheets.propose(work, desk.enterprise, deal, term_sheets.read(TERMS))
    yield "terms proposed"
    with begin(desk.runtime) as work:
        term_sheets.answer(work, desk.institute, deal, 1, "accepted")
    yield "terms accepted"
    yield step("agree")
    with begin(desk.runtime) as work:
        outcomes.claim(work, desk.broker, deal, claims.read(CLAIM))
    yield "outcome stated"
    yield step("close")
    with begin(desk.runtime) as work:
        other = introductions.ask(work, desk.enterprise, desk.demand, desk.offer, side="demand", said=SAID)
    yield "another case of the pair"
    with begin(desk.runtime) as work:
        brokerage.advance(work, desk.enterprise, other, "close", reason="timing")
    yield "the other closed too"
    clock.move(timedelta(days=31))
    yield "long closed"


def test_what_is_offered_can_be_taken_and_what_is_not_is_refused(
    desk: Desk, deal: str, clock: HandMovedClock
) -> None:
    for moment in on_the_way(desk, deal, clock):
        for actor in (desk.broker, desk.enterprise, desk.institute):
            with begin(desk.runtime) as work:
                offered = room_page.room(work, actor, deal).steps
                assert set(offered) == takeable(work, actor, deal), (moment, actor.name)
        with look(desk.runtime) as work:
            room = room_page.room(work, desk.broker, deal)
            lines = board.table(work, desk.broker, stage=room.deal.stage).lines
            (line,) = (one for one in lines if one.id == deal)
            # Closing asks for a reason, so it is no button of a card.
            assert line.next_step == next((one for one in room.steps if one != "close"), ""), moment


def test_a_room_says_what_a_step_still_waits_for(
    desk: Desk, deal: str, clock: HandMovedClock, enter: Enter
) -> None:
    broker = enter(desk.broker)
    for moment in on_the_way(desk, deal, clock):
        text = words_of(broker.get(f"/vi/deals/{deal}"))
        needs_terms = moment in ("negotiate", "terms proposed")
        assert ("Cần một đề xuất điều khoản đã được bên kia chấp nhận." in text) == (
            needs_terms or moment == "terms accepted"
        ), moment
        assert ("Cần một kết quả đã được khai." in text) == (moment in ("agree", "outcome stated")), moment
        assert ('value="agree"' in broker.get(f"/vi/deals/{deal}").text) == (moment == "terms accepted"), (
            moment
        )


def test_what_a_step_lacks_can_be_said() -> None:
    words = catalogue("vi")
    for row in stages.STEPS.values():
        assert all(words.has(f"error.{code}") for code in row.needs)
