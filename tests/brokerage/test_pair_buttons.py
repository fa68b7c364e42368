"""The page of a match offers what its reader can do about it, by the checks of the services; and a listing that takes
no enquiries is asked about by nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from marketplace.errors import Conflict, Forbidden
from marketplace.models.accounts import Membership
from marketplace.services import brokers, introductions, listings, steps
from marketplace.services.policy import SYSTEM, Actor
from marketplace.work import begin
from tests.brokerage.conftest import SAID, Desk, Enter, enter_again
from tests.support.market import settle
from tests.support.people import organisation, person
from tests.support.visitor import Visitor, words_of
from vocabulary.listing import from_record

ASK, SHORTLIST, CASE = "Nhờ giới thiệu", "Đưa vào bàn môi giới", "Mở vụ việc"


def path_of(desk: Desk) -> str:
    return f"/vi/matches/{desk.demand}/{desk.offer}"


def offered(desk: Desk, visitor: Visitor) -> set[str]:
    """What the head of the page offers."""
    head = visitor.get(path_of(desk)).text.partition("<main")[2].partition('class="grid two"')[0]
    return {words for words in (ASK, SHORTLIST, CASE, "Nhận vụ việc") if f">{words}<" in head}


def test_a_side_asks_a_broker_takes_up_and_others_only_read(desk: Desk, enter: Enter) -> None:
    assert offered(desk, enter(desk.enterprise)) == offered(desk, enter(desk.institute)) == {ASK}
    assert offered(desk, enter(desk.broker)) == {SHORTLIST}
    for nobody in (desk.stranger, desk.funder, desk.moderator):
        assert offered(desk, enter(nobody)) == set()
    assert (
        enter(desk.broker).post(f"/vi/introductions/shortlist/{desk.demand}/{desk.offer}").status_code == 303
    )


def test_a_broker_who_could_not_take_it_up_is_not_offered_to(desk: Desk, enter: Enter) -> None:
    with begin(desk.runtime) as work:
        unknown = person(work, "Chưa Ghi", {organisation(work, "Sàn Mới"): ("broker",)})
        enter_again(work, desk.broker, certified_until=date(2026, 11, 23))
        brokers.declare(work, desk.second, desk.second_id, "Viện Cảm biến")
    for broker in (unknown, desk.broker, desk.second):
        assert offered(desk, enter(broker)) == set(), broker.name
        answer = enter(broker).post(f"/vi/introductions/shortlist/{desk.demand}/{desk.offer}")
        assert answer.status_code in (403, 409)


def test_who_has_a_case_of_the_pair_is_led_to_it_and_others_cannot_open_a_second(
    desk: Desk, deal: str, enter: Enter
) -> None:
    for seated in (desk.enterprise, desk.institute, desk.broker):
        assert offered(desk, enter(seated)) == {CASE}
        assert f'href="/vi/deals/{deal}"' in enter(seated).get(path_of(desk)).text
    assert offered(desk, enter(desk.second)) == set()


def test_a_case_nobody_has_can_be_taken_where_its_pair_is_shown(
    desk: Desk, waiting: str, enter: Enter
) -> None:
    broker = enter(desk.broker)
    assert offered(desk, broker) == {"Nhận vụ việc"}
    assert broker.post(f"/vi/board/take/{waiting}").status_code == 303
    assert offered(desk, broker) == {CASE}


def test_who_writes_for_both_sides_asks_for_neither(desk: Desk, enter: Enter) -> None:
    (lab,) = desk.institute.roles
    with begin(desk.runtime) as work:
        work.session.add(
            Membership(user_id=desk.enterprise.user_id, organisation_id=lab, role="editor", since=work.now)
        )
    assert offered(desk, enter(desk.enterprise)) == set()
    both = replace(desk.enterprise, roles={**desk.enterprise.roles, lab: frozenset({"editor"})})
    with begin(desk.runtime) as work, pytest.raises(Forbidden) as refusal:
        introductions.ask(work, both, desk.demand, desk.offer, side="demand", said=SAID)
    assert refusal.value.code == "both_sides"


# -- not open for enquiries -------------------------------------------------------------------------------------------


def say_closed(desk: Desk, owner: Actor, uid: str, *, publish: bool = True) -> None:
    with begin(desk.runtime) as work:
        known = steps.find(work, owner, uid)
        said = from_record(steps.working(work, known).content).revised(open_for_interest=False)
        listings.revise(work, owner, uid, said, version=known.version)
        if publish:
            steps.take(work, SYSTEM, steps.hold(work, owner, uid, "listing.edit"), "publish")
    settle(desk.runtime)


def ask(desk: Desk, actor: Actor, side: str) -> None:
    with begin(desk.runtime) as work:
        introductions.ask(work, actor, desk.demand, desk.offer, side=side, said=SAID)


def test_nobody_is_introduced_to_who_takes_no_enquiries(desk: Desk, enter: Enter) -> None:
    say_closed(desk, desk.institute, desk.offer)
    with pytest.raises(Conflict) as refusal:
        ask(desk, desk.enterprise, "demand")
    assert refusal.value.code == "not_open"
    with begin(desk.runtime) as work, pytest.raises(Conflict) as refusal:
        introductions.shortlist(work, desk.broker, desk.demand, desk.offer)
    assert refusal.value.code == "not_open"
    enterprise = enter(desk.enterprise)
    assert offered(desk, enterprise) == offered(desk, enter(desk.broker)) == set()
    assert "tạm không nhận lời hỏi, nên chưa nhờ giới thiệu được" in words_of(enterprise.get(path_of(desk)))
    asking = enterprise.get(f"/vi/introductions/new/{desk.demand}/{desk.offer}")
    assert asking.status_code == 409, "before three questions are answered in vain"
    head = enterprise.get(f"/vi/listings/{desk.offer}").text.partition("</header>\n  ")[0]
    assert "Tạm không nhận lời hỏi" in head


def test_who_takes_no_enquiries_may_ask_others(desk: Desk, enter: Enter) -> None:
    say_closed(desk, desk.institute, desk.offer)
    assert offered(desk, enter(desk.institute)) == {ASK}
    ask(desk, desk.institute, "offer")


def test_what_counts_is_what_is_published(desk: Desk, enter: Enter) -> None:
    say_closed(desk, desk.institute, desk.offer, publish=False)
    assert offered(desk, enter(desk.enterprise)) == {ASK}
    ask(desk, desk.enterprise, "demand")
