"""Scores under other weights: the same ratings, other points, the same laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import explain, rank, score
from matching.lifts import apply
from matching.model import FIRST, MODEL_VERSION, RULES
from matching.points import WHOLE
from matching.profile import Profile
from matching.rating import MET
from matching.scoring import total
from matching.statistics import DEFAULT
from matching.weights import Weights
from tests.matching.listings import demand, demands, offer, offers

weightings = st.lists(st.integers(0, 500), min_size=len(RULES), max_size=len(RULES)).map(
    lambda values: Weights(f"{MODEL_VERSION}+7", (1, *values[1:]))
)


@given(demands, offers, weightings)
def test_the_laws_of_points_hold_under_any_weights(demand: Profile, offer: Profile, weights: Weights) -> None:
    scored = score(demand, offer, DEFAULT, weights)
    assert scored.total == sum(signal.points for signal in scored.signals)
    assert sum(signal.of for signal in scored.signals) in (0, WHOLE)
    assert scored.model_version == f"{MODEL_VERSION}+7"


@given(demands, offers, weightings)
def test_the_kept_ratings_give_the_score_of_any_weights(
    demand: Profile, offer: Profile, weights: Weights
) -> None:
    kept = score(demand, offer, DEFAULT).ratings
    assert total(kept, weights) == score(demand, offer, DEFAULT, weights).total


@given(demands, offers, weightings)
def test_a_change_that_is_told_is_true_under_any_weights(
    demand: Profile, offer: Profile, weights: Weights
) -> None:
    before = explain(demand, offer, DEFAULT, weights)
    for lift in before.lifts:
        after = score(*apply(lift, demand, offer), DEFAULT, weights).total
        assert after == before.total + lift.gain > before.total


def test_weights_decide_the_order() -> None:
    asking = demand("Máy lọc nước", trl_min=8, trl_max=9)
    near, ready = (
        offer("Máy lọc nước", trl_min=2, trl_max=2, uid="near"),
        offer("Máy bơm", trl_min=9, trl_max=9, uid="ready"),
    )
    only = tuple(int(rule.name == "readiness") for rule in RULES)
    assert [one.offer for one in rank(asking, [near, ready], DEFAULT)] == ["near", "ready"]
    weighed = rank(asking, [near, ready], DEFAULT, weights=Weights("x+1", only))
    assert [one.offer for one in weighed] == ["ready", "near"]


def test_a_version_tells_the_rules_it_belongs_to() -> None:
    assert FIRST.rules == Weights(f"{MODEL_VERSION}+12", FIRST.values).rules == MODEL_VERSION


def test_weights_of_a_model_with_fewer_signals_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        total([MET] * len(RULES), Weights("older", FIRST.values[:-1]))
