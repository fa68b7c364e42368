"""What each signal makes of two statements."""

from __future__ import annotations

from typing import Any

import pytest

from matching.engine import score
from matching.result import Signal
from matching.statistics import DEFAULT
from tests.matching.listings import demand, offer
from vocabulary.listing import Price, Right


def signal(name: str, asked: dict[str, Any], offered: dict[str, Any]) -> Signal:
    scored = score(demand("Máy lọc nước", **asked), offer("Máy lọc nước", **offered), DEFAULT)
    return next(signal for signal in scored.signals if signal.name == name)


def rate(name: str, asked: dict[str, Any], offered: dict[str, Any]) -> float:
    """Points earned of those that could be; -1 for unknown."""
    found = signal(name, asked, offered)
    return round(found.points / found.of, 2) if found.state != "unknown" else -1


@pytest.mark.parametrize(
    ("asked", "level", "expected"),
    [
        ((7, 9), 8, 1), ((7, 9), 7, 1), ((7, 9), 6, 0.6), ((7, 9), 5, 0.3), ((7, 9), 3, 0), ((2, 4), 6, 0.8),
        ((None, None), 8, -1), ((None, 4), 4, 1), ((7, None), 9, 1),
    ],
)  # fmt: skip
def test_readiness(asked: tuple[int | None, int | None], level: int, expected: float) -> None:
    assert (
        rate("readiness", {"trl_min": asked[0], "trl_max": asked[1]}, {"trl_min": level, "trl_max": level})
        == expected
    )


@pytest.mark.parametrize(
    ("budget", "asked", "expected"),
    [
        (Price(None, 100), Price(80, 90), 1),
        (Price(None, 100), Price(100, 100), 1),
        (Price(None, 100), Price(150, 150), 0.5),
        (Price(None, 100), Price(80, 140), 0.8),
        (Price(None, 100), Price(300, 400), 0),
        (Price(50, None), Price(40, None), 1),
        (Price(50, None), Price(60, 60), -1),
        (Price(50, None), Price(40, 60), -1),
        (Price(None, 100, "USD"), Price(80, 90, "VND"), -1),
        (Price(kind="negotiable"), Price(80, 90), -1),
        (None, Price(80, 90), -1),
        (Price(0, 0), Price(80, 90), -1),
    ],
)
def test_price(budget: Price | None, asked: Price, expected: float) -> None:
    assert rate("price", {"price": budget}, {"price": asked}) == expected


def test_related_forms_of_transfer_count_in_part() -> None:
    def of(form: str) -> float:
        return rate("transfer", {"transfer_forms": ("exclusive_licence",)}, {"transfer_forms": (form,)})

    assert of("exclusive_licence") == 1 > of("sole_licence") > of("consulting_training") == 0


def test_one_form_in_common_is_enough() -> None:
    asked = {"transfer_forms": ("equipment", "joint_venture")}
    assert rate("transfer", asked, {"transfer_forms": ("joint_research", "equipment")}) == 1


def test_place_by_distance_and_territory() -> None:
    def of(province: str, **said: Any) -> float:
        return rate("place", {"province": "96", "territory": ("VN",)}, {"province": province, **said})

    assert of("96") == 1 > of("92") > of("01") > 0
    assert of("96", territory=("DE",)) == 0
    assert of("") == of("no such province") == -1


@pytest.mark.parametrize(("territory", "expected"), [(("DE",), 0), (("DE", "VN"), 1), ((), 1)])
def test_a_demand_that_names_only_a_province_is_meant_for_its_country(
    territory: tuple[str, ...], expected: float
) -> None:
    found = signal("place", {"province": "01"}, {"province": "01", "territory": territory})
    assert (found.points / found.of, found.state) == (expected, "met" if expected else "unmet")
    assert (found.offer.code == "said.territory") == (not expected)


@pytest.mark.parametrize(
    ("ready", "expected"), [("2027-01-01", 1), ("2027-03-31", 1), ("2027-09-30", 0.5), ("2030-01-01", 0)]
)
def test_timing(ready: str, expected: float) -> None:
    assert rate("timing", {"needed_by": "2027-03-31"}, {"needed_by": ready}) == expected


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        (Right("patent", "granted"), 1), (Right("patent", "published"), 0.8), (Right("patent", "filed"), 0.6),
        (Right("patent", "expired"), 0), (Right("patent", "disputed"), 0), (Right("trade_secret"), 1),
    ],
)  # fmt: skip
def test_rights_where_a_right_is_handed_over(right: Right, expected: float) -> None:
    assert rate("rights", {"transfer_forms": ("exclusive_licence",)}, {"rights": (right,)}) == expected


