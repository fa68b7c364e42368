"""Figures in the texts: read with what they are figures of, and held against those of the same dimension."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import explain, score
from matching.figure_signals import figures as rate
from matching.figures import figures
from matching.pair import pair
from matching.rating import FULL, UNKNOWN, Rating
from matching.result import Signal
from matching.statistics import DEFAULT
from tests.matching.listings import demand, offer

ASKED = "Cần máy sấy lúa, mỗi mẻ {} kg thóc ướt."
OFFERED = "Máy sấy lúa, mỗi mẻ {} kg thóc ướt."


def rated(asked: str, offered: str) -> Rating:
    return rate(pair(demand("Máy sấy", asked), offer("Máy sấy", offered), DEFAULT))


def shown(asked: str, offered: str, language: str = "vi") -> Signal:
    both = demand("Máy sấy", asked, language=language), offer("Máy sấy", offered, language=language)
    return next(one for one in score(*both, DEFAULT).signals if one.name == "figures")


def test_a_figure_half_as_large_is_worth_half() -> None:
    assert rated(ASKED.format(500), OFFERED.format(500)) == Rating(FULL)
    assert rated(ASKED.format(500), OFFERED.format(250)) == Rating(FULL // 2)
    assert rated(ASKED.format(500), OFFERED.format("0,5").replace("kg", "tấn")) == Rating(FULL)


def test_what_is_more_than_asked_is_full_where_at_least_is_said_and_less_where_at_most_is() -> None:
    for words, offered, expected in (
        ("ít nhất 500", 900, FULL), ("ít nhất 500", 400, FULL * 4 // 5), ("tối đa 500", 400, FULL),
        ("tối đa 500", 1000, FULL // 2), ("400–600", 500, FULL), ("400–600", 800, FULL * 3 // 4),
    ):  # fmt: skip
        assert rated(ASKED.format(words), OFFERED.format(offered)).rate == expected, (words, offered)


def test_below_nought_the_nearer_fits_better() -> None:
    assert rated("Kho giữ ở -18 °C.", "Kho giữ ở -20 °C.").rate == FULL * 18 // 20
    assert rated("Kho giữ ở -18 °C.", "Kho giữ ở 4 °C.").rate == 0


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("Sấy 500 kg.", "Sấy nhanh."),
        ("Sấy nhanh.", "Sấy 500 kg."),
        ("Sấy 500 kg.", "Sấy trong 6 giờ."),
        ("Giá 500 triệu đồng.", "Giá 500 triệu đồng."),
        ("Từ tháng 12 năm 2026.", "Từ tháng 12 năm 2027."),
        ("Sấy 500 mẻ, 3 máy.", "Sấy 200 mẻ, 3 máy."),
    ],
)
def test_without_a_figure_of_a_common_dimension_nothing_is_known(asked: str, offered: str) -> None:
    assert rated(asked, offered) == UNKNOWN
    assert shown(asked, offered).state == "unknown"


def test_an_english_article_is_no_ampere() -> None:
    assert figures(["In 2024 a new kiln was built."], "en", DEFAULT.weights) == {}
    assert [*figures(["The pump draws 5 A."], "en", DEFAULT.weights)] == ["current"]


def test_a_figure_of_the_same_thing_is_chosen_before_one_that_fits_better() -> None:
    asked = "Sai số độ mặn 0,5 %."
    signal = shown(asked, "Giảm thất thoát thức ăn 0,5 %. Sai số độ mặn 2 %.")
    assert signal.offer.params["words"] == "2 %"
    assert signal.state == "partly"


def test_two_figures_that_no_word_connects_count_for_a_quarter() -> None:
    assert rated("Sai số độ mặn 5 %.", "Tiết kiệm điện 5 %.") == Rating(FULL, FULL // 4)


def test_each_figure_that_is_not_answered_makes_less_known() -> None:
    assert rated("Sấy thóc 500 kg. Dùng điện 5 kW.", "Sấy thóc 500 kg.") == Rating(FULL, FULL // 2)


def test_both_sides_are_shown_as_typed() -> None:
    signal = shown("Mỗi mẻ ít nhất 500 kg.", "Mỗi mẻ 0,4 tấn. Bảo hành 24 tháng.")
    assert (signal.demand.params["words"], signal.offer.params["words"]) == ("500 kg", "0,4 tấn")
    silent = shown("Mỗi mẻ ít nhất 500 kg.", "Sấy nhanh.")
    assert (silent.demand.params["words"], silent.offer.code) == ("500 kg", "said.nothing")


@given(
    st.integers(1, 900),
    st.integers(1, 900),
    st.integers(1, 900),
    st.sampled_from(["", "ít nhất ", "tối đa "]),
)
def test_a_nearer_figure_never_lowers(asked: int, one: int, other: int, words: str) -> None:
    """Nearer is between the figure asked for and the farther one, on the same side."""
    near, far = sorted((one, other), key=lambda n: abs(n - asked))
    if (near - asked) * (far - asked) < 0:
        near = asked
    said = ASKED.format(f"{words}{asked}")
    assert rated(said, OFFERED.format(near)).rate >= rated(said, OFFERED.format(far)).rate


texts = st.lists(
    st.sampled_from(["sấy 5 kg", "nước 7 %", "trong 3 giờ", "lúa", "ít nhất 2 m", "-4 °C"]), max_size=6
).map(", ".join)


@given(texts, texts)
def test_whatever_is_said_the_rate_is_held_and_explaining_does_not_change_it(
    asked: str, offered: str
) -> None:
    both = demand("Máy", asked), offer("Máy", offered)
    found = rate(pair(*both, DEFAULT))
    assert 0 <= found.rate <= FULL
    assert 0 <= found.known <= FULL
    assert explain(*both, DEFAULT).total == score(*both, DEFAULT).total
