"""What an organisation has brought about: unknown below three partners, smoothed, in steps, and a small weight."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import score
from matching.facts import Facts, from_bytes, to_bytes
from matching.profile import Profile
from matching.rating import FULL
from matching.result import Signal
from matching.statistics import DEFAULT, Statistics, speaking
from matching.track_record import FEWEST, GRADES, HIGHEST, step
from tests.matching.listings import demand, demands, offer, offers
from vocabulary.bilingual import EMPTY

worths = st.sampled_from([0, *GRADES.values()])
partners = st.lists(st.lists(worths, min_size=1, max_size=4), max_size=8)


def known(reached: int | None) -> Statistics:
    return speaking(DEFAULT, EMPTY, facts=Facts(records={"lab": reached} if reached else {}))


def record(statistics: Statistics, **said: object) -> Signal:
    offering = offer("Máy lọc nước", owner="lab", **said)
    signals = score(demand("Máy lọc nước"), offering, statistics).signals
    return next(one for one in signals if one.name == "record")


@pytest.mark.parametrize(
    ("cases", "reached"),
    [
        ([], None),
        ([[FULL], [FULL]], None),
        ([[FULL], [FULL], [FULL]], HIGHEST),
        ([[FULL], [FULL], [0]], 3),
        ([[FULL // 2]] * 3, 2),
        ([[FULL // 4]] * 8, 1),
        ([[0]] * 3, 1),
        ([[FULL] * 9], None),
    ],
)
def test_the_step_of_these_cases(cases: list[list[int]], reached: int | None) -> None:
    assert step(cases) == reached


@given(partners, st.data())
def test_a_better_case_never_lowers(cases: list[list[int]], data: st.DataObject) -> None:
    before = step(cases)
    if not cases:
        return
    at = data.draw(st.integers(0, len(cases) - 1))
    better = [
        [max(worth, data.draw(worths)) for worth in one] if n == at else one for n, one in enumerate(cases)
    ]
    after = step(better)
    assert (before, after) == (None, None) or (before is not None and after is not None and after >= before)


@given(partners)
def test_one_more_partner_with_a_full_case_never_lowers(cases: list[list[int]]) -> None:
    before, after = step(cases), step([*cases, [FULL]])
    assert before is None or (after is not None and after >= before)


@given(partners.filter(lambda cases: len(cases) >= FEWEST))
def test_the_order_of_cases_changes_nothing(cases: list[list[int]]) -> None:
    assert step(reversed([one[::-1] for one in cases])) == step(cases)


@given(demands, offers, st.integers(1, HIGHEST), st.integers(1, HIGHEST))
def test_a_better_record_never_lowers_the_score(
    demand: Profile, offer: Profile, one: int, other: int
) -> None:
    offer = replace(offer, owner="lab")
    less, more = (score(demand, offer, known(reached)).total for reached in sorted((one, other)))
    assert more >= less


@given(demands, offers)
def test_a_spotless_record_never_lowers_and_an_unknown_one_changes_nothing(
    demand: Profile, offer: Profile
) -> None:
    offer = replace(offer, owner="lab")
    unknown = score(demand, offer, known(None))
    assert score(demand, offer, known(HIGHEST)).total >= unknown.total
    assert score(demand, replace(offer, owner="another"), known(HIGHEST)).total == unknown.total


def test_a_step_is_told_and_no_number() -> None:
    assert record(known(None)).state == "unknown"
    assert record(known(None)).offer.code == "said.record_short"
    for reached in range(1, HIGHEST + 1):
        signal = record(known(reached))
        assert (signal.offer.code, signal.offer.params) == (f"said.record_{reached}", {})


def test_who_hides_the_name_has_no_record() -> None:
    signal = record(known(HIGHEST), anonymous=True)
    assert (signal.state, signal.offer.code) == ("unknown", "said.record_hidden")


def test_facts_with_records_are_read_back_the_same() -> None:
    facts = Facts(records={"b": 2, "a": 4})
    again = from_bytes(to_bytes(facts))
    assert (again.version, dict(again.records)) == (facts.version, {"a": 4, "b": 2})
    assert facts.version != Facts(records={"b": 3, "a": 4}).version
