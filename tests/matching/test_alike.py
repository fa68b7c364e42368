"""Which listings are like another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matching import latent
from matching.alike import alike
from matching.compiled import compiled
from matching.opened import opened
from matching.prepared import Ready
from matching.profile import Profile
from matching.statistics import DEFAULT, Statistics, collect
from tests.matching.listings import demand, offer
from tests.matching.test_meaning import ASKING, OTHER, SAME, crowd


def order(
    subject: Profile, others: Sequence[Profile], limit: int = 2, known: Statistics = DEFAULT
) -> list[str]:
    """The same whether the others are built or read from what is kept of them."""
    built = [Ready(one, known) for one in others]
    read = [opened(compiled(one, known), known, uid=one.uid, rev=one.rev) for one in others]
    found = alike(subject, built, known, limit)
    assert alike(subject, read, known, limit) == found
    return found


def test_the_same_matter_in_other_words_is_nearer_than_another_matter() -> None:
    known = latent.with_meaning(collect(crowd()), crowd())
    others = [offer("", OTHER, uid="other"), offer("", SAME, uid="same")]
    assert order(offer("", ASKING), others, 2, known) == ["same", "other"]


def test_without_a_learned_meaning_words_decide_and_the_limit_holds() -> None:
    others = [offer("Phần mềm kế toán", uid="far"), offer("Máy lọc nước mặn", uid="near")]
    assert order(offer("Máy lọc nước"), others, 1) == ["near"]


def test_what_a_listing_states_beside_its_text_changes_nothing() -> None:
    plain, stated = demand("Máy lọc", uid="a"), demand("Máy lọc", uid="b", trl_min=9, province="01")
    assert order(demand("Máy lọc nước"), [stated, plain]) == ["a", "b"]
    assert order(demand("Máy lọc nước"), [stated, replace(plain, uid="c")]) == ["b", "c"]


def test_listings_of_either_kind_are_put_in_order() -> None:
    known = latent.with_meaning(collect(crowd()), crowd())
    for kind in (offer, demand):
        others = [kind("", said, uid=f"{n}") for n, said in enumerate((OTHER, SAME, OTHER + SAME))]
        assert order(kind("", ASKING), others, 3, known) == ["1", "2", "0"]
