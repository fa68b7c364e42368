"""A demand, an offer with a sealed part, brokers, and the people of a case."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import pytest
from flask import Flask
from pypdf import PdfWriter
from sqlalchemy import select

from marketplace.models.brokers import Broker
from marketplace.models.deals import Deal
from marketplace.runtime import Runtime
from marketplace.services import brokers, introductions, listings, sealed_files, sessions, steps
from marketplace.services.brokers import Entered
from marketplace.services.policy import SYSTEM, Actor
from marketplace.web import login
from marketplace.work import Work, begin
from tests.support.compiled import application
from tests.support.furnished import furnished
from tests.support.market import settle
from tests.support.people import organisation, person
from tests.support.visitor import Visitor
from vocabulary.listing import Content, Sealed, Text

SECRET = "công thức phủ mangan bí truyền"
SAID = introductions.answers(aim="Đo mặn cho 55 ao", ready="budgeted", open_point="Pin dùng bao lâu")


@dataclass(frozen=True)
class Desk:
    """Who is there; all is committed and public."""

    runtime: Runtime
    demand: str
    offer: str
    file: str
    enterprise: Actor
    institute: Actor
    broker: Actor
    broker_id: str
    second: Actor
    second_id: str
    funder: Actor
    stranger: Actor
    moderator: Actor


def certified(**more: object) -> Entered:
    said: dict[str, object] = {
        "certificate": "MG-0042", "issuer": "Cục Phát triển thị trường", "certified_until": date(2030, 1, 1),
        "fields": ["4.1"], "provinces": ["92"], "languages": ["vi"], "capacity": "20",
    }  # fmt: skip
    return brokers.entered(**(said | more))  # type: ignore[arg-type]


def enter_again(work: Work, actor: Actor, **more: object) -> None:
    """The broker's entry as it was, but for this."""
    (office,) = actor.roles
    entry = work.session.scalars(select(Broker).where(Broker.user_id == actor.user_id)).one()
    brokers.save(work, actor, office, certified(**more), version=entry.version)


def pdf() -> bytes:
    """A real one of two empty pages."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    writer.add_blank_page(595, 842)
    writer.write(out)
    return out.getvalue()


def listing(kind: str, title: str, **more: object) -> Content:
    return Content(kind, "vi", {"vi": Text(title=title, description=title)}).revised(  # type: ignore[arg-type]
        fields=("4.1",), province="92", **more
    )


@pytest.fixture
def desk(runtime: Runtime) -> Desk:
    return replace(furnished(opened_desk, runtime), runtime=runtime)


def opened_desk(runtime: Runtime) -> Desk:
    with begin(runtime) as work:
        farm, lab = organisation(work, "Hợp tác xã Tôm"), organisation(work, "Viện Cảm biến")
        office, bank = organisation(work, "Sàn Môi giới"), organisation(work, "Quỹ Đổi mới")
        exchange = organisation(work, "Sàn thử nghiệm", is_exchange=True)
        enterprise = person(work, "Trần Cầu", {farm: ("owner",)})
        institute = person(work, "Lê Cung", {lab: ("owner",)})
        broker = person(work, "Phạm Nối", {office: ("broker",)})
        second = person(work, "Vũ Kết", {office: ("broker",)})
        funder = person(work, "Đỗ Quỹ", {bank: ("owner",)})
        stranger = person(work, "Người Lạ", {organisation(work, "Công ty Lạ"): ("owner",)})
        moderator = person(work, "Kiểm Duyệt", {exchange: ("moderator",)})
        broker_id = brokers.save(work, broker, office, certified())
        second_id = brokers.save(work, second, office, certified())
        demand = listings.post(work, enterprise, farm, listing("demand", "Cần đo độ mặn tự động")).uid
        sealed = Sealed(SECRET)
        offer = listings.post(
            work, institute, lab, listing("offer", "Trạm đo độ mặn", anonymous=True), sealed=sealed
        ).uid
        file = sealed_files.attach(
            work, institute, offer, sealed_files.received(runtime, "bản vẽ.pdf", pdf())
        ).id
        for uid, owner in ((demand, enterprise), (offer, institute)):
            steps.take(work, SYSTEM, steps.hold(work, owner, uid, "listing.edit"), "publish")
    settle(runtime)
    return Desk(
        runtime, demand, offer, file, enterprise, institute, broker, broker_id, second, second_id, funder,
        stranger, moderator,
    )  # fmt: skip


@pytest.fixture
def deal(desk: Desk) -> str:
    """The enterprise has asked; the first broker has the case; the institute has not answered yet."""
    with begin(desk.runtime) as work:
        return introductions.ask(work, desk.enterprise, desk.demand, desk.offer, side="demand", said=SAID)


@pytest.fixture
def room(desk: Desk, deal: str) -> str:
    """Both sides have agreed."""
    with begin(desk.runtime) as work:
        introductions.agree(work, desk.institute, deal)
    return deal


@pytest.fixture
def waiting(desk: Desk) -> str:
    """A case for which nobody could be asked, when both brokers took none; now they do again."""
    with begin(desk.runtime) as work:
        for actor in (desk.broker, desk.second):
            enter_again(work, actor, active=False)
        deal = introductions.ask(work, desk.enterprise, desk.demand, desk.offer, side="demand", said=SAID)
        assert work.session.get_one(Deal, deal).broker_id is None
        for actor in (desk.broker, desk.second):
            enter_again(work, actor)
    return deal


@pytest.fixture
def app(desk: Desk) -> Flask:
    return application(desk.runtime)


Enter = Callable[[Actor], Visitor]
"""Opens a browser in which this person is signed in."""


@pytest.fixture
def enter(app: Flask, desk: Desk) -> Enter:
    def entered(actor: Actor) -> Visitor:
        with begin(desk.runtime) as work:
            token = sessions.open_for(work, actor.user_id)
        browser = Visitor(app)
        browser.hold(login.cookie_name(desk.runtime.settings, "session"), token)
        return browser

    return entered
