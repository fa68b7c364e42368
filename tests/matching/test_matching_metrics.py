"""Metrics against cases computed by hand."""

from __future__ import annotations

import math

import pytest

from matching.metrics import hub_share, mean, mrr, ndcg, recall, tie_share


def test_ndcg_by_hand() -> None:
    """Relevant at places 2 and 3: (1/log2 3 + 1/log2 4) / (1/log2 2 + 1/log2 3)."""
    expected = (1 / math.log2(3) + 1 / 2) / (1 + 1 / math.log2(3))
    assert ndcg(["x", "a", "b", "y"], {"a", "b"}) == pytest.approx(expected)
    assert ndcg(["x", "a"], {"a"}) == pytest.approx(0.6309297535714575)


def test_ndcg_looks_no_deeper_than_k_and_expects_no_more() -> None:
    assert ndcg(["x"] * 10 + ["a"], {"a"}, 10) == 0
    assert ndcg([str(n) for n in range(10)], {str(n) for n in range(20)}, 10) == pytest.approx(1)


def test_recall_by_hand() -> None:
    assert recall(["x", "a", "b"], {"a", "b", "c", "d"}, 2) == 0.25
    assert recall(["x", "a", "b"], {"a", "b", "c", "d"}, 100) == 0.5


def test_mrr_by_hand() -> None:
    assert mrr(["x", "y", "a", "b"], {"a", "b"}) == pytest.approx(1 / 3)
    assert mrr(["x", "y", "a"], {"a"}, 2) == 0


def test_nothing_relevant_is_nought_and_no_error() -> None:
    assert ndcg(["a"], set()) == recall(["a"], set(), 10) == mrr(["a"], set()) == mean([]) == 0
    assert ndcg([], {"a"}) == mrr([], {"a"}) == tie_share([]) == 0


def test_ties_are_counted_among_the_first() -> None:
    assert tie_share([90, 90, 80, 70]) == 0.5
    assert tie_share([90, 80, 70]) == 0
    assert tie_share([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]) == 0


def test_the_share_of_a_hub_leaves_out_where_it_is_right() -> None:
    answers = [(["a", "b"], {"a"}), (["a", "c"], {"c"}), (["d", "a"], set[str]()), (["e"], {"e"})]
    assert hub_share(answers, 10) == 0.5
    assert hub_share(answers, 1) == 0.25
    assert hub_share([], 10) == 0
