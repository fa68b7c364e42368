"""The changes that are told are true, small, and in order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from matching.engine import explain, score
from matching.lifts import apply
from matching.model import BAR
from matching.profile import Profile
from matching.result import Lift
from matching.statistics import DEFAULT
from tests.matching.listings import demand, demands, offer, offers
from vocabulary.listing import Price, Requirement


def lifts(asked: dict[str, Any], offered: dict[str, Any]) -> dict[str, Lift]:
    found = explain(demand("Máy lọc nước mặn", **asked), offer("Máy lọc nước", **offered), DEFAULT).lifts
    return {lift.change.code: lift for lift in found}


@given(demands, offers)
def test_every_lift_is_true_when_applied(demand: Profile, offer: Profile) -> None:
    before = explain(demand, offer, DEFAULT)
    for lift in before.lifts:
        after = score(*apply(lift, demand, offer), DEFAULT).total
        assert after == before.total + lift.gain > before.total
        assert lift.crosses_bar == (before.total < BAR <= after)


@pytest.mark.parametrize(
    ("code", "asked", "offered"),
    [
        ("lift.state_trl", {"trl_min": 7, "trl_max": 9}, {}),
        ("lift.state_trl_range", {}, {"trl_min": 7, "trl_max": 7}),
        ("lift.raise_trl", {"trl_min": 7, "trl_max": 9}, {"trl_min": 5, "trl_max": 5}),
        ("lift.widen_trl", {"trl_min": 7, "trl_max": 9}, {"trl_min": 5, "trl_max": 5}),
        ("lift.widen_trl", {"trl_min": 2, "trl_max": 4}, {"trl_min": 9, "trl_max": 9}),
        ("lift.state_price", {"price": Price(None, 10**9)}, {}),
        ("lift.state_budget", {}, {"price": Price(10**9, 10**9)}),
        ("lift.lower_price", {"price": Price(None, 10**9)}, {"price": Price(2 * 10**9, 3 * 10**9)}),
        ("lift.raise_budget", {"price": Price(None, 10**9)}, {"price": Price(2 * 10**9, 3 * 10**9)}),
        ("lift.state_transfer", {"transfer_forms": ("equipment",)}, {}),
        ("lift.add_transfer", {"transfer_forms": ("equipment",)}, {"transfer_forms": ("joint_research",)}),
        ("lift.accept_transfer", {"transfer_forms": ("equipment",)}, {"transfer_forms": ("joint_research",)}),
        ("lift.state_date", {"needed_by": "2027-01-01"}, {}),
        ("lift.earlier", {"needed_by": "2027-01-01"}, {"needed_by": "2027-06-01"}),
        ("lift.later", {"needed_by": "2027-01-01"}, {"needed_by": "2027-06-01"}),
        ("lift.state_fields", {"fields": ("2.7",)}, {}),
        (
            "lift.add_territory",
            {"territory": ("VN",), "province": "01"},
            {"territory": ("DE",), "province": "01"},
        ),
        ("lift.add_territory", {"province": "01"}, {"territory": ("DE",), "province": "01"}),
        ("lift.confirm_requirement", {"requirements": (Requirement("màng bền"),)}, {}),
        ("lift.speak_to", {}, {}),
        ("lift.speak_to_text", {}, {}),
    ],
)
def test_each_kind_of_change_is_found(code: str, asked: dict[str, Any], offered: dict[str, Any]) -> None:
    assert code in lifts(asked, offered)


def test_a_requirement_that_is_not_met_can_be_met() -> None:
    asking = demand("Máy lọc", requirements=(Requirement("áp lực lọc", "<=", "5", "bar"),))
    found = explain(asking, offer("Máy lọc", "Áp lực lọc 9 bar."), DEFAULT)
    lift = next(lift for lift in found.lifts if lift.change.code == "lift.meet_requirement")
    assert lift.change.params == {"name": "áp lực lọc"}
    assert (
        explain(*apply(lift, asking, offer("Máy lọc", "Áp lực lọc 9 bar.")), DEFAULT).evidence[0].state
        == "met"
    )


def test_a_readiness_that_should_be_stated_is_named_with_its_whole_range() -> None:
    def named(low: int | None, high: int) -> str:
        return lifts({"trl_min": low, "trl_max": high}, {})["lift.state_trl"].change.params["trl"]

    assert (named(None, 4), named(7, 9), named(4, 4)) == ("1-4", "7-9", "4")


def test_no_change_is_told_that_leads_to_a_closed_gate() -> None:
    asked: dict[str, Any] = {"transfer_forms": ("equipment",), "territory": ("VN",)}
    offered = {"transfer_forms": ("non_exclusive_licence",)}
    assert "lift.accept_transfer" in lifts(asked, offered)
    assert "lift.accept_transfer" not in lifts(asked, {**offered, "grants": ({"territory": "VN"},)})


def test_who_has_a_budget_that_only_begins_somewhere_may_say_where_it_ends() -> None:
    found = lifts({"price": Price(10**9, None)}, {"price": Price(2 * 10**9, 2 * 10**9)})
    assert found["lift.state_budget"].change.params["price"] == "2000000000 VND"
    assert not {"lift.lower_price", "lift.raise_budget"} & set(found)


def test_what_fits_needs_no_change() -> None:
    said: dict[str, Any] = {
        "trl_min": 8,
        "trl_max": 8,
        "price": Price(1, 1),
        "transfer_forms": ("equipment",),
    }
    assert not {"lift.raise_trl", "lift.lower_price", "lift.add_transfer"} & set(lifts(said, said))


ORDER = ["lift.state_price", "lift.widen_trl", "lift.raise_trl", "lift.speak_to"]


def test_the_smallest_change_comes_first() -> None:
    asked = {"trl_min": 8, "trl_max": 9, "price": Price(None, 10**9)}
    codes = list(lifts(asked, {"trl_min": 5, "trl_max": 5}))
    assert [code for code in codes if code in ORDER] == ORDER


def test_several_changes_together_when_one_is_not_enough() -> None:
    asking = demand(
        "Máy lọc nước mặn",
        "Cần lọc nước mặn cho đảo xa bờ, chạy bằng nắng, ít bảo trì.",
        trl_min=8,
        trl_max=9,
        price=Price(None, 10**9),
        transfer_forms=("equipment",),
        fields=("2.7",),
        ipc=("C02F",),
        requirements=(
            Requirement("áp lực lọc", "<=", "5", "bar"),
            Requirement("công suất bơm", "<=", "2", "kW"),
            Requirement("khối lượng máy", "<=", "20", "kg"),
        ),
        needed_by="2027-01-01",
        territory=("VN",),
        province="01",
    )
    offering = offer(
        "Máy lọc nước",
        "Lọc nước giếng, dùng ở vườn cây và trại nuôi. Áp lực lọc 90 bar. Công suất bơm 30 kW. Khối lượng máy 900 kg.",
        trl_min=3,
        trl_max=3,
        price=Price(3 * 10**9, 3 * 10**9),
        transfer_forms=("joint_research",),
        fields=("6.1",),
        ipc=("A61K",),
        needed_by="2029-01-01",
        territory=("DE",),
        province="96",
    )
    before = explain(asking, offering, DEFAULT)
    assert before.total < BAR
    together = before.lifts[-1]
    assert together.crosses_bar
    assert len(together.edits) == len(together.also) + 1 > 1
    assert {edit.side for edit in together.edits} == {together.side}


@pytest.mark.soak
@settings(max_examples=1_000, deadline=None)
@given(demands, offers)
def test_a_thousand_pairs_are_told_nothing_untrue(demand: Profile, offer: Profile) -> None:
    before = explain(demand, offer, DEFAULT)
    for lift in before.lifts:
        assert score(*apply(lift, demand, offer), DEFAULT).total == before.total + lift.gain
