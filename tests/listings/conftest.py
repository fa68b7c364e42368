"""An exchange with an institute, another organisation, and two moderators."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from marketplace.runtime import Runtime
from marketplace.services.policy import Actor
from marketplace.work import begin
from tests.support.people import organisation, person
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
    return opened_market(embedded)


@pytest.fixture
def each_market(runtime: Runtime) -> Market:
    """Once on each set of back ends: where locks, order or the database's own functions matter."""
    return opened_market(runtime)


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
