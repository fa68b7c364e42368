"""Hundreds of histories in which everything goes wrong that can; each must end with both sides equal, or loudly.

A history is made by its seed alone. A seed that ever failed is kept in `KEPT`, with what was wrong.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache

import pytest

from tests.exchange.simulation.history import SCENARIOS, History, Outcome, Scenario
from tests.exchange.simulation.national import Rules

SEEDS = 40
"""A scenario: 320 histories in some ten seconds."""
SOAKED = int(os.environ.get("HISTORIES", "400"))
"""A scenario, in `make soak`."""

KEPT = (
    (13, "cloned"),  # What was erased there was published again here, and refused for ever.
    (21, "cloned with its memory"),  # A comparison that found what cannot be sent began again without end.
    (6, "faults"),  # Four restarts in ten minutes were taken for two senders.
    (
        136,
        "faults",
    ),  # A session that came late, of a sender since restarted, was counted like a second sender.
    (0, "receiver restored"),  # A record waiting to be sent again was reported as missing.
)
NAMED = {scenario.name: scenario for scenario in SCENARIOS}


@cache
def lived(seed: int, scenario: Scenario) -> tuple[Outcome, str]:
    """How the history of this seed ended, and what of it should not be so; empty when all is well. Asked again it is not
    lived again, for its seed alone makes it."""
    history = History(seed, scenario)
    outcome = history.run()
    try:
        history.check(outcome)
    except AssertionError as error:
        return outcome, f"seed {seed}, {scenario.name}: {error}"
    return outcome, ""


def faults(seeds: Iterable[int], scenario: Scenario) -> list[str]:
    return [said for seed in seeds if (said := lived(seed, scenario)[1])]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_every_history_ends_with_equal_sides(scenario: Scenario) -> None:
    assert faults(range(SEEDS), scenario) == []


@pytest.mark.parametrize(("seed", "name"), KEPT)
def test_a_history_that_failed_once_ends_well(seed: int, name: str) -> None:
    assert lived(seed, NAMED[name])[1] == ""


@pytest.mark.soak
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_thousands_of_histories_end_with_equal_sides(scenario: Scenario) -> None:
    assert faults(range(SEEDS, SEEDS + SOAKED), scenario) == []


def test_a_history_is_made_by_its_seed_alone() -> None:
    said = [str(History(7, NAMED["everything"]).run()) for _ in range(2)]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("sender restored", Rules(fork=False, rewound=False)),
        ("cloned", Rules(fork=False, rewound=False)),
        ("receiver restored", Rules(gap=False, forgotten=False, rewound=False)),
    ],
)
def test_without_a_rule_the_sides_diverge_and_these_histories_see_it(name: str, rules: Rules) -> None:
    """The control: histories that could not fail would prove nothing."""
    outcomes = [History(seed, NAMED[name], rules).run() for seed in range(20)]
    assert sum(not outcome.equal for outcome in outcomes) >= 5


@pytest.mark.parametrize("name", ["sender restored", "cloned", "cloned with its memory"])
def test_i17_f28_a_restored_or_cloned_sender_is_always_noticed(name: str) -> None:
    """Whenever the peer has taken a batch that this side does not remember, somebody was called."""
    outcomes = [lived(seed, NAMED[name])[0] for seed in range(SEEDS)]
    assert all(outcome.loud for outcome in outcomes if outcome.foreign)
    assert sum(outcome.foreign for outcome in outcomes) > SEEDS // 10
