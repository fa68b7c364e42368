"""What an organisation has brought about here counts in its matches from the next night on, told as a step."""

from __future__ import annotations

import pytest

from marketplace.db import new_id
from marketplace.models.deals import Deal
from marketplace.services import claims, feed, matches, outcomes, track_records
from marketplace.services.policy import Actor
from marketplace.tasks import rematch_all
from marketplace.work import Work, begin, look
from matching.result import Score, Signal
from matching.track_record import HIGHEST
from tests.deciding.conftest import Enter, Scene
from tests.support.market import settle
from tests.support.people import organisation, person
from tests.support.visitor import words_of

CLAIM = claims.read({"form": "exclusive_licence", "signed_on": "1/10/2026", "contract_hash": "0" * 64})


def settled(
    scene: Scene, work: Work, n: int, *, attested: bool = True, partner: str = ""
) -> tuple[str, Actor, int]:
    """A case of the offering organisation whose outcome its partner claims; the case, who claimed, and the claim."""
    partner = partner or organisation(work, f"Bên mua {n}")
    buyer = person(work, f"Người mua {n}", {partner: ("owner",)})
    (offering,) = scene.holder.roles
    deal = Deal(
        id=new_id(), demand_uid=scene.demand, offer_uid=scene.offers[0], demand_title="", offer_title="",
        demand_organisation_id=partner, offer_organisation_id=offering, direct=True, asked_by="demand",
        demand_agreed_at=work.now, offer_agreed_at=work.now, stage="agreed", stage_since=work.now, created_at=work.now,
    )  # fmt: skip
    work.session.add(deal)
    work.session.flush()
    claim = outcomes.claim(work, buyer, deal.id, CLAIM)
    if attested:
        outcomes.attest(work, scene.holder, deal.id, claim)
    return deal.id, buyer, claim


def record_of(scene: Scene) -> Signal:
    return next(signal for signal in explained(scene).signals if signal.name == "record")


def explained(scene: Scene) -> Score:
    with look(scene.runtime) as work:
        return matches.explained(work, *scene.pair).score


def the_night(scene: Scene) -> None:
    rematch_all(scene.runtime)
    settle(scene.runtime)


@pytest.fixture
def proven(scene: Scene) -> Scene:
    with begin(scene.runtime) as work:
        for n in range(3):
            settled(scene, work, n)
    return scene


def test_three_proven_cases_count_from_the_next_night_on(proven: Scene) -> None:
    before = explained(proven)
    assert record_of(proven).state == "unknown"
    the_night(proven)
    after = explained(proven)
    assert record_of(proven).offer.code == f"said.record_{HIGHEST}"
    assert after.total >= before.total
    assert after.certainty > before.certainty
    assert after.statistics_version != before.statistics_version


def test_two_partners_are_too_few_however_many_cases_they_have(scene: Scene) -> None:
    with begin(scene.runtime) as work:
        friend = organisation(work, "Bên quen")
        for n in range(4):
            settled(scene, work, n, partner=friend)
        settled(scene, work, 9)
    the_night(scene)
    assert record_of(scene).state == "unknown"


def test_a_dispute_lowers_the_step_until_it_is_settled(proven: Scene) -> None:
    with begin(proven.runtime) as work:
        deal, buyer, claim = settled(proven, work, 7)
        before = track_records.steps(work)
        outcomes.dispute(work, buyer, deal, claim, "Chưa bàn giao đủ.")
        disputed = track_records.steps(work)
        outcomes.settle(work, buyer, deal, claim)
        outcomes.attest(work, buyer, deal, claim)
        after = track_records.steps(work)
    (owner,) = before
    assert disputed[owner] < before[owner] == after[owner] == HIGHEST


def test_claims_of_one_side_alone_prove_little(scene: Scene) -> None:
    with begin(scene.runtime) as work:
        for n in range(3):
            settled(scene, work, n, attested=False)
        assert [*track_records.steps(work).values()] == [2]


def test_a_score_is_made_again_with_the_record_it_was_made_with(proven: Scene) -> None:
    the_night(proven)
    before = explained(proven)
    with begin(proven.runtime) as work:
        for n in range(3, 9):
            deal, buyer, claim = settled(proven, work, n)
            outcomes.dispute(work, buyer, deal, claim, "Chưa bàn giao đủ.")
    assert explained(proven) == before
    the_night(proven)
    assert explained(proven).statistics_version != before.statistics_version
    assert record_of(proven).offer.code == "said.record_1"


def test_the_page_tells_a_step_and_of_a_hidden_organisation_nothing(proven: Scene, enter: Enter) -> None:
    the_night(proven)
    demand, offer = proven.pair
    for reader in (proven.seeker, proven.holder):
        page = words_of(enter(reader).get(f"/vi/matches/{demand}/{offer}"))
        assert "hầu hết kết quả trên sàn được hai bên xác nhận" in page
        assert "Bên mua" not in page
    with begin(proven.runtime) as work:
        row = feed.row(work, offer)
        assert row is not None
        hidden = {**row.body, "content": {**row.body["content"], "anonymous": True}}
        feed.publish(work, uid=offer, kind="offer", body=hidden)
    settle(proven.runtime)
    page = words_of(enter(proven.seeker).get(f"/vi/matches/{demand}/{offer}"))
    assert "tổ chức ẩn danh nên không xét thành tích" in page
    assert "kết quả trên sàn được hai bên xác nhận" not in page
