"""A funder or an adviser reads a sealed part only when its owner has let him; and the texts say how it is."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from marketplace.errors import Conflict, Forbidden, NotFound
from marketplace.models.accounts import User
from marketplace.models.outcomes import Agreement
from marketplace.services import disclosure, rooms
from marketplace.services.policy import Actor
from marketplace.work import begin
from tests.brokerage.conftest import SECRET, Desk, Enter
from tests.support.visitor import Visitor, words_of


@pytest.fixture
def signed(desk: Desk, room: str) -> Agreement:
    """The funder was invited and has accepted the terms."""
    with begin(desk.runtime) as work:
        email = work.session.scalars(select(User.email).where(User.id == desk.funder.user_id)).one()
        rooms.invite(work, desk.enterprise, room, email=email, side="funder")
        return disclosure.accept(work, desk.funder, room, name="Đỗ Quỹ", purpose="Xét tài trợ", days="30")


def opens(desk: Desk, actor: Actor, room: str) -> bool:
    with begin(desk.runtime) as work:
        try:
            return disclosure.open_part(work, actor, room, "offer").text == SECRET
        except Conflict:
            return False


def test_a_guest_reads_the_sealed_part_when_its_owner_has_let_him_and_not_before(
    desk: Desk, room: str, signed: Agreement, enter: Enter
) -> None:
    funder, institute, enterprise = enter(desk.funder), enter(desk.institute), enter(desk.enterprise)
    path = f"/vi/deals/{room}"
    assert not opens(desk, desk.funder, room)
    assert funder.get(f"{path}/sealed/offer").status_code == 409
    assert f'href="{path}/sealed/offer"' not in funder.get(path).text
    assert "chờ bên có hồ sơ cho phép" in words_of(funder.get(path))

    allow = f"{path}/agreements/{signed.id}/allow"
    assert f'action="{allow}"' not in enterprise.get(path).text, "its own listing has no sealed part"
    assert f'action="{allow}"' in institute.get(path).text
    assert institute.post(allow).status_code == 303
    assert f'action="{allow}"' not in institute.get(path).text
    assert "Đỗ Quỹ được xem phần bảo mật" in words_of(funder.get(path))
    assert SECRET in funder.get(f"{path}/sealed/offer").text

    assert institute.post(f"{path}/agreements/{signed.id}/revoke").status_code == 303
    assert not opens(desk, desk.funder, room)
    with begin(desk.runtime) as work:
        disclosure.accept(work, desk.funder, room, name="Đỗ Quỹ", purpose="Xét lần nữa", days="30")
    assert not opens(desk, desk.funder, room), "a new agreement has to be allowed anew"


def test_whose_access_was_ended_does_not_open_it_again_by_himself(
    desk: Desk, room: str, enter: Enter
) -> None:
    def accept() -> str:
        with begin(desk.runtime) as work:
            return disclosure.accept(
                work, desk.enterprise, room, name="Trần Cầu", purpose="Xem", days="30"
            ).id

    first = accept()
    assert opens(desk, desk.enterprise, room)
    with begin(desk.runtime) as work:
        disclosure.revoke(work, desk.institute, room, first)
    again = accept()
    assert not opens(desk, desk.enterprise, room)
    allow = f"/vi/deals/{room}/agreements/{again}/allow"
    assert "chờ bên có hồ sơ cho phép" in words_of(enter(desk.enterprise).get(f"/vi/deals/{room}"))
    institute = enter(desk.institute)
    assert f'action="{allow}"' in institute.get(f"/vi/deals/{room}").text
    assert institute.post(allow).status_code == 303
    assert opens(desk, desk.enterprise, room)


def test_only_the_owner_can_let_a_guest_read(desk: Desk, room: str, signed: Agreement) -> None:
    for actor in (desk.broker, desk.funder):
        with begin(desk.runtime) as work, pytest.raises(Forbidden):
            disclosure.allow(work, actor, room, signed.id)
    with begin(desk.runtime) as work:
        disclosure.allow(work, desk.enterprise, room, signed.id)
    assert not opens(desk, desk.funder, room), "the demand's side has no say over the offer's part"
    with begin(desk.runtime) as work, pytest.raises(NotFound):
        disclosure.allow(work, desk.institute, room, "01J0000000000000000000000")


def test_the_sides_and_the_broker_need_no_more_than_the_terms(desk: Desk, room: str) -> None:
    with begin(desk.runtime) as work:
        disclosure.accept(work, desk.broker, room, name="Phạm Nối", purpose="Môi giới", days="7")
    assert opens(desk, desk.broker, room)


def test_what_is_promised_of_names_and_secrets_is_how_it_is(desk: Desk, deal: str, enter: Enter) -> None:
    def name_of_the_offer(visitor: Visitor) -> bool:
        return "Viện Cảm biến" in words_of(visitor.get(f"/vi/deals/{deal}"))

    enterprise, broker, institute = enter(desk.enterprise), enter(desk.broker), enter(desk.institute)
    form = words_of(institute.get("/vi/post/offer"))
    assert (
        "Khi có vụ việc, môi giới thấy tên bạn ngay; bên kia thấy khi cả hai đồng ý được giới thiệu." in form
    )
    assert name_of_the_offer(broker)
    assert not name_of_the_offer(enterprise)
    assert institute.post(f"/vi/deals/{deal}/agree").status_code == 303
    assert name_of_the_offer(enterprise)
    home = {language: words_of(institute.get(f"/{language}/")) for language in ("vi", "en")}
    assert "chỉ bạn đọc được" not in home["vi"]
    assert "only you can read it" not in home["en"]
    assert "người trong phòng trao đổi đã nhận cam kết bảo mật" in home["vi"]


def test_a_guest_is_told_whose_leave_it_takes(desk: Desk, room: str, signed: Agreement, enter: Enter) -> None:
    with begin(desk.runtime) as work:
        disclosure.revoke(work, desk.institute, room, signed.id)
    page = words_of(enter(desk.funder).get(f"/vi/deals/{room}"))
    assert "khi bạn nhận cam kết bảo mật và bên có hồ sơ cho phép" in page
    side = words_of(enter(desk.enterprise).get(f"/vi/deals/{room}"))
    assert re.search(r"khi bạn nhận cam kết bảo mật\.", side)
