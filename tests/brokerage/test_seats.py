"""Every side, every action, from inside and outside: the table of seats holds; and what is sealed stays sealed."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select

from marketplace.errors import Conflict, Forbidden, GiaoError, NotFound
from marketplace.models.deals import Deal
from marketplace.models.learning import Decision
from marketplace.models.rooms import DealFile
from marketplace.seal import Seal
from marketplace.services import (
    assigning,
    broker_desks,
    broker_register,
    brokerage,
    decisions,
    disclosure,
    introductions,
    memberships,
    parties,
    room_files,
    rooms,
    rotation,
)
from marketplace.services.parties import ALLOWED, SIDES
from marketplace.services.policy import SYSTEM, Actor
from marketplace.services.uploads import received
from marketplace.settings import SealedKey
from marketplace.work import begin, look
from tests.brokerage.conftest import SECRET, Desk

OUTSIDE = ("stranger", "moderator", "second")


@pytest.fixture
def seated(desk: Desk, room: str) -> dict[str, Actor]:
    """Everybody by where they sit; those of `OUTSIDE` sit nowhere."""
    with begin(desk.runtime) as work:
        email = work.session.scalar(select(rooms.User.email).where(rooms.User.id == desk.funder.user_id))
        rooms.invite(work, desk.broker, room, email=email or "", side="funder")
    return {
        "demand": desk.enterprise, "offer": desk.institute, "broker": desk.broker, "funder": desk.funder,
        **{name: getattr(desk, name) for name in OUTSIDE},
    }  # fmt: skip


def test_every_side_may_what_the_table_says_and_nobody_else_is_told_anything(
    desk: Desk, room: str, seated: dict[str, Actor]
) -> None:
    with look(desk.runtime) as work:
        for action, (place, actor) in product(ALLOWED, seated.items()):
            if place in OUTSIDE:
                with pytest.raises(NotFound):
                    parties.seat(work, actor, room, action)
            elif place in ALLOWED[action]:
                assert parties.seat(work, actor, room, action).side == place
            else:
                with pytest.raises(Forbidden):
                    parties.seat(work, actor, room, action)


def test_an_adviser_sits_as_one(desk: Desk, room: str) -> None:
    with begin(desk.runtime) as work:
        email = work.session.scalar(select(rooms.User.email).where(rooms.User.id == desk.funder.user_id))
        rooms.invite(work, desk.enterprise, room, email=email or "", side="adviser")
        assert parties.seat(work, desk.funder, room, "message").side == "adviser"
    assert "adviser" in SIDES


def test_who_belongs_to_both_sides_sits_on_neither(desk: Desk, room: str) -> None:
    both = Actor(
        desk.enterprise.user_id, "Hai Vai", roles={**desk.enterprise.roles, **desk.institute.roles}, confirmed=True
    )  # fmt: skip
    with look(desk.runtime) as work, pytest.raises(Forbidden) as refusal:
        parties.seat(work, both, room, "read")
    assert refusal.value.code == "both_sides"


def test_when_a_case_has_ended_only_what_comes_after_goes_on(desk: Desk, room: str) -> None:
    with begin(desk.runtime) as work:
        brokerage.advance(work, desk.broker, room, "close", reason="timing")
    with look(desk.runtime) as work:
        for action in ("message", "task", "propose", "meet", "invite", "protect"):
            side = next(iter(ALLOWED[action] & {"demand"}))
            assert side == "demand"
            with pytest.raises(Conflict):
                parties.seat(work, desk.enterprise, room, action)
        assert parties.seat(work, desk.enterprise, room, "archive").side == "demand"


def test_of_two_brokers_at_once_exactly_one_gets_the_case(desk: Desk, deal: str) -> None:
    with begin(desk.runtime) as work:
        case = work.session.get_one(Deal, deal)
        case.broker_id = None
    told: list[str] = []
    start = threading.Barrier(2)

    def take(actor: Actor) -> None:
        start.wait()
        try:
            with begin(desk.runtime) as work:
                assigning.take(work, actor, deal)
            told.append("got it")
        except GiaoError as error:
            told.append(error.code)

    both = [threading.Thread(target=take, args=(actor,)) for actor in (desk.broker, desk.second)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(told) == ["deal_taken", "got it"]


def test_what_is_done_in_a_case_teaches_what_fits(desk: Desk, deal: str) -> None:
    def said() -> set[tuple[str, str, str]]:
        with look(desk.runtime) as work:
            standing = select(Decision).where(Decision.undone_at.is_(None))
            return {(one.organisation_id, one.verdict, one.reasons) for one in work.session.scalars(standing)}

    (farm,), (lab,) = desk.enterprise.roles, desk.institute.roles
    assert said() == {(farm, "accepted", "solves_it")}
    with look(desk.runtime) as work:
        (judged,) = decisions.exported(work, SYSTEM)
    assert (judged.demand, judged.offer, judged.verdict) == (desk.demand, desk.offer, "accepted")
    with begin(desk.runtime) as work:
        brokerage.advance(work, desk.institute, deal, "close", reason="price")
    assert said() == {(farm, "accepted", "solves_it"), (lab, "rejected", "too_dear")}
    with begin(desk.runtime) as work:
        other = introductions.ask(
            work, desk.institute, desk.demand, desk.offer, side="offer",
            said=introductions.answers(aim="Thử lại", ready="deciding", open_point=""),
        )  # fmt: skip
        brokerage.advance(work, desk.enterprise, other, "close", reason="no_answer")
    assert (farm, "accepted", "solves_it") in said(), "no answer says nothing of the match"


def test_files_of_a_room_are_sealed_anew_with_a_new_key(desk: Desk, room: str) -> None:
    with begin(desk.runtime) as work:
        file = room_files.add(work, desk.enterprise, room, received(desk.runtime, "giá.txt", b"1,5 ty")).id
    old = desk.runtime.settings.sealed_keys[0]
    desk.runtime.__dict__["seal"] = Seal((SealedKey("k2", b"z" * 32), old))
    while True:
        with begin(desk.runtime) as work:
            if not rotation.rotate(work):
                break
    desk.runtime.__dict__["seal"] = Seal((SealedKey("k2", b"z" * 32),))
    with begin(desk.runtime) as work:
        assert room_files.read(work, desk.enterprise, room, file)[1] == b"1,5 ty"
        assert work.session.get_one(DealFile, file).sealed_key == "k2"


def test_the_raw_files_of_an_exchange_hold_nothing_sealed(desk: Desk, room: str, tmp_path: Path) -> None:
    if not desk.runtime.settings.database_url.startswith("sqlite"):
        pytest.skip("reads the files of the embedded back ends")
    with begin(desk.runtime) as work:
        disclosure.accept(work, desk.enterprise, room, name="Trần Cầu", purpose="Thẩm định", days="30")
        disclosure.open_part(work, desk.enterprise, room, "offer")
        disclosure.read_file(work, desk.enterprise, room, "offer", desk.file)
        room_files.add(work, desk.institute, room, received(desk.runtime, "kín.txt", SECRET.encode()))
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    assert all(SECRET.encode() not in data for data in written)


def test_who_is_no_broker_any_more_has_no_seat_no_new_cases_and_no_place_in_the_register(
    desk: Desk, room: str
) -> None:
    def listed() -> set[str]:
        with look(desk.runtime) as work:
            return {one.id for one in broker_register.register(work)}

    def candidates() -> set[str]:
        with look(desk.runtime) as work:
            return {one.id for one in broker_desks.candidates(work)}

    with look(desk.runtime) as work:
        (office,) = desk.broker.roles
        keeper = Actor(desk.moderator.user_id, roles={office: frozenset({"owner"})}, confirmed=True)
        assert parties.seat(work, desk.broker, room, "read").side == "broker"
    both = {desk.broker_id, desk.second_id}
    assert (listed(), candidates()) == (both, both)
    with begin(desk.runtime) as work:
        memberships.set_roles(work, keeper, office, desk.broker.user_id, ["editor"])
    former = replace(desk.broker, roles={office: frozenset({"editor"})})
    with look(desk.runtime) as work, pytest.raises(NotFound):
        parties.seat(work, former, room, "read")
    with look(desk.runtime) as work:
        deal = work.session.get_one(Deal, room)
        assert parties.people(work, deal, "broker") == []
    assert (listed(), candidates()) == ({desk.second_id}, {desk.second_id})
    with begin(desk.runtime) as work:
        assigning.hand_on(work, desk.enterprise, room, "Đã nghỉ")
        assert work.session.get_one(Deal, room).broker_id == desk.second_id