GRANTED, REFUSED = Right("patent", "granted"), Right("patent", "refused")
MARK = Right("trademark", "granted")


@pytest.mark.parametrize(
    ("asked", "held", "expected"),
    [
        ({"province": "01"}, [Right("patent", "granted", territory="US")], 0),
        ({"province": "01", "territory": ("US",)}, [Right("patent", "granted", territory="US")], 1),
        ({"territory": ("VN", "US")}, [Right("patent", "granted", territory="US")], 1),
        ({}, [Right("patent", "granted", territory="US")], 1),
        ({"province": "01"}, [Right("patent", "filed", territory="WO")], 0.6),
        ({"province": "01"}, [Right("patent", "granted", territory="EP")], 0),
        ({"territory": ("DE",)}, [Right("patent", "granted", territory="EP")], 1),
        ({"province": "01"}, [Right("trade_secret", territory="US")], 1),
        ({"province": "01"}, [Right("patent", "granted", territory="US"), GRANTED], 1),
        ({}, [MARK], -1),
        ({}, [MARK, REFUSED], 0),
        ({}, [MARK, Right("patent", "filed")], 0.6),
        ({"transfer_forms": ("franchise",)}, [MARK], 1),
        ({"rights": (Right("trademark"),)}, [MARK], 1),
        ({"rights": (Right("patent"), Right("trade_secret"))}, [Right("trade_secret")], 0.5),
        ({"rights": (Right("patent"), Right("trade_secret"))}, [Right("trade_secret"), GRANTED], 1),
        ({"rights": (Right("patent"),)}, [REFUSED], 0),
    ],
)  # fmt: skip
def test_a_right_counts_where_it_is_wanted_and_for_what(
    asked: dict[str, Any], held: list[Right], expected: float
) -> None:
    assert (
        rate("rights", {"transfer_forms": ("ownership_assignment",), **asked}, {"rights": tuple(held)})
        == expected
    )


def test_a_right_elsewhere_is_said_to_be_elsewhere() -> None:
    held = (Right("patent", "granted", territory="US"),)
    said = signal(
        "rights", {"transfer_forms": ("exclusive_licence",), "province": "01"}, {"rights": held}
    ).offer
    assert (said.code, said.params["territory"]) == ("said.rights_elsewhere", "US")


def test_rights_say_nothing_where_none_is_needed() -> None:
    assert (
        rate(
            "rights", {"transfer_forms": ("consulting_training",)}, {"rights": (Right("patent", "expired"),)}
        )
        == -1
    )


def test_fields_near_in_the_tree_count_in_part() -> None:
    def of(*codes: str) -> float:
        return rate("fields", {"fields": ("2.2",)}, {"fields": codes})

    assert of("2.2") == 1 > of("2.7") > of("6.1") == 0


def test_naming_many_codes_wins_nothing() -> None:
    asked = {"fields": ("2.2", "4.1")}
    assert (
        rate("fields", asked, {"fields": ("2.2",)}) < rate("fields", asked, {"fields": ("2.2", "4.1")}) == 1
    )
    assert rate("fields", {"fields": ("2.2",)}, {"fields": ("2.2", "4.1", "6.1")}) == 1


def test_a_catalogue_only_one_side_uses_is_left_out() -> None:
    both = signal("fields", {"fields": ("2.2",)}, {"fields": ("2.2",), "ipc": ("A01K",)})
    assert (both.points, both.state) == (both.of, "met")


def test_each_side_says_its_own_value() -> None:
    found = signal("readiness", {"trl_min": 7, "trl_max": 9}, {"trl_min": 5, "trl_max": 5})
    assert (found.demand.code, found.demand.params) == ("said.trl_asked", {"trl": "7-9"})
    assert (found.offer.code, found.offer.params) == ("said.trl_offered", {"trl": "5"})
    away = signal("place", {"province": "96"}, {"province": "92"})
    assert away.offer.params["km"] == "116"
    silent = signal("price", {"price": Price(None, 10**9)}, {})
    assert (silent.demand.params, silent.offer.code) == ({"price": "1000000000 VND"}, "said.nothing")
    opened = signal("price", {"price": Price(10**9, None)}, {"price": Price(2 * 10**9, None, "USD")})
    assert (opened.demand.params["price"], opened.offer.params["price"]) == (
        "1000000000- VND",
        "2000000000- USD",
    )
