"""Where the audit cannot be written nothing happens that belongs into it, and whatever needs no entry goes on."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.models.accounts import SignIn
from marketplace.models.deals import Deal
from marketplace.models.outcomes import Disclosure
from marketplace.services import accounts, disclosure, room_files, tokens
from marketplace.services.policy import SYSTEM
from marketplace.services.uploads import received
from marketplace.work import begin, look
from tests.brokerage.conftest import SECRET, Desk, Enter
from tests.support.members import PASSWORD, registering
from tests.support.unaudited import unaudited
from tests.support.visitor import Visitor

LAN = "lan@example.org"


def test_what_must_be_written_down_does_not_happen(desk: Desk, room: str, enter: Enter, app: Flask) -> None:
    with begin(desk.runtime) as work:
        file = room_files.add(
            work, desk.institute, room, received(desk.runtime, "giá.txt", SECRET.encode())
        ).id
        disclosure.accept(work, desk.enterprise, room, name="Trần Cầu", purpose="Thẩm định", days="30")
        accounts.open_account(work, SYSTEM, registering(LAN, "Nguyễn Thị Lan"))
    path = f"/vi/deals/{room}"
    enterprise, broker, stranger = enter(desk.enterprise), enter(desk.broker), enter(desk.stranger)
    visitor = Visitor(app)

    def kept() -> tuple[object, ...]:
        with look(desk.runtime) as work:
            tables = (select(func.count()).select_from(table) for table in (SignIn, Disclosure))
            return (*map(work.session.scalar, tables), work.session.get_one(Deal, room).stage)

    before = kept()
    with unaudited(desk.runtime):
        refused = [
            enterprise.get(f"{path}/files/{file}"),
            enterprise.get(f"{path}/sealed/offer"),
            enterprise.get(f"{path}/sealed/offer/{desk.file}"),
            enterprise.get(f"{path}/archive"),
            broker.post(f"{path}/step", step="introduce"),
            stranger.get("/vi/moderation"),
            visitor.post("/vi/sign-in", email=LAN, password=PASSWORD),
            visitor.post("/vi/sign-in", email=LAN, password="không phải"),
        ]
        for answer in refused:
            assert answer.status_code == 500
            assert "Hệ thống gặp sự cố" in answer.text
            assert SECRET not in answer.text
            assert "audit" not in answer.text
        assert kept() == before
        assert enterprise.get(path).status_code == 200
        assert enterprise.post(f"{path}/messages", text="Khi nào giao hàng?").status_code == 303
    assert visitor.post("/vi/sign-in", email=LAN, password=PASSWORD).status_code == 303


def test_the_last_resort_tells_no_secret_of_an_address(
    desk: Desk, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with begin(desk.runtime) as work:
        user_id = accounts.open_account(work, SYSTEM, registering(LAN, "Nguyễn Thị Lan"))
        link = tokens.issue(work, "reset", user_id, LAN)
    with unaudited(desk.runtime), caplog.at_level(logging.INFO):
        answer = Visitor(app).post_without_token(f"/vi/reset/{link}", password=PASSWORD)
    assert answer.status_code == 500
    assert any(entry.exc_info for entry in caplog.records), "why it went wrong is told"
    assert link not in caplog.text
