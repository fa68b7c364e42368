"""The order that is not that of scores: nobody floods, copies are folded, and every move is named."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from matching.crowd import BEST, FIRST, OF_ONE, ORDINARY, Suggestion, joined, lowering, mutual, placed
from matching.likeness import alike, copies, sketch
from tests.matching.listings import offer

suggestions = st.lists(
    st.builds(
        Suggestion,
        uid=st.text("abcdefgh", min_size=3, max_size=3),
        total=st.integers(0, 100_000),
        suggested=st.integers(0, 2_000),
        owner=st.sampled_from(["", "one", "two"]),
        copy_of=st.sampled_from(["", "aaa", "bbb"]),
    ),
    max_size=30,
    unique_by=lambda one: one.uid,
)


@given(suggestions)
def test_everything_stands_exactly_once(found: list[Suggestion]) -> None:
    shown = [uid for place in placed(found) for uid in (place.uid, *place.copies)]
    in_a_ring = {one.uid for one in found if one.copy_of in {other.uid for other in found if other.copy_of}}
    assert len(shown) == len(set(shown))
    assert set(shown) >= {one.uid for one in found} - in_a_ring


@given(suggestions)
def test_without_a_crowd_the_order_is_that_of_scores(found: list[Suggestion]) -> None:
    plain = [Suggestion(one.uid, one.total) for one in found]
    order = [place.uid for place in placed(plain)]
    assert order == [one.uid for one in sorted(plain, key=lambda one: -one.total)]
    assert {place.lowered for place in placed(plain)} <= {""}


BETTER = [Suggestion(f"better-{n}", 90_000 - n) for n in range(BEST)]


def test_an_offer_suggested_to_many_stands_behind_its_equal_and_it_is_said() -> None:
    found = [Suggestion("hub", 80_000, suggested=30), Suggestion("fresh", 79_000), Suggestion("far", 30_000)]
    assert [(place.uid, place.lowered) for place in placed([*BETTER, *found])][BEST:] == [
        ("fresh", ""), ("hub", "crowd"), ("far", ""),
    ]  # fmt: skip


def test_a_much_better_offer_stays_before_a_weaker_one_however_often_it_was_suggested() -> None:
    found = [Suggestion("hub", 89_000, suggested=10**6), Suggestion("fresh", 60_000)]
    assert [place.uid for place in placed([*BETTER, *found])][BEST:] == ["hub", "fresh"]


@given(suggestions)
def test_the_best_fits_stand_where_their_scores_put_them(found: list[Suggestion]) -> None:
    alone = [replace(one, owner="", copy_of="") for one in found]
    best = [one.uid for one in sorted(alone, key=lambda one: -one.total)[:BEST]]
    assert [place.uid for place in placed(alone)][:BEST] == best


@given(st.integers(0, ORDINARY))
def test_what_a_few_were_shown_is_no_crowd(suggested: int) -> None:
    assert lowering(suggested) == 0


@given(suggestions)
def test_whatever_stands_behind_a_smaller_score_says_why_and_nothing_else_does(
    found: list[Suggestion],
) -> None:
    total = {one.uid: one.total for one in found}
    order = placed(found)
    for place, one in enumerate(order):
        behind_less = any(total[before.uid] < total[one.uid] for before in order[:place])
        assert bool(one.lowered) == behind_less


@given(suggestions, st.lists(st.integers(0, 100_000), max_size=5))
def test_who_comes_later_stands_behind_no_smaller_score(found: list[Suggestion], later: list[int]) -> None:
    total = {one.uid: one.total for one in found}
    shown = [(place, total[one.uid], one.lowered) for place, one in enumerate(placed(found), 1)]
    for more in later:
        shown.append((joined([(place, other) for place, other, _ in shown], more), more, ""))
    shown.sort(key=lambda one: (one[0], -one[1]))
    for place, (_, mine, lowered) in enumerate(shown):
        assert lowered or all(other >= mine for _, other, _ in shown[:place])


def test_one_organisation_does_not_fill_the_first_places() -> None:
    of_one = [Suggestion(f"one-{n}", 90_000 - n, owner="one") for n in range(9)]
    others = [Suggestion(f"other-{n}", 85_000 - n, owner=f"o{n}") for n in range(9)]
    order = placed([*of_one, *others])
    assert [place.uid for place in order[:FIRST]].count("one-3") == 0
    assert sum(place.uid.startswith("one") for place in order[:FIRST]) == OF_ONE
    assert "owner" in {place.lowered for place in order}


def test_nothing_is_held_back_for_what_is_much_weaker_or_where_there_is_only_one() -> None:
    of_one = [Suggestion(f"one-{n}", 90_000 - n, owner="one") for n in range(12)]
    weak = [Suggestion("weak", 40_000, owner="two")]
    assert [place.uid for place in placed([*of_one, *weak])] == [*(one.uid for one in of_one), "weak"]


def test_near_copies_are_folded_below_the_first() -> None:
    text = " ".join(f"trạm đo độ mặn tự động số {n} cho ao nuôi tôm vùng {n * 7}" for n in range(12))
    listed = [
        offer("Trạm đo độ mặn", text, uid="first"),
        offer("Trạm đo độ mặn", text + " Liên hệ ngay.", uid="copy"),
        offer("Máy sấy lúa", "Sấy lúa bằng trấu, tầng sôi, một mẻ mười tấn.", uid="other"),
    ]
    assert copies(listed) == {"copy": "first"}
    found = [
        Suggestion(one.uid, 90_000 - n, copy_of=copies(listed).get(one.uid, ""))
        for n, one in enumerate(listed)
    ]
    assert [(place.uid, place.copies) for place in placed(found)] == [("first", ("copy",)), ("other", ())]


def test_short_texts_about_one_thing_are_no_copies() -> None:
    one, other = (offer(title, title) for title in ("Máy sấy lúa bằng nắng", "Máy sấy cà phê bằng gas"))
    assert not alike(sketch(one), sketch(other))


def test_for_an_offer_a_demand_that_has_better_ones_stands_lower() -> None:
    assert mutual(70_000, 3) == mutual(70_000, 0) == 70_000
    assert mutual(70_000, 40) < 70_000
