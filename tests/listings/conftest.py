"""An exchange with an institute, another organisation, and two moderators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from flask import Flask

from marketplace.runtime import Runtime
from marketplace.services import sessions
from marketplace.services.policy import Actor
from marketplace.web import login
from marketplace.work import begin
from tests.support.compiled import application
from tests.support.furnished import furnished
from tests.support.market import settle
from tests.support.people import organisation, person
from tests.support.visitor import Visitor
from vocabulary.listing import Contact, Content, Text


@dataclass(frozen=True)
class Market:
    """Who is there. All is committed."""

    runtime: Runtime
    institute: str
    stranger_home: str
    owner: Actor
    stranger: Actor
    moderator: Actor
    second_moderator: Actor
    unconfirmed: Actor


def opened_market(runtime: Runtime) -> Market:
    with begin(runtime) as work:
        institute = organisation(work, "Viện Công nghệ Thử nghiệm")
        other = organisation(work, "Công ty Người Lạ")
        exchange = organisation(work, "Sàn thử nghiệm", is_exchange=True)
        return Market(
            runtime,
            institute,
            other,
            owner=person(work, "Chủ Hồ Sơ", {institute: ("owner",)}),
            stranger=person(work, "Người Lạ", {other: ("owner",)}),
            moderator=person(work, "Kiểm Duyệt Một", {exchange: ("moderator",)}),
            second_moderator=person(work, "Kiểm Duyệt Hai", {exchange: ("moderator",)}),
            unconfirmed=person(work, "Chưa Xác Nhận", {institute: ("editor",)}, confirmed=False),
        )


@pytest.fixture
def market(embedded: Runtime) -> Market:
    """On the embedded back ends only: most of what a listing goes through no server changes."""
    return replace(furnished(settled_market, embedded), runtime=embedded)


def settled_market(runtime: Runtime) -> Market:
    """With an index, which is empty still."""
    market = opened_market(runtime)
    settle(runtime)
    return market


@pytest.fixture
def each_market(runtime: Runtime) -> Market:
    """Once on each set of back ends: where locks, order or the database's own functions matter."""
    return opened_market(runtime)


PASSWORD = "một mật khẩu đủ dài"
Enter = Callable[[Actor], Visitor]
"""Opens a browser in which this person is signed in."""


@pytest.fixture
def app(market: Market) -> Flask:
    return application(market.runtime)


@pytest.fixture
def enter(app: Flask, market: Market) -> Enter:
    def entered(actor: Actor) -> Visitor:
        with begin(market.runtime) as work:
            token = sessions.open_for(work, actor.user_id)
        browser = Visitor(app)
        browser.hold(login.cookie_name(market.runtime.settings, "session"), token)
        return browser

    return entered


@pytest.fixture
def offer() -> Content:
    return Content(
        kind="offer",
        texts={"vi": Text(title="Cảm biến độ mặn cho ao tôm", description="Đo liên tục, sai số 0,5 ‰.")},
        fields=("2.11",),
        trl_min=7,
        trl_max=7,
        contact=Contact("Người Liên Hệ", "lienhe@example.org", "0900000000"),
        broker="Môi giới Thử",
    )
