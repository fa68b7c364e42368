"""Learning from decisions: what it finds, what it refuses, and what nobody can bend."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.calibrating import fit
from matching.calibration import Calibration, expected_error
from matching.examples import MOST_OF_ONE, Example, influence
from matching.fitting import LEAST, MOST, TEXTS_AT_LEAST, fitted
from matching.learning import learn
from matching.model import FIRST, RULES, TEXTS
from matching.rating import FULL, UNKNOWN, Rating
from matching.scoring import total
from matching.weights import Weights

READINESS = [rule.name for rule in RULES].index("readiness")
HONEST = [f"org-{n}" for n in range(8)]


def pairs(seed: int, demands: int, likes: Callable[[Sequence[Rating]], float], by: Sequence[str] = HONEST,
          noise: float = 0.1) -> list[Example]:  # fmt: skip
    """Each demand's ten candidates: the three somebody likes best are accepted, a tenth decided by chance."""
    chance = random.Random(seed)
    found = []
    for number in range(demands):
        candidates = [
            tuple(
                UNKNOWN if chance.random() < 0.2 else Rating(chance.randrange(FULL))
                for _ in RULES
            )
            for _ in range(10)
        ]  # fmt: skip
        best = sorted(range(10), key=lambda one: -likes(candidates[one]))[:3]
        organisation = chance.choice(list(by))
        found += [
            Example(f"{by[0]}:{number}", f"offer-{place}", organisation,
                    (place in best) != (chance.random() < noise), ratings)
            for place, ratings in enumerate(candidates)
        ]  # fmt: skip
    return found


def ready(ratings: Sequence[Rating]) -> float:
    """Somebody to whom readiness is nearly all."""
    return ratings[READINESS].rate + 0.05 * sum(one.rate for one in ratings)


def unready(ratings: Sequence[Rating]) -> float:
    return -ready(ratings)


def as_first(ratings: Sequence[Rating]) -> float:
    return total(ratings, FIRST)


def test_what_people_decide_by_is_given_more_weight() -> None:
    learned = learn(pairs(1, 120, ready), FIRST)
    assert learned.outcome == "better"
    assert learned.weights is not None
    share = learned.weights[READINESS] / sum(learned.weights)
    first = FIRST.values[READINESS] / sum(FIRST.values)
    assert share > 1.8 * first
    assert learned.figures.after > learned.figures.before + learned.figures.noise


def test_what_is_right_already_stays_as_it_is() -> None:
    learned = learn(pairs(2, 120, as_first), FIRST)
    assert (learned.outcome, learned.weights) == ("no_better", FIRST.values)
    assert abs(learned.figures.after - learned.figures.before) < 3 * learned.figures.noise + 0.01


@pytest.mark.parametrize(
    "examples",
    [
        [],
        pairs(3, 19, ready),
        pairs(3, 60, ready, by=HONEST[:4]),
        [one for one in pairs(3, 60, ready) if one.accepted],
    ],
    ids=["nothing", "few decisions", "few organisations", "nothing rejected"],
)
def test_too_little_changes_nothing_and_says_so(examples: list[Example]) -> None:
    learned = learn(examples, FIRST)
    assert (learned.outcome, learned.weights, learned.calibration) == ("too_little", None, None)


def test_an_organisation_that_wants_to_bend_the_weights_hardly_does() -> None:
    honest = pairs(4, 60, as_first)
    hostile = pairs(5, 300, unready, by=["hostile"], noise=0)
    alone, bent = (Weights("", fitted(examples, FIRST)) for examples in (honest, honest + hostile))
    moved = sum(abs(one - other) for one, other in zip(alone.values, bent.values, strict=True))
    assert moved < 0.2 * sum(alone.values)
    held = pairs(6, 60, as_first, noise=0)
    assert _right(held, bent) > _right(held, alone) - 0.03


