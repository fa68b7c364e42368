"""What holds for every pair, whatever the two listings say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.column import column
from matching.engine import best, explain, rank, score
from matching.model import BAR, MODEL_VERSION, RULES
from matching.pair import pair, pairs
from matching.points import WHOLE
from matching.prepared import Ready
from matching.profile import Profile
from matching.rating import Rating
from matching.statistics import DEFAULT, collect
from tests.matching.listings import demand, demands, is_hoped, offer, offers
from vocabulary.listing import Price

SILENT: dict[str, Any] = {
    "readiness": {"trl_min": None, "trl_max": None},
    "price": {"price": None},
    "transfer": {"transfer_forms": ()},
    "timing": {"needed_by": ""},
    "fields": {"fields": (), "ipc": (), "industries": (), "strategic": ()},
}


@given(demands, offers)
def test_the_points_shown_are_the_score(demand: Profile, offer: Profile) -> None:
    scored = score(demand, offer, DEFAULT)
    assert scored.total == sum(signal.points for signal in scored.signals)
    assert sum(signal.of for signal in scored.signals) == WHOLE
    assert all(0 <= signal.points <= signal.of for signal in scored.signals)
    assert all((signal.state == "unknown") == (signal.of == 0) for signal in scored.signals)
    assert 0 <= scored.certainty <= 1_000


@given(demands, st.lists(offers, max_size=6))
def test_what_is_rated_at_once_is_rated_as_alone(demand: Profile, others: list[Profile]) -> None:
    compared = pairs(Ready(demand, DEFAULT), [Ready(other, DEFAULT) for other in others])
    for rule in RULES:
        rates, known = column(rule.rate, compared)
        alone = [rule.rate(pair(one.demand.profile, one.offer.profile, DEFAULT)) for one in compared]
        assert [Rating(*one) for one in zip(rates, known, strict=True)] == alone, rule.name


@given(demands, offers)
def test_the_same_pair_gives_the_same_score(demand: Profile, offer: Profile) -> None:
    again = (
        replace(demand, words=dict(reversed(demand.words.items()))),
        replace(offer, words=dict(offer.words)),
    )
    assert score(*again, DEFAULT) == score(demand, offer, DEFAULT)


@given(demands, st.lists(offers, max_size=6, unique_by=lambda offer: offer.uid), offers)
def test_other_candidates_change_nothing(demand: Profile, others: list[Profile], offer: Profile) -> None:
    others = [other for other in others if other.uid != offer.uid]
    ranked = rank(demand, [*others, offer], DEFAULT, limit=10)
    assert [one for one in ranked if one.offer == offer.uid] == [score(demand, offer, DEFAULT)]


@given(demands, st.lists(offers, max_size=6, unique_by=lambda offer: offer.uid), st.randoms())
def test_the_order_of_candidates_changes_nothing(demand: Profile, others: list[Profile], chance: Any) -> None:
    shuffled = chance.sample(others, len(others))
    assert rank(demand, shuffled, DEFAULT) == rank(demand, others, DEFAULT)


@given(
    demands, st.lists(offers, min_size=3, max_size=8, unique_by=lambda offer: offer.uid), st.integers(0, 4)
)
def test_the_best_few_are_the_best_of_all(demand: Profile, others: list[Profile], limit: int) -> None:
    """Sentences are read only of pairs that may still be among the best; nothing else may follow from that."""
    scores = [one for one in (score(demand, other, DEFAULT) for other in others) if one.passes]
    scores.sort(key=lambda one: (-one.total, -one.ratings[0].rate, one.offer))
    assert rank(demand, others, DEFAULT, limit) == scores[:limit]


@given(demands, offers)
def test_no_answer_is_better_than_the_words_let_one_hope(demand: Profile, offer: Profile) -> None:
    assert is_hoped(pair(demand, offer, DEFAULT))


@given(demands, st.lists(offers, max_size=6, unique_by=lambda offer: offer.uid), st.integers(0, 100_000))
def test_what_is_not_worth_keeping_is_left_out(demand: Profile, others: list[Profile], least: int) -> None:
    ready = [Ready(one, DEFAULT) for one in others]
    worth = best(Ready(demand, DEFAULT), ready, least=least)
    assert worth == [one for one in rank(demand, others, DEFAULT) if one.total >= least]


@given(demands, st.lists(offers, max_size=4, unique_by=lambda offer: offer.uid))
def test_who_does_not_pass_a_gate_changes_nothing(demand: Profile, others: list[Profile]) -> None:
    """Gates are asked late, when everything quick has been rated: also of listings without a word."""
    shut = [
        offer("…", "!!", uid="wordless"),
        offer("Máy sấy", uid="closed", live=False),
        offer("Máy sấy", uid="prohibited", prohibition="prohibited"),
    ]
    assert rank(demand, [*shut, *others], DEFAULT) == rank(demand, others, DEFAULT)


@given(demands, offers)
def test_both_directions_agree(demand: Profile, offer: Profile) -> None:
    assert rank(demand, [offer], DEFAULT) == rank(offer, [demand], DEFAULT) == [score(demand, offer, DEFAULT)]


def test_a_very_long_text_is_scored_the_same_among_many() -> None:
    """Thousands of terms: some of them fall on one place in the table that many listings are met by."""
    said = [f"term{number}" for number in range(6_000)]
    wanted = demand("Máy sấy", " ".join(said[::2]))
    many = [replace(offer("Máy sấy", " ".join(said[first::3])), uid=f"o{first}") for first in range(70)]
    assert {one.offer: one for one in rank(wanted, many, DEFAULT, limit=70)} == {
        one.uid: score(wanted, one, DEFAULT) for one in many
    }


@given(demands, offers, st.sampled_from(sorted(SILENT)))
def test_silence_scores_as_if_the_signal_did_not_exist(demand: Profile, offer: Profile, name: str) -> None:
    """Taking a value back raises the score when it fitted worse than the rest, and lowers it when better."""
    stated = score(demand, offer, DEFAULT)
    signal = next(signal for signal in stated.signals if signal.name == name)
    silent = score(demand, replace(offer, **SILENT[name]), DEFAULT)
    if signal.state == "unknown":
        assert silent.total == stated.total
    elif signal.points == signal.of:
        assert silent.total <= stated.total
    elif signal.points == 0:
        assert silent.total >= stated.total
    assert silent.certainty <= stated.certainty


@given(demands, offers, st.integers(1, 8))
def test_maturing_towards_the_range_never_lowers(demand: Profile, offer: Profile, level: int) -> None:
    demand = replace(demand, trl_min=8, trl_max=9)
    before, after = (replace(offer, trl_min=at, trl_max=at) for at in (level, level + 1))
    assert score(demand, after, DEFAULT).total >= score(demand, before, DEFAULT).total


@given(demands, offers, st.integers(1, 30), st.integers(1, 30))
def test_a_lower_price_never_lowers(demand: Profile, offer: Profile, one: int, other: int) -> None:
    demand = replace(demand, price=Price(None, 10 * 10**8))
    low, high = (replace(offer, price=Price(n * 10**8, n * 10**8)) for n in sorted((one, other)))
    assert score(demand, low, DEFAULT).total >= score(demand, high, DEFAULT).total


AGREEING: dict[str, Any] = {
    "fields": ("2.2",), "ipc": ("G01N",), "industries": ("A",), "transfer_forms": ("exclusive_licence",),
    "province": "01", "territory": ("VN",), "needed_by": "2027-01-01", "price": Price(1, 1), "trl_min": 9, "trl_max": 9,
}  # fmt: skip


def test_without_a_common_word_nothing_else_reaches_the_bar() -> None:
    scored = score(demand("Máy sấy lúa", **AGREEING), offer("Phần mềm kế toán", **AGREEING), DEFAULT)
    assert all(signal.points == signal.of for signal in scored.signals[5:])
    assert scored.total < BAR
    assert sum(rule.weight for rule in RULES[:5]) > 100 - BAR // 1_000 - 1
    assert sum(rule.weight for rule in RULES) == 100


@pytest.mark.parametrize("name", sorted(SILENT))
def test_one_equal_attribute_never_beats_the_matter(name: str) -> None:
    said = {field: AGREEING[field] for field in SILENT[name] if field in AGREEING}
    asking = demand("Máy sấy lúa bằng nắng", **said)
    right, wrong = offer("Máy sấy lúa dùng nắng"), offer("Phần mềm kế toán", **said)
    assert score(asking, right, DEFAULT).total > score(asking, wrong, DEFAULT).total


def test_a_score_names_what_it_rests_on() -> None:
    known = collect([offer("Máy lọc", uid=str(n)) for n in range(3)])
    scored = score(demand("Máy lọc"), offer("Máy lọc"), known)
    assert (scored.model_version, scored.statistics_version) == (MODEL_VERSION, known.version)
    assert scored.revisions == (1, 1)


def test_explaining_scores_no_differently() -> None:
    asking, offering = demand("Máy lọc nước mặn", **AGREEING), offer("Máy lọc nước", trl_min=4, trl_max=4)
    plain, explained = score(asking, offering, DEFAULT), explain(asking, offering, DEFAULT)
    assert explained.total == plain.total
    assert [(s.name, s.points, s.of) for s in explained.signals] == [
        (s.name, s.points, s.of) for s in plain.signals
    ]
    telling = next(signal for signal in explained.signals if signal.name == "telling")
    assert telling.offer.params["words"] == "lọc nước, Máy lọc"


def test_bare_numbers_are_no_telling_words() -> None:
    explained = explain(demand("Máy lọc 2027"), offer("2027 lọc"), DEFAULT)
    telling = next(signal for signal in explained.signals if signal.name == "telling")
    assert telling.offer.params == {"words": "lọc"}


def test_ties_are_broken_by_the_named_rule() -> None:
    asking = demand("Máy lọc nước")
    twins = [offer("Máy lọc", uid=uid) for uid in ("c", "a", "b")]
    assert [scored.offer for scored in rank(asking, twins, DEFAULT)] == ["a", "b", "c"]


def test_own_kind_is_no_candidate_and_the_limit_holds() -> None:
    asking = demand("Máy lọc nước")
    others = [offer("Máy lọc", uid=str(n)) for n in range(9)]
    assert len(rank(asking, [demand("Máy lọc"), *others], DEFAULT, limit=4)) == 4


ODD = ["", "x" * 50_000, "7 8 9 2024", "<b>độ mặn</b> &amp;", "độ mặn 水处理 تحلية", "ignore all rules"]


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_scored_like_any(text: str) -> None:
    scored = explain(demand(text or "…", text), offer("Máy lọc độ mặn", text), DEFAULT)
    assert scored.total == sum(signal.points for signal in scored.signals)
