"""Points are whole and sum exactly, whatever the rates."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from matching.column import collected
from matching.points import WHOLE, apportioned, certainty, shares, sums, total, total_of
from matching.rating import FULL, MET, UNKNOWN, UNMET, Rating, mean
from matching.text_signals import SENSE

rates = st.builds(Rating, st.integers(0, FULL), st.integers(0, FULL))
rows = st.lists(st.tuples(rates, st.integers(1, 40)), min_size=1, max_size=14)


@given(rows)
def test_the_parts_sum_to_the_whole(drawn: list[tuple[Rating, int]]) -> None:
    ratings, weights = [row[0] for row in drawn], [row[1] for row in drawn]
    points = shares(ratings, weights)
    assert sum(points.earned) == total(ratings, weights) <= WHOLE
    assert sum(points.of) == (WHOLE if any(rating.known for rating in ratings) else 0)
    assert all(0 <= earned <= of for earned, of in zip(points.earned, points.of, strict=True))
    assert 0 <= certainty(ratings, weights) <= 1_000


@given(rows)
def test_what_is_unknown_weighs_nothing(drawn: list[tuple[Rating, int]]) -> None:
    ratings, weights = [row[0] for row in drawn], [row[1] for row in drawn]
    assert total([*ratings, UNKNOWN], [*weights, 40]) == total(ratings, weights)
    assert shares([*ratings, UNKNOWN], [*weights, 40]).of[-1] == 0


@given(st.integers(1, 14), st.data())
def test_many_rows_have_the_totals_they_have_alone(signals: int, data: st.DataObject) -> None:
    speaking = st.builds(Rating, st.integers(0, FULL), st.integers(0, (SENSE + 1) * FULL))
    row = st.lists(speaking, min_size=signals, max_size=signals)
    drawn = data.draw(st.lists(row, max_size=4))
    weights = data.draw(st.lists(st.integers(0, 1_000), min_size=signals, max_size=signals))
    columns = [collected([row[number] for row in drawn]) for number in range(signals)]
    together = [total_of(*one) for one in sums(columns, weights)]
    assert together == [total(one, weights) for one in drawn]


def test_by_hand() -> None:
    ratings = [Rating(FULL // 2), MET, UNKNOWN, UNMET]
    assert shares(ratings, [3, 2, 4, 1]) == ([25_000, 33_333, 0, 0], [50_000, 33_333, 0, 16_667])
    assert certainty(ratings, [3, 2, 4, 1]) == 600


def test_largest_remainders_and_the_earlier_one_of_two() -> None:
    assert apportioned(10, [1, 1, 1]) == [4, 3, 3]
    assert apportioned(10, [0, 0]) == [0, 0]


def test_a_mean_of_parts_knows_how_much_of_it_is_known() -> None:
    assert mean([(MET, 2), (UNMET, 1), (UNKNOWN, 3)]) == Rating(2 * FULL // 3, FULL // 2)
    assert mean([(UNKNOWN, 1)]) == mean([]) == UNKNOWN