def _right(examples: list[Example], weights: Weights) -> float:
    """How often an accepted candidate stands above a rejected one of the same demand."""
    rows = [
        (total(one.ratings, weights) > total(other.ratings, weights))
        for one in examples
        for other in examples
        if one.demand == other.demand and one.accepted and not other.accepted
    ]
    return sum(rows) / len(rows)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([ready, unready]))
def test_learned_weights_stay_within_reason(seed: int, likes: Callable[[Sequence[Rating]], float]) -> None:
    learned = fitted(pairs(seed, 12, likes), FIRST)
    whole, first = sum(learned), sum(FIRST.values)
    for weight, before in zip(learned, FIRST.values, strict=True):
        assert LEAST * before / first * 0.8 < weight / whole < MOST * before / first * 1.25
    assert sum(learned[:TEXTS]) / whole >= TEXTS_AT_LEAST - 0.02


def test_who_accepts_or_refuses_everything_teaches_nothing() -> None:
    honest = pairs(9, 60, ready)
    dull = [replace(one, organisation="dull", accepted=True) for one in pairs(10, 100, unready)]
    assert learn(honest + dull, FIRST) == learn(honest, FIRST)


def test_learning_twice_gives_the_same() -> None:
    examples = pairs(7, 60, ready)
    assert learn(examples, FIRST) == learn(list(reversed(examples)), FIRST)


@given(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=200))
def test_nobody_has_more_than_his_share(decided: list[str]) -> None:
    shares = influence([Example("d", "o", name, True, ()) for name in decided])
    together = sum(shares[name] for name in decided)
    most = max(shares[name] * decided.count(name) for name in set(decided))
    if len(set(decided)) > 1 / MOST_OF_ONE:
        assert most <= MOST_OF_ONE * together * 1.0001
    assert all(0 < share <= 1 for share in shares.values())


def test_a_calibrated_total_says_what_comes() -> None:
    chance = random.Random(8)
    decided = [
        (at := chance.randrange(100_000), chance.random() < (at / 100_000) ** 2, 1.0) for _ in range(4_000)
    ]
    curve = fit(decided[:2_000])
    held = [(curve.chance(at), came, 1.0) for at, came, _ in decided[2_000:]]
    assert expected_error(held) < 0.06
    assert curve.chance(90_000) > curve.chance(50_000) > curve.chance(10_000)
    assert [curve.word(at) for at in (99_000, 60_000, 5_000)] == ["often", "sometimes", "seldom"]


def test_calibration_is_near_wherever_people_begin_to_accept() -> None:
    """Seldom and level below the bar, often above: no curve of one piece is that."""
    chance = random.Random(9)
    decided = [
        (at := chance.randrange(100_000), chance.random() < (0.1 if at < 60_000 else 0.8), 1.0)
        for _ in range(4_000)
    ]
    curve = fit(decided[:2_000])
    assert expected_error([(curve.chance(at), came, 1.0) for at, came, _ in decided[2_000:]]) < 0.04


def test_one_total_of_many_pairs_is_said_as_often_as_it_came() -> None:
    curve = fit([(60_000, number % 4 == 0, 1.0) for number in range(400)])
    assert curve.chance(60_000) == pytest.approx(0.25, abs=0.01)


def test_a_curve_that_was_stored_before_there_were_points_is_still_read() -> None:
    curve = Calibration.read({"slope": 10.0, "middle": 0.5})
    assert [round(curve.chance(at), 2) for at in (-1, 0, 50_000, 60_000, 100_000)] == [
        0.01,
        0.01,
        0.5,
        0.73,
        0.99,
    ]
    assert Calibration.read(asdict(curve)) == curve


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100_000), st.booleans(), st.just(1.0)), min_size=1, max_size=30))
def test_a_higher_total_is_never_called_less_likely(decided: list[tuple[int, bool, float]]) -> None:
    curve = fit(decided)
    assert curve.chance(80_000) >= curve.chance(40_000)
