"""Which of two offers answers a demand better, judged by people: order, not decimals."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from marketplace.services.matchmaking import WORTH_KEEPING
from matching import metrics
from matching.engine import explain, rank, score
from matching.measured import MEASURED, PRECISION
from matching.model import BAR
from matching.profile import Profile
from matching.result import Score
from matching.statistics import DEFAULT, Statistics, collect
from tests.matching.listings import from_case

WRITTEN = tomllib.loads((Path(__file__).parent / "ranking_cases.toml").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = WRITTEN["case"]
NAMES = [case["name"] for case in CASES]
CROWD = 12


def _profiles(case: dict[str, Any]) -> tuple[Profile, Profile, Profile]:
    """The demand, the better offer, the worse one."""
    return _built(CASES.index(case))


@cache
def _built(number: int) -> tuple[Profile, Profile, Profile]:
    """Built once: half of the tests here ask for every case."""
    case = CASES[number]
    language = case["language"]
    better, worse = (from_case("offer", case[side], language, uid=side) for side in ("better", "worse"))
    return from_case("demand", case["demand"], language, uid="demand"), better, worse


@pytest.fixture(scope="module")
def statistics() -> Statistics:
    crowd = [
        from_case("offer", {"title": f"{row['text']} {n}", "text": row["text"]}, row["language"], uid=str(n))
        for row in WRITTEN["crowd"]
        for n in range(CROWD)
    ]
    return collect([*crowd, *(profile for case in CASES for profile in _profiles(case))])


@pytest.mark.parametrize("case", CASES, ids=NAMES)
@pytest.mark.parametrize("counted", [True, False], ids=["counted", "nothing counted yet"])
def test_the_better_offer_comes_first(case: dict[str, Any], statistics: Statistics, counted: bool) -> None:
    demand, better, worse = _profiles(case)
    known = statistics if counted else DEFAULT
    totals = score(demand, better, known).total, score(demand, worse, known).total
    assert totals[0] > totals[1], totals


@pytest.mark.parametrize(
    "case", [case for case in CASES if "equal attribute" in case["trap"]], ids=lambda c: c["name"]
)
def test_attributes_without_a_common_matter_stay_far_below_the_bar(
    case: dict[str, Any], statistics: Statistics
) -> None:
    demand, better, worse = _profiles(case)
    assert score(demand, better, statistics).total >= BAR
    assert score(demand, worse, statistics).total < BAR - 10_000


def test_eight_wrong_matters_of_ten_stay_below_the_bar(statistics: Statistics) -> None:
    """Where the two offers of a case are about different matters; the right one is nearly always above."""
    pairs = [
        _profiles(case)
        for case in CASES
        if not re.search("decides|numbers|must|evidence|silence", case["trap"])
    ]
    assert len(pairs) >= 20
    assert sum(score(demand, worse, statistics).total < BAR for demand, _, worse in pairs) >= 0.8 * len(pairs)
    assert sum(score(demand, better, statistics).total >= BAR for demand, better, _ in pairs) >= 0.9 * len(
        pairs
    )


@pytest.fixture(scope="module")
def ranked(statistics: Statistics) -> list[list[Score]]:
    """For every case the best hundred among the offers of all cases of its language."""
    offers = {
        language: [
            replace(profile, uid=f"{n}:{profile.uid}")
            for n, case in enumerate(CASES)
            if case["language"] == language
            for profile in _profiles(case)[1:]
        ]
        for language in ("vi", "en")
    }
    return [rank(_profiles(case)[0], offers[case["language"]], statistics, limit=100) for case in CASES]


def test_a_demand_finds_its_own_case_among_all_offers(ranked: list[list[Score]]) -> None:
    own = [scores[0].offer == f"{n}:better" for n, scores in enumerate(ranked)]
    assert sum(own) >= 0.9 * len(CASES), [
        case["name"] for case, right in zip(CASES, own, strict=True) if not right
    ]


def _shown(scores: list[Score]) -> list[int]:
    """The totals of what is kept at all: below, nobody ever sees a score."""
    return [one.total for one in scores if one.total >= WORTH_KEEPING]


def test_the_published_figures_are_those_measured_now(
    ranked: list[list[Score]], statistics: Statistics
) -> None:
    """What the page about match quality says of these cases; write anew in `matching.measured` what differs."""
    answers = [([one.offer for one in scores], {f"{n}:better"}) for n, scores in enumerate(ranked)]
    pairs = [_profiles(case) for case in CASES]
    right = [score(d, b, statistics).total > score(d, w, statistics).total for d, b, w in pairs]
    now = {
        "cases": len(CASES),
        "right": metrics.mean([float(one) for one in right]),
        "ndcg_at_10": metrics.mean([metrics.ndcg(uids, relevant) for uids, relevant in answers]),
        "recall_at_100": metrics.mean([metrics.recall(uids, relevant, 100) for uids, relevant in answers]),
        "tie_share": metrics.mean([metrics.tie_share(_shown(scores)) for scores in ranked]),
    }
    assert asdict(MEASURED) == pytest.approx(now, abs=PRECISION)
    assert now["tie_share"] < 0.05


def test_pairs_below_the_bar_are_told_how_to_pass_it(statistics: Statistics) -> None:
    """Every demand beside every fiftieth offer: hardly any pair is related, and four of five must still get an answer."""
    asked = [_profiles(case)[0] for case in CASES]
    offered = [offer for case in CASES for offer in _profiles(case)[1:]][::50]
    explained = [explain(demand, offer, statistics) for demand in asked for offer in offered]
    below = [found for found in explained if found.total < BAR]
    assert len(below) >= 400
    assert sum(any(lift.crosses_bar for lift in found.lifts) for found in below) >= 0.8 * len(below)


def test_there_are_cases_enough_in_both_languages() -> None:
    languages = [case["language"] for case in CASES]
    assert len(CASES) >= 150
    assert min(languages.count("vi"), languages.count("en")) >= 70
