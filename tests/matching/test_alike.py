"""Which listings are like another."""

from __future__ import annotations

from dataclasses import replace

from matching import latent
from matching.alike import alike
from matching.statistics import DEFAULT, collect
from tests.matching.listings import demand, offer
from tests.matching.test_meaning import ASKING, OTHER, SAME, crowd


def test_the_same_matter_in_other_words_is_nearer_than_another_matter() -> None:
    known = latent.with_meaning(collect(crowd()), crowd())
    others = [offer("", OTHER, uid="other"), offer("", SAME, uid="same")]
    assert alike(offer("", ASKING), others, known, 2) == ["same", "other"]


def test_without_a_learned_meaning_words_decide_and_the_limit_holds() -> None:
    others = [offer("Phần mềm kế toán", uid="far"), offer("Máy lọc nước mặn", uid="near")]
    assert alike(offer("Máy lọc nước"), others, DEFAULT, 1) == ["near"]


def test_what_a_listing_states_beside_its_text_changes_nothing() -> None:
    plain, stated = demand("Máy lọc", uid="a"), demand("Máy lọc", uid="b", trl_min=9, province="01")
    assert alike(demand("Máy lọc nước"), [stated, plain], DEFAULT, 2) == ["a", "b"]
    assert alike(demand("Máy lọc nước"), [stated, replace(plain, uid="c")], DEFAULT, 2) == ["b", "c"]
