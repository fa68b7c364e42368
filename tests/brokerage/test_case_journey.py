"""A case from the first question to an outcome of grade A, as its parties live it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from pypdf import PdfReader

from marketplace.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.models.deals import Deal
from marketplace.models.outcomes import Licence
from marketplace.services import (
    board,
    brokerage,
    case_file,
    claims,
    disclosure,
    feed,
    introductions,
    licences,
    matches,
    outcomes,
    records,
    rooms,
    surveys,
    term_sheets,
)  # fmt: skip
from marketplace.services.uploads import received
from marketplace.work import Work, begin, look
from tests.brokerage.conftest import SECRET, Desk
from tests.support.clock import HandMovedClock
from tests.support.market import settle

TERMS = {"form": "exclusive_licence", "amount": "1,5 tỷ", "first": "01/01/2027", "last": "31/12/2029"}
CLAIM = {"form": "exclusive_licence", "value": "1,5 tỷ", "fee": "60 triệu", "signed_on": "02/12/2026"}
HASH = "ab" * 32


def step(desk: Desk, deal: str, who: object, name: str, **more: str) -> None:
    with begin(desk.runtime) as work:
        brokerage.advance(work, who, deal, name, **more)  # type: ignore[arg-type]


def agree_on_terms(desk: Desk, room: str) -> None:
    """From introduced to agreed."""
    for name in ("introduce", "negotiate"):
        step(desk, room, desk.broker, name)
    with begin(desk.runtime) as work:
        term_sheets.propose(work, desk.enterprise, room, term_sheets.read(TERMS))
        term_sheets.answer(work, desk.institute, room, 1, "accepted")
    step(desk, room, desk.broker, "agree")


def test_from_a_demand_to_a_public_figure(desk: Desk, room: str) -> None:
    agree_on_terms(desk, room)
    with begin(desk.runtime) as work:
        n = outcomes.claim(work, desk.broker, room, claims.read({**CLAIM, "contract_hash": HASH}))
        assert outcomes.attest(work, desk.enterprise, room, n).grade == "C"
        assert outcomes.attest(work, desk.institute, room, n).grade == "A"
    step(desk, room, desk.broker, "transfer")
    with begin(desk.runtime) as work:
        surveys.answer(work, desk.enterprise, room, {"fair": "5", "helpful": "4", "again": "5"})
    with look(desk.runtime) as work:
        assert records.proven(work) == {desk.broker_id: 1}
        record = records.of_brokers(work, [desk.broker_id])[desk.broker_id]
        assert (record.cases, record.introduced, record.transferred, record.answers) == (1, 1, 1, 1)
        assert record.satisfaction is None, "one answer is not shown: it would be one person's"
        assert outcomes.verify(work) is None


def test_the_broker_is_chosen_by_rule_and_the_reason_is_kept(desk: Desk, deal: str) -> None:
    with look(desk.runtime) as work:
        case = work.session.get_one(Deal, deal)
        assert case.broker_id == desk.broker_id
        from_rule = introductions.assigning.given(work, case)
    assert (from_rule["closeness"], from_rule["province"], from_rule["considered"]) == ("field", True, 2)


def test_until_both_have_agreed_there_is_nothing_to_say_in_the_room(desk: Desk, deal: str) -> None:
    with begin(desk.runtime) as work, pytest.raises(Conflict) as refusal:
        rooms.write(work, desk.enterprise, deal, "Xin chào")
    assert refusal.value.code == "not_introduced"
    with begin(desk.runtime) as work, pytest.raises(Conflict) as refusal:
        brokerage.advance(work, desk.broker, deal, "introduce")
    assert refusal.value.code == "not_both_agreed"


def test_who_has_no_seat_is_told_nothing(desk: Desk, room: str) -> None:
    for nobody in (desk.stranger, desk.moderator, desk.second, desk.funder):
        with begin(desk.runtime) as work, pytest.raises(NotFound):
            rooms.write(work, nobody, room, "Cho tôi vào")


def test_sides_take_the_steps_themselves_where_there_is_no_broker(desk: Desk) -> None:
    with begin(desk.runtime) as work:
        deal = introductions.ask(
            work, desk.institute, desk.demand, desk.offer, side="offer", said=_said(), direct=True
        )
        assert work.session.get_one(Deal, deal).broker_id is None
        assert introductions.agree(work, desk.enterprise, deal).stage == "introduced"
    step(desk, deal, desk.enterprise, "negotiate")
    with look(desk.runtime) as work:
        assert work.session.get_one(Deal, deal).stage == "negotiating"


def test_with_a_broker_the_steps_are_his_and_closing_is_anybodys(desk: Desk, room: str) -> None:
    with begin(desk.runtime) as work, pytest.raises(Conflict) as refusal:
        brokerage.advance(work, desk.enterprise, room, "introduce")
    assert refusal.value.code == "step_of_another"
    with begin(desk.runtime) as work, pytest.raises(Invalid):
        brokerage.advance(work, desk.enterprise, room, "close")
    step(desk, room, desk.enterprise, "close", reason="price")
    step(desk, room, desk.broker, "reopen")
    with look(desk.runtime) as work:
        assert work.session.get_one(Deal, room).stage == "suggested"


def test_a_case_closed_long_ago_stays_closed(desk: Desk, room: str, clock: HandMovedClock) -> None:
    step(desk, room, desk.broker, "close", reason="no_answer")
    clock.move(timedelta(days=31))
    with begin(desk.runtime) as work, pytest.raises(Conflict) as refusal:
        brokerage.advance(work, desk.broker, room, "reopen")
    assert refusal.value.code == "closed_too_long"


def test_one_pair_has_one_case(desk: Desk, deal: str) -> None:
    with begin(desk.runtime) as work, pytest.raises(Conflict) as refusal:
        introductions.ask(work, desk.institute, desk.demand, desk.offer, side="offer", said=_said())
    assert refusal.value.code == "deal_exists"


def test_of_two_brokers_who_take_a_case_one_gets_it_and_the_other_is_told(desk: Desk, deal: str) -> None:
    assigning = introductions.assigning
    with begin(desk.runtime) as work:
        assert assigning.hand_on(work, desk.broker, deal, "Quá tải") is not None
        assert work.session.get_one(Deal, deal).broker_id == desk.second_id
        assert assigning.hand_on(work, desk.second, deal, "Không rành") is None, "nobody is left"
    with begin(desk.runtime) as work, pytest.raises(Conflict) as refusal:
        assigning.take(work, desk.broker, deal)
    assert refusal.value.code == "broker_refused", "what was refused is not taken back"


def test_the_sealed_part_opens_only_under_an_agreement_and_every_look_is_told(
    desk: Desk, room: str, clock: HandMovedClock
) -> None:
    with begin(desk.runtime) as work, pytest.raises(Conflict) as refusal:
        disclosure.open_part(work, desk.enterprise, room, "offer")
    assert refusal.value.code == "no_agreement"
    with begin(desk.runtime) as work:
        with pytest.raises(Invalid):
            disclosure.accept(work, desk.enterprise, room, name="Ai Khác", purpose="Thẩm định", days="30")
        disclosure.accept(work, desk.enterprise, room, name="trần cầu", purpose="Thẩm định", days="30")
        opened = disclosure.open_part(work, desk.enterprise, room, "offer")
        file, stamp = disclosure.read_file(work, desk.enterprise, room, "offer", desk.file)
        disclosure.seen(work, desk.enterprise, room, "offer", desk.file)
    stamped = stamp()
    assert (opened.text, file.name) == (SECRET, "bản vẽ.pdf")
    for page in PdfReader(io.BytesIO(stamped)).pages:
        assert "Tran Cau" in page.extract_text()
        assert "2026-11-24 03:00 UTC" in page.extract_text()
    with look(desk.runtime) as work:
        looks = disclosure.looks(work, desk.institute, room)
        assert {(one.what, name) for one, name in looks} == {("text", "Trần Cầu"), (desk.file, "Trần Cầu")}
    clock.move(timedelta(days=30))
    with begin(desk.runtime) as work, pytest.raises(Conflict):
        disclosure.open_part(work, desk.enterprise, room, "offer")


def test_an_agreement_that_is_revoked_closes_the_open_tab(desk: Desk, room: str) -> None:
    with begin(desk.runtime) as work:
        made = disclosure.accept(work, desk.broker, room, name="Phạm Nối", purpose="Môi giới", days="7")
        disclosure.revoke(work, desk.institute, room, made.id)
    with begin(desk.runtime) as work, pytest.raises(Conflict):
        disclosure.open_part(work, desk.broker, room, "offer")


def test_the_archive_holds_the_case_and_nothing_sealed(desk: Desk, room: str) -> None:
    with begin(desk.runtime) as work:
        rooms.write(
            work, desk.enterprise, room, "Báo giá đính kèm", received(desk.runtime, "báo giá.txt", b"1,5 ty")
        )
        disclosure.accept(work, desk.enterprise, room, name="Trần Cầu", purpose="Thẩm định", days="30")
        disclosure.open_part(work, desk.enterprise, room, "offer")
        packed = io.BytesIO()
        case_file.write(work, desk.broker, room, packed)
    with zipfile.ZipFile(packed) as archive:
        assert json.loads(archive.read("messages.json"))[0]["text"] == "Báo giá đính kèm"
        assert archive.read("files/1-báo giá.txt") == b"1,5 ty"
        assert all(SECRET.encode() not in archive.read(name) for name in archive.namelist())


def test_nobody_takes_an_archive_of_people_he_does_not_know_yet(desk: Desk, deal: str) -> None:
    """It would name the organisation of an anonymous listing."""
    with look(desk.runtime) as work, pytest.raises(Conflict):
        case_file.write(work, desk.enterprise, deal, io.BytesIO())


def test_the_board_counts_exactly_and_shows_what_is_due_first(
    desk: Desk, room: str, clock: HandMovedClock
) -> None:
    with look(desk.runtime) as work:
        columns = {column.stage: column for column in board.columns(work, desk.broker)}
    assert (columns["suggested"].count, columns["suggested"].overdue) == (1, 0)
    assert columns["suggested"].lines[0].next_step == "shortlist"
    clock.move(timedelta(days=3))
    with look(desk.runtime) as work:
        assert board.columns(work, desk.broker, show="overdue")[0].overdue == 1
        assert board.table(work, desk.broker, stage="agreed").total == 0
        assert board.of_sides(work, desk.enterprise).lines[0].id == room
        with pytest.raises(Forbidden):
            board.columns(work, desk.moderator)


def test_many_cases_are_dismissed_at_once_and_what_stands_in_the_way_is_told(desk: Desk, room: str) -> None:
    with begin(desk.runtime) as work:
        told = brokerage.dismiss(work, desk.broker, [room, "01J0000000000000000000000"], "not_suitable")
    assert told[room] is None
    assert isinstance(told["01J0000000000000000000000"], NotFound)


def _said() -> introductions.Answers:
    return introductions.answers(aim="Tìm người dùng thử", ready="exploring", open_point="")


def test_an_exclusive_licence_stands_in_the_way_of_matches_and_of_other_agreements(
    desk: Desk, room: str, clock: HandMovedClock
) -> None:
    def licensed() -> list[dict[str, str]]:
        with look(desk.runtime) as work:
            row = feed.row(work, desk.offer)
            assert row is not None
            return list(row.body.get("licences", []))

    agree_on_terms(desk, room)
    told = licensed()
    assert [(one["form"], one["until"]) for one in told] == [("exclusive_licence", "2029-12-31")]
    assert "Hợp tác xã Tôm" not in str(told), "who holds it is not told"
    settle(desk.runtime)
    with look(desk.runtime) as work:
        gates = {gate.name: gate.passed for gate in matches.scored(work, desk.demand, desk.offer).gates}
    assert gates["licence"] is False
    clock.move(timedelta(days=4 * 365))
    with begin(desk.runtime) as work:
        assert brokerage.run_out(work) == 1
    with look(desk.runtime) as work:
        assert licences.live(work, [desk.offer]) == []


def test_an_agreement_that_collides_is_refused_with_the_collision_named(desk: Desk, room: str) -> None:
    with begin(desk.runtime) as work:
        holder = next(iter(desk.funder.roles))
        other = work.session.get_one(Deal, room)
        work.session.add(
            Licence(
                offer_uid=desk.offer, deal_id=_closed_case(work, other).id, holder_id=holder, form="sole_licence",
                territory=["VN"], uses=[], first=date(2027, 6, 1), last=None,
            )
        )  # fmt: skip
    for name in ("introduce", "negotiate"):
        step(desk, room, desk.broker, name)
    with begin(desk.runtime) as work:
        term_sheets.propose(work, desk.enterprise, room, term_sheets.read(TERMS))
        term_sheets.answer(work, desk.institute, room, 1, "accepted")
    with begin(desk.runtime) as work, pytest.raises(Conflict) as refusal:
        brokerage.advance(work, desk.broker, room, "agree")
    assert refusal.value.code == "licence_collision"
    assert refusal.value.params["form"] == "sole_licence"


def _closed_case(work: Work, like: Deal) -> Deal:
    """Another case of the same offer, long closed."""
    made = Deal(
        demand_uid="test:demand:other", offer_uid=like.offer_uid, demand_title="Khác", offer_title="Khác",
        demand_organisation_id=like.demand_organisation_id, offer_organisation_id=like.offer_organisation_id,
        asked_by="demand", stage="transferred", stage_since=work.now, created_at=work.now,
    )  # fmt: skip
    work.session.add(made)
    work.session.flush()
    return made
