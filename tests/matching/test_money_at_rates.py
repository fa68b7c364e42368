"""A budget and a price in two currencies: compared at the rates in force, exactly, and unknown without."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import explain, score
from matching.facts import NOTHING_KNOWN, Facts, from_bytes, to_bytes
from matching.lifts import apply
from matching.model import BAR
from matching.profile import Profile
from matching.result import Signal
from matching.statistics import DEFAULT, speaking
from tests.matching.listings import demand, demands, offer, offers
from vocabulary.bilingual import EMPTY
from vocabulary.listing import Price
from vocabulary.rates import Rate

DAY = date(2026, 11, 20)
FACTS = Facts({
    "USD": Rate("USD", 25_400, DAY), "EUR": Rate("EUR", 29_300, DAY), "JPY": Rate("JPY", 165, DAY),
    "LAK": Rate("LAK", 1_180, DAY, 1_000),
})  # fmt: skip
KNOWN = speaking(DEFAULT, EMPTY, facts=FACTS)

currencies = st.sampled_from(["VND", "USD", "EUR", "JPY", "LAK", "GBP"])
amounts = st.integers(1, 10**11)
prices = st.builds(
    lambda ends, currency: Price(min(ends), max(ends), currency), st.tuples(amounts, amounts), currencies
)


def price(budget: Price | None, asked: Price | None) -> Signal:
    pair = demand("Máy lọc nước", price=budget), offer("Máy lọc nước", price=asked)
    return next(signal for signal in score(*pair, KNOWN).signals if signal.name == "price")


def test_a_price_in_dollars_is_held_against_a_budget_in_dong() -> None:
    asked = Price(100_000_00, 100_000_00, "USD")
    covered, short = Price(None, 2_540_000_000), Price(None, 2_500_000_000)
    met, missed = price(covered, asked), price(short, asked)
    assert met.points == met.of > missed.points
    assert missed.state == "met"
    assert price(Price(None, 1_270_000_000), asked).state == "unmet"


def test_both_values_are_said_with_the_rate_and_its_day() -> None:
    signal = price(Price(None, 10**9), Price(100_00, 200_00, "USD"))
    assert (signal.demand.code, signal.offer.code) == ("said.budget", "said.price_exchanged")
    assert signal.offer.params == {
        "price": "10000-20000 USD",
        "worth": "2540000-5080000 VND",
        "rate": "1 USD 25400 VND",
        "date": "2026-11-20",
    }


def test_two_foreign_currencies_meet_in_dong() -> None:
    signal = price(Price(None, 100_00, "EUR"), Price(117_00, 117_00, "USD"))
    assert signal.points < signal.of
    assert signal.demand.params["worth"] == "2930000 VND"
    assert signal.offer.params["worth"] == "2971800 VND"


def test_without_a_rate_the_price_is_unknown_and_says_why() -> None:
    signal = price(Price(None, 10**9), Price(100_00, 100_00, "GBP"))
    assert signal.state == "unknown"
    assert signal.offer.code == "said.price_no_rate"
    assert signal.offer.params["currency"] == "GBP"


def test_one_currency_needs_no_rate() -> None:
    signal = price(Price(None, 100_00, "GBP"), Price(100_00, 100_00, "GBP"))
    assert (signal.points, signal.offer.code) == (signal.of, "said.price")


@given(demands, offers, prices, prices)
def test_every_lift_on_price_is_true_in_any_two_currencies(
    demand: Profile, offer: Profile, budget: Price, asked: Price
) -> None:
    demand, offer = replace(demand, price=budget), replace(offer, price=asked)
    before = explain(demand, offer, KNOWN)
    for lift in before.lifts:
        after = score(*apply(lift, demand, offer), KNOWN).total
        assert after == before.total + lift.gain > before.total
        assert lift.crosses_bar == (before.total < BAR <= after)


@pytest.mark.parametrize(
    ("budget", "asked"),
    [
        (Price(None, 10**9), Price(100_000_00, 100_000_00, "USD")),
        (Price(None, 30_000_00, "USD"), Price(10**9, 10**9)),
        (Price(None, 30_000_00, "USD"), Price(7_000_000, 9_000_000, "JPY")),
    ],
)
def test_a_lift_names_an_amount_in_the_currency_of_its_side(budget: Price, asked: Price) -> None:
    pair = demand("Máy lọc nước", price=budget), offer("Máy lọc nước", price=asked)
    found = {lift.change.code: lift for lift in explain(*pair, KNOWN).lifts}
    for code, currency in (("lift.lower_price", asked.currency), ("lift.raise_budget", budget.currency)):
        assert found[code].change.params["price"].endswith(f" {currency}")
        met = next(one for one in score(*apply(found[code], *pair), KNOWN).signals if one.name == "price")
        assert met.points == met.of


@given(demands, offers, prices, amounts, amounts, currencies)
def test_a_lower_price_never_lowers_in_any_currency(
    demand: Profile, offer: Profile, budget: Price, one: int, other: int, currency: str
) -> None:
    demand = replace(demand, price=budget)
    low, high = (replace(offer, price=Price(n, n, currency)) for n in sorted((one, other)))
    assert score(demand, low, KNOWN).total >= score(demand, high, KNOWN).total


@given(demands, offers, prices, amounts, amounts, currencies)
def test_a_higher_budget_never_lowers_in_any_currency(
    demand: Profile, offer: Profile, asked: Price, one: int, other: int, currency: str
) -> None:
    offer = replace(offer, price=asked)
    low, high = (replace(demand, price=Price(None, n, currency)) for n in sorted((one, other)))
    assert score(high, offer, KNOWN).total >= score(low, offer, KNOWN).total


@given(demands, offers, prices, prices)
def test_facts_read_back_give_the_same_score(
    demand: Profile, offer: Profile, budget: Price, asked: Price
) -> None:
    pair = replace(demand, price=budget), replace(offer, price=asked)
    again = speaking(DEFAULT, EMPTY, facts=from_bytes(to_bytes(FACTS)))
    assert score(*pair, again) == score(*pair, KNOWN)


def test_a_snapshot_names_its_facts_and_a_later_rate_is_another() -> None:
    later = Facts({**FACTS.rates, "USD": Rate("USD", 25_500, DAY)})
    assert KNOWN.version == f"{DEFAULT.version}---{FACTS.version}"
    assert later.version not in ("", FACTS.version)
    assert NOTHING_KNOWN.version == ""
    assert speaking(KNOWN, EMPTY).version == DEFAULT.version


@pytest.mark.parametrize("body", [b"", b"{}", to_bytes(FACTS)[:-4]])
def test_what_is_not_the_facts_of_an_exchange_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="facts"):
        from_bytes(body)
