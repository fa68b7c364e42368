"""A small simulated year on the judged cases: learning makes held-back order better and calls no pair what it is not."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from bench.year import Candidates, Month, year
from matching.engine import score
from matching.model import RULES
from matching.statistics import collect
from matching.weights import Weights
from tests.matching.listings import from_case

WRITTEN = tomllib.loads((Path(__file__).parent / "ranking_cases.toml").read_text(encoding="utf-8"))
STRANGERS = 6
BENT = Weights("bent", tuple(1 if rule.weight > 6 else 30 for rule in RULES))
"""As wrong as weights can be that still mean something: what tells most counts least."""


@pytest.fixture(scope="module")
def months() -> list[Month]:
    candidates, judged = found()
    return year(candidates, judged, seed=11, start=BENT)


def found() -> tuple[Candidates, dict[str, set[str]]]:
    """For each case its two offers and some of the cases that follow, twice each so that there is enough to decide."""
    cases = WRITTEN["case"]
    sides = [
        {side: from_case(side if side == "demand" else "offer", case[side], case["language"], uid=f"{n}:{side}")
         for side in ("demand", "better", "worse")}
        for n, case in enumerate(cases)
    ]  # fmt: skip
    statistics = collect(profile for case in sides for profile in case.values())
    candidates = {}
    for n, case in enumerate(sides):
        others = [sides[(n + 1 + away) % len(sides)]["worse"] for away in range(STRANGERS)]
        offers = [case["better"], case["worse"], *others]
        candidates[f"{n}"] = [(one.uid, score(case["demand"], one, statistics).ratings) for one in offers]
    return candidates, {f"{n}": {f"{n}:better"} for n in range(len(sides))}


def test_learning_makes_what_nobody_decided_better(months: list[Month]) -> None:
    assert "better" in {month.outcome for month in months}
    assert months[-1].ndcg > months[0].ndcg + 0.02


def test_no_month_makes_it_worse_by_more_than_noise(months: list[Month]) -> None:
    for before, after in pairwise(months):
        assert after.ndcg > before.ndcg - 0.02


def test_too_few_decisions_at_first_change_nothing(months: list[Month]) -> None:
    assert months[1].outcome == "too_little"
    assert months[1].ndcg == months[0].ndcg
