"""The broker's board: only what its reader may open or take, and only buttons that work."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from marketplace.errors import Conflict, Forbidden, NotFound
from marketplace.models.deals import Deal
from marketplace.services import assigning, board, brokers, introductions, parties
from marketplace.services.policy import Actor
from marketplace.work import Work, begin, look
from tests.brokerage.conftest import SAID, Desk, Enter, certified, enter_again
from tests.support.people import organisation, person
from tests.support.visitor import words_of


def on_board(desk: Desk, actor: Actor) -> list[str]:
    with look(desk.runtime) as work:
        return [line.id for column in board.columns(work, actor) for line in column.lines]


def test_who_owns_an_organisation_and_brokers_nothing_has_no_board(
    desk: Desk, waiting: str, enter: Enter
) -> None:
    with look(desk.runtime) as work, pytest.raises(Forbidden):
        board.columns(work, desk.stranger)
    owner, broker = enter(desk.stranger), enter(desk.broker)
    assert owner.get("/vi/board").status_code == 403
    assert 'href="/vi/board"' not in owner.get("/vi/").text
    assert 'href="/vi/board"' in broker.get("/vi/").text
    assert owner.get("/vi/brokers/own/network").status_code == 200, "here an organisation enters the register"


def test_a_case_nobody_has_is_open_to_every_broker_who_may_take_it(desk: Desk, waiting: str) -> None:
    assert on_board(desk, desk.broker) == on_board(desk, desk.second) == [waiting]


def refuse(work: Work, desk: Desk, deal: str) -> None:
    """He has the case for a moment and hands it on; nobody else can be asked."""
    enter_again(work, desk.second, active=False)
    assigning.take(work, desk.broker, deal)
    assigning.hand_on(work, desk.broker, deal, "Không rành")


def sit_in(work: Work, desk: Desk, deal: str) -> None:
    """He was invited as an adviser before."""
    work.session.add(
        parties.Party(deal_id=deal, user_id=desk.broker.user_id, side="adviser", added_at=work.now)
    )


HINDRANCES: dict[str, Callable[[Work, Desk, str], object]] = {
    "broker_inactive": lambda work, desk, deal: enter_again(work, desk.broker, active=False),
    "broker_certificate": lambda work, desk, deal: enter_again(
        work, desk.broker, certified_until=date(2026, 11, 23)
    ),
    "broker_conflict": lambda work, desk, deal: brokers.declare(
        work, desk.broker, desk.broker_id, "Hợp tác xã Tôm"
    ),
    "broker_refused": refuse,
    "broker_sits_already": sit_in,
}


@pytest.mark.parametrize("why", HINDRANCES)
def test_a_case_that_a_broker_could_not_take_is_not_on_his_board(desk: Desk, waiting: str, why: str) -> None:
    with begin(desk.runtime) as work:
        HINDRANCES[why](work, desk, waiting)
    assert on_board(desk, desk.broker) == []
    with begin(desk.runtime) as work, pytest.raises(Conflict) as refusal:
        assigning.take(work, desk.broker, waiting)
    assert refusal.value.code == why


def test_a_broker_without_an_entry_is_told_to_enter_the_register(
    desk: Desk, waiting: str, enter: Enter
) -> None:
    with begin(desk.runtime) as work:
        unknown = person(work, "Chưa Ghi", {organisation(work, "Sàn Mới"): ("broker",)})
    assert on_board(desk, unknown) == []
    with begin(desk.runtime) as work, pytest.raises(Forbidden) as refusal:
        assigning.take(work, unknown, waiting)
    assert refusal.value.code == "not_in_register"
    assert "chưa có tên trong danh bạ môi giới" in words_of(enter(unknown).get("/vi/board"))
    assert "chưa có tên trong danh bạ môi giới" not in words_of(enter(desk.broker).get("/vi/board"))


def test_a_network_is_worked_for_by_its_brokers_and_does_not_see_those_of_the_brokers_it_leads(
    desk: Desk, deal: str, enter: Enter
) -> None:
    with begin(desk.runtime) as work:
        house = organisation(work, "Mạng lưới Môi giới")
        owner, worker = (
            person(work, "Bà Chủ", {house: ("owner",)}),
            person(work, "Anh Làm", {house: ("broker",)}),
        )
        lead = brokers.save(work, owner, house, certified(fields=["2.2"]), network=True)
        enter_again(work, desk.broker, lead_id=lead)
    assert on_board(desk, worker) == [], "the case is the led broker's own"
    with begin(desk.runtime) as work:
        assigning.hand_on(work, desk.broker, deal, "Quá tải")
        assigning.hand_on(work, desk.second, deal, "Quá tải")
        assert work.session.get_one(Deal, deal).broker_id == lead
    assert on_board(desk, worker) == [deal]
    with look(desk.runtime) as work:
        assert parties.seat(work, worker, deal, "read").side == "broker"
        with pytest.raises(NotFound):
            parties.seat(work, owner, deal, "read")
    assert enter(worker).get(f"/vi/deals/{deal}").status_code == 200
    assert enter(owner).get("/vi/board").status_code == 403


def test_a_network_in_which_nobody_brokers_is_given_no_case(desk: Desk) -> None:
    with begin(desk.runtime) as work:
        house = organisation(work, "Mạng lưới Trống")
        owner = person(work, "Bà Chủ", {house: ("owner",)})
        brokers.save(work, owner, house, certified(), network=True)
        for actor in (desk.broker, desk.second):
            enter_again(work, actor, active=False)
        deal = introductions.ask(work, desk.enterprise, desk.demand, desk.offer, side="demand", said=SAID)
        assert work.session.get_one(Deal, deal).broker_id is None, "nobody would hear of it"


def test_who_writes_for_a_side_finds_the_case_on_no_board(desk: Desk, deal: str) -> None:
    (farm,) = desk.enterprise.roles
    both = replace(desk.broker, roles={**desk.broker.roles, farm: frozenset({"editor"})})
    assert on_board(desk, desk.broker) == [deal]
    assert on_board(desk, both) == [], "nobody sits on two sides"


def test_a_case_that_can_only_be_taken_leads_to_the_pair_and_not_into_a_room(
    desk: Desk, waiting: str, enter: Enter
) -> None:
    broker = enter(desk.broker)
    for path in ("/vi/board", "/vi/board/table"):
        page = broker.get(path).text
        assert f'href="/vi/deals/{waiting}"' not in page, path
        assert f'href="/vi/matches/{desk.demand}/{desk.offer}"' in page, path
    assert broker.post(f"/vi/board/take/{waiting}").status_code == 303
    assert f'href="/vi/deals/{waiting}"' in broker.get("/vi/board").text
    assert broker.get(f"/vi/deals/{waiting}").status_code == 200


def test_where_one_was_in_the_table_is_kept_when_cases_are_closed(
    desk: Desk, waiting: str, enter: Enter
) -> None:
    with begin(desk.runtime) as work:
        mine = [copied(work, waiting, desk.broker_id, n) for n in range(board.PAGE + 2)]
    broker = enter(desk.broker)
    first = broker.get("/vi/board/table?stage=suggested&show=waiting&words=sao&page=2").text
    place = dict(
        re.findall(r'name="(stage|show|words|page)" value="([^"]*)"', first.partition("/board/dismiss")[2])
    )
    assert place == {"stage": "suggested", "show": "waiting", "words": "sao", "page": "2"}

    again = broker.post("/vi/board/dismiss", **place, deal=[mine[-1]], reason="")
    assert again.status_code == 422
    assert f'value="{mine[-1]}" checked' in again.text, "the same page, with the tick"
    assert 'value="waiting" selected' in again.text
    done = broker.post("/vi/board/dismiss", **place, deal=[mine[-1]], reason="timing")
    assert done.headers["Location"] == "/vi/board/table?stage=suggested&show=waiting&words=sao&page=2"


def copied(work: Work, like: str, broker_id: str, n: int) -> str:
    """One more case of the broker, of other listings; the id."""
    known = work.session.get_one(Deal, like)
    made = Deal(
        demand_uid=f"test:demand:{n}", offer_uid=known.offer_uid, demand_title=f"Bản sao {n}", offer_title="Khác",
        demand_organisation_id=known.demand_organisation_id, offer_organisation_id=known.offer_organisation_id,
        broker_id=broker_id, asked_by="demand", stage="suggested", stage_since=work.now, due_at=work.now,
        created_at=work.now,
    )  # fmt: skip
    work.session.add(made)
    work.session.flush()
    return made.id


def test_only_ones_own_cases_can_be_ticked(desk: Desk, waiting: str, enter: Enter) -> None:
    broker = enter(desk.broker)
    assert f'name="deal" value="{waiting}"' not in broker.get("/vi/board/table").text
    assert "Đóng các vụ việc đã chọn" not in words_of(broker.get("/vi/board/table")), (
        "there is nothing to tick"
    )
    broker.post(f"/vi/board/take/{waiting}")
    assert f'name="deal" value="{waiting}"' in broker.get("/vi/board/table").text
