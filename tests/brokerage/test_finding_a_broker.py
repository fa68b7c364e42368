"""A case without a broker: what is said of it, who is told, how one is found after all, and going on without."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from marketplace import tasks
from marketplace.errors import Conflict, NotFound
from marketplace.models.deals import Assignment, Deal
from marketplace.models.jobs import Job
from marketplace.models.notices import Notice
from marketplace.services import assigning, erasure, introductions, memberships
from marketplace.services.policy import SYSTEM, Actor
from marketplace.tasks import SCHEDULE
from marketplace.work import begin, look
from tests.brokerage.conftest import Desk, Enter, enter_again
from tests.support.members import join
from tests.support.visitor import Visitor, words_of

SENT = "Đã gửi lời nhờ giới thiệu."


def told(desk: Desk, actor: Actor) -> list[str]:
    """What this person was told, in its order."""
    with look(desk.runtime) as work:
        mine = (
            select(Notice.what).where(Notice.user_id == actor.user_id).order_by(Notice.created_at, Notice.id)
        )
        return [what for what in work.session.scalars(mine) if what.startswith("deal_")]


def broker_of(desk: Desk, deal: str) -> str | None:
    with look(desk.runtime) as work:
        return work.session.get_one(Deal, deal).broker_id


# -- what the asker reads ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("through", "brokers", "says"),
    [
        ("broker", True, "Bên kia và môi giới vừa nhận được tin."),
        ("broker", False, "Bên kia vừa nhận được tin, nhưng chưa tìm được môi giới"),
        ("direct", True, "Bên kia vừa nhận được tin. Hai bên làm việc trực tiếp"),
    ],
)
def test_who_asks_reads_what_really_came_of_it(
    desk: Desk, enter: Enter, through: str, brokers: bool, says: str
) -> None:
    if not brokers:
        with begin(desk.runtime) as work:
            for actor in (desk.broker, desk.second):
                enter_again(work, actor, active=False)
    visitor = enter(desk.enterprise)
    ask = f"/vi/introductions/new/{desk.demand}/{desk.offer}"
    answer = visitor.post(ask, aim="Đo mặn 55 ao", ready="budgeted", through=through)
    assert f"{SENT} {says}" in words_of(visitor.get(answer.headers["Location"]))


def test_the_broker_is_told_that_the_case_is_his(desk: Desk, deal: str) -> None:
    assert told(desk, desk.broker) == ["deal_asked_broker"]
    assert told(desk, desk.institute) == ["deal_asked"]


# -- another broker ---------------------------------------------------------------------------------------------------


def test_a_broker_who_is_replaced_hears_of_it_and_the_new_one_that_the_case_is_his(
    desk: Desk, deal: str, enter: Enter
) -> None:
    enterprise = enter(desk.enterprise)
    answer = enterprise.post(f"/vi/deals/{deal}/hand-on", why="Trả lời chậm")
    assert "Đã chuyển vụ việc." in words_of(enterprise.get(answer.headers["Location"]))
    assert broker_of(desk, deal) == desk.second_id
    assert told(desk, desk.broker)[1:] == ["deal_broker_replace_broker"]
    assert told(desk, desk.second) == ["deal_assigned_broker"]
    assert told(desk, desk.institute)[1:] == ["deal_broker_replace", "deal_assigned"]
    former = enter(desk.broker).get("/vi/desk").text
    line = re.search(r'<a href="([^"]+)">[^<]*vụ việc không còn là của bạn', former)
    assert line is not None
    assert line[1] == "/vi/board", "the room is closed to him"


def test_when_nobody_else_can_be_asked_the_sides_hear_of_it(desk: Desk, deal: str, enter: Enter) -> None:
    with begin(desk.runtime) as work:
        enter_again(work, desk.second, active=False)
    broker = enter(desk.broker)
    answer = broker.post(f"/vi/deals/{deal}/hand-on", why="Quá tải")
    assert "chưa tìm được môi giới khác" in words_of(broker.get(answer.headers["Location"]))
    assert broker_of(desk, deal) is None
    assert told(desk, desk.institute)[1:] == ["deal_broker_refuse", "deal_unassigned"]


# -- found after all --------------------------------------------------------------------------------------------------


def test_a_case_nobody_has_is_tried_again_and_everybody_hears_when_a_broker_is_found(
    desk: Desk, waiting: str, enter: Enter
) -> None:
    tasks.find_brokers(desk.runtime)
    assert broker_of(desk, waiting) == desk.broker_id
    assert told(desk, desk.broker) == ["deal_assigned_broker"]
    assert told(desk, desk.enterprise) == ["deal_assigned"]
    assert told(desk, desk.institute) == ["deal_asked", "deal_assigned"]
    assert "Môi giới được giao vụ việc" in words_of(enter(desk.enterprise).get(f"/vi/deals/{waiting}"))
    tasks.find_brokers(desk.runtime)
    assert told(desk, desk.broker) == ["deal_assigned_broker"], "it is found once"
    assert "find_brokers" in {period.name for period in SCHEDULE}


def test_the_case_of_who_is_no_broker_any_more_goes_to_another(desk: Desk, deal: str) -> None:
    assert broker_of(desk, deal) == desk.broker_id
    (office,) = desk.broker.roles
    keeper = Actor(desk.moderator.user_id, roles={office: frozenset({"owner"})}, confirmed=True)
    with begin(desk.runtime) as work:
        memberships.set_roles(work, keeper, office, desk.broker.user_id, ["editor"])
    tasks.find_brokers(desk.runtime)
    assert broker_of(desk, deal) == desk.second_id
    assert told(desk, desk.institute)[1:] == ["deal_broker_left", "deal_assigned"]
    assert told(desk, desk.second) == ["deal_assigned_broker"]
    tasks.find_brokers(desk.runtime)
    assert told(desk, desk.second) == ["deal_assigned_broker"], "it stays there"


def test_what_was_erased_keeps_no_other_case_from_a_broker(desk: Desk, waiting: str) -> None:
    with begin(desk.runtime) as work:
        erasure.erase(work, SYSTEM, desk.offer)
    tasks.find_brokers(desk.runtime)
    assert broker_of(desk, waiting) == desk.broker_id


def test_a_broker_who_takes_cases_again_is_looked_at_at_once(desk: Desk, waiting: str) -> None:
    asked = select(Job.name).where(Job.name == "find_brokers")
    with look(desk.runtime) as work:
        assert work.session.scalars(asked).all(), "both had come back while a case waited"
    tasks.find_brokers(desk.runtime)
    with begin(desk.runtime) as work:
        before = len(work.session.scalars(asked).all())
        enter_again(work, desk.second)
        assert len(work.session.scalars(asked).all()) == before, "nothing waits"


# -- without one ------------------------------------------------------------------------------------------------------


def test_the_sides_may_go_on_directly_while_nobody_brokers(desk: Desk, waiting: str, enter: Enter) -> None:
    institute, enterprise = enter(desk.institute), enter(desk.enterprise)
    path = f"/vi/deals/{waiting}"
    assert institute.post(f"{path}/agree").status_code == 303
    assert f'action="{path}/direct"' in enterprise.get(path).text
    assert enterprise.post(f"{path}/direct").status_code == 303
    with look(desk.runtime) as work:
        case = work.session.get_one(Deal, waiting)
        assert (case.direct, case.stage) == (True, "introduced"), "both had agreed"
    assert told(desk, desk.institute)[-2:] == ["deal_direct", "deal_step_introduce"]
    assert f'action="{path}/direct"' not in enterprise.get(path).text
    assert institute.post(f"{path}/step", step="negotiate").status_code == 303
    with begin(desk.runtime) as work, pytest.raises(NotFound):
        assigning.take(work, desk.broker, waiting)
    tasks.find_brokers(desk.runtime)
    assert broker_of(desk, waiting) is None


def test_going_on_directly_waits_for_the_other_side_and_never_leaves_a_broker_out(
    desk: Desk, waiting: str, enter: Enter
) -> None:
    with begin(desk.runtime) as work:
        assert introductions.go_direct(work, desk.enterprise, waiting).stage == "suggested"
        assert introductions.agree(work, desk.institute, waiting).stage == "introduced"
        introductions.brokerage.advance(work, desk.enterprise, waiting, "close", reason="timing")
        other = introductions.ask(
            work, desk.enterprise, desk.demand, desk.offer, side="demand",
            said=introductions.answers(aim="Thử lại", ready="deciding", open_point=""),
        )  # fmt: skip
    with begin(desk.runtime) as work, pytest.raises(Conflict) as refusal:
        introductions.go_direct(work, desk.enterprise, other)
    assert refusal.value.code == "has_broker"
    page = enter(desk.enterprise).get(f"/vi/deals/{other}").text
    assert f'action="/vi/deals/{other}/direct"' not in page


# -- operators --------------------------------------------------------------------------------------------------------


def test_an_operator_sees_which_cases_wait_and_why(desk: Desk, waiting: str, enter: Enter) -> None:
    with begin(desk.runtime) as work:
        enter_again(work, desk.broker, active=False)
        work.session.add(
            Assignment(deal_id=waiting, broker_id=desk.second_id, at=work.now, reason={}, ended_at=work.now,
                       ended_why="replace")
        )  # fmt: skip
    operator = _operator(desk, enter)
    assert 'href="/vi/brokers/waiting"' in operator.get("/vi/").text
    page = words_of(operator.get("/vi/brokers/waiting"))
    assert "Cần đo độ mặn tự động" in page
    assert "1 người đã từ chối hoặc được đổi" in page
    assert "Viện Cảm biến" not in page, "the offer is anonymous"
    assert enter(desk.broker).get("/vi/brokers/waiting").status_code == 403
    with begin(desk.runtime) as work:
        introductions.go_direct(work, desk.enterprise, waiting)
    assert "Cần đo độ mặn tự động" not in words_of(operator.get("/vi/brokers/waiting"))


def _operator(desk: Desk, enter: Enter) -> Visitor:
    (exchange,) = desk.moderator.roles
    user_id = join(desk.runtime, "vanhanh@example.org", "operator", exchange)
    return enter(Actor(user_id, "Vận Hành"))
