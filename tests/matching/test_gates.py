"""What keeps a pair from ever being suggested, and what is only said."""

from __future__ import annotations

from typing import Any

import pytest

from matching.engine import rank, score
from matching.profile import Profile
from matching.result import Gate
from matching.statistics import DEFAULT
from tests.matching.listings import demand, offer


def gate(name: str, demand: Profile, offer: Profile) -> Gate:
    return next(gate for gate in score(demand, offer, DEFAULT).gates if gate.name == name)


def asking(**said: Any) -> Profile:
    return demand("Máy lọc nước", **said)


def offering(**said: Any) -> Profile:
    return offer("Máy lọc nước", **said)


FAILING = [
    ("live", asking(), offering(live=False), "said.offer_closed"),
    ("live", asking(live=False), offering(), "said.demand_closed"),
    ("permitted", asking(), offering(prohibition="prohibited", ground="Điều 11"), "said.prohibited"),
    ("licence", asking(province="01"), offering(grants=({"territory": "VN"},)), "said.licensed"),
    ("licence", asking(), offering(grants=({},)), "said.licensed_everywhere"),
    ("owner", asking(owner="org"), offering(owner="org"), "said.same_owner"),
    ("wording", asking(), offer("…"), "said.offer_without_words"),
    ("wording", demand("!!!"), offering(), "said.demand_without_words"),
]


@pytest.mark.parametrize(("name", "wanted", "offered", "code"), FAILING, ids=[row[3] for row in FAILING])
def test_a_gate_that_fails_is_said_and_keeps_the_pair_out(
    name: str, wanted: Profile, offered: Profile, code: str
) -> None:
    found = gate(name, wanted, offered)
    assert (found.passed, found.detail.code) == (False, code)
    assert not score(wanted, offered, DEFAULT).passes
    assert rank(wanted, [offered], DEFAULT) == rank(offered, [wanted], DEFAULT) == []


def test_a_gate_is_no_point() -> None:
    assert score(asking(), offering(live=False), DEFAULT).total == score(asking(), offering(), DEFAULT).total


def test_the_legal_ground_is_told() -> None:
    found = gate("permitted", asking(), offering(prohibition="prohibited", ground="Điều 11 khoản 1"))
    assert found.detail.params == {"ground": "Điều 11 khoản 1"}


@pytest.mark.parametrize(
    ("name", "offered", "code"),
    [
        ("permitted", offering(prohibition="restricted", ground="Điều 10"), "said.restricted"),
        ("licence", offering(grants=({"territory": "VN", "use": "nuôi tôm"},)), "said.licensed_for_use"),
        ("anonymity", offering(anonymous=True), "said.offer_hidden"),
    ],
)
def test_what_is_only_to_be_known_passes(name: str, offered: Profile, code: str) -> None:
    found = gate(name, asking(), offered)
    assert (found.passed, found.detail.code) == (True, code)
    assert rank(asking(), [offered], DEFAULT)


@pytest.mark.parametrize(
    ("wanted", "territory", "passed"),
    [
        ({"territory": ("VN",)}, "VN LA", False),
        ({"territory": ("DE",)}, "VN LA", True),
        ({"province": "01"}, "DE", True),
        ({}, "DE", False),
        ({"territory": ("VN",), "transfer_forms": ("consulting_training",)}, "VN", True),
        ({"territory": ("VN",), "transfer_forms": ("exclusive_licence",)}, "VN", False),
        ({"territory": ("VN",), "transfer_forms": ("equipment", "non_exclusive_licence")}, "VN", True),
        ({"territory": ("VN",), "transfer_forms": ("joint_research", "non_exclusive_licence")}, "VN", False),
    ],
)
def test_an_exclusive_licence_stands_where_it_was_given(
    wanted: dict[str, Any], territory: str, passed: bool
) -> None:
    offered = offering(grants=({"territory": territory},), transfer_forms=("equipment",))
    assert gate("licence", asking(**wanted), offered).passed is passed


def test_unknown_owners_are_not_one() -> None:
    assert gate("owner", asking(owner=""), offering(owner="")).passed
