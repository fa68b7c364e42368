"""A demand and some offers that match it, and the people on both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from flask import Flask

from marketplace.runtime import Runtime
from marketplace.services import owners, sessions
from marketplace.services.policy import Actor
from marketplace.web import login
from marketplace.work import begin
from tests.support.compiled import application
from tests.support.furnished import furnished
from tests.support.market import content, publish, settle
from tests.support.people import organisation, person
from tests.support.visitor import Visitor

ASKED = "Cảm biến đo độ mặn liên tục cho ao nuôi tôm, cảnh báo sớm qua điện thoại khi độ mặn vượt ngưỡng"
OFFERED = (
    "Cảm biến đo độ mặn cho ao nuôi tôm, cảnh báo sớm qua điện thoại",
    "Trạm đo độ mặn tự động, cảnh báo khi độ mặn vượt ngưỡng",
    "Phao đo độ mặn và nhiệt độ nước ao nuôi tôm",
)


@dataclass(frozen=True)
class Scene:
    runtime: Runtime
    demand: str
    offers: tuple[str, ...]
    seeker: Actor
    """An editor of the organisation that asks."""
    holder: Actor
    """An editor of the organisation that offers."""
    broker: Actor
    """A broker of a third organisation."""
    stranger: Actor
    operator: Actor

    @property
    def pair(self) -> tuple[str, str]:
        return self.demand, self.offers[0]


@pytest.fixture
def scene(embedded: Runtime) -> Scene:
    return replace(furnished(set_scene, embedded), runtime=embedded)


def set_scene(runtime: Runtime) -> Scene:
    (demand,) = publish(runtime, content("demand", ASKED[:70], ASKED), owner="Hợp tác xã Bãi Bồi")
    offers = publish(
        runtime, *(content("offer", text[:60], text) for text in OFFERED), owner="Viện Hải dương"
    )
    settle(runtime)
    with begin(runtime) as work:
        sides = {
            name: owners.find_or_create(work, name).id for name in ("Hợp tác xã Bãi Bồi", "Viện Hải dương")
        }
        third, own = organisation(work, "Môi giới Sông Hậu"), organisation(work, "Sàn", is_exchange=True)
        return Scene(
            runtime, demand, tuple(offers),
            seeker=person(work, "An", {sides["Hợp tác xã Bãi Bồi"]: ("editor",)}),
            holder=person(work, "Bình", {sides["Viện Hải dương"]: ("editor",)}),
            broker=person(work, "Chi", {third: ("broker",)}),
            stranger=person(work, "Dũng", {third: ("editor",)}),
            operator=person(work, "Giang", {own: ("operator",)}),
        )  # fmt: skip


Enter = Callable[[Actor], Visitor]


@pytest.fixture
def app(scene: Scene) -> Flask:
    return application(scene.runtime)


@pytest.fixture
def enter(scene: Scene, app: Flask) -> Enter:
    def entered(actor: Actor) -> Visitor:
        visitor = Visitor(app)
        with begin(scene.runtime) as work:
            visitor.hold(
                login.cookie_name(scene.runtime.settings, "session"),
                sessions.open_for(work, actor.user_id, agent="tests"),
            )
        return visitor

    return entered
