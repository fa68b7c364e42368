"""From what a listing says to what the scorer knows."""

from __future__ import annotations

import pytest

from matching.building import profile
from tests.matching.listings import content, demand, offer
from vocabulary.listing import Content, Requirement, Text


def test_the_heading_is_title_and_first_sentence() -> None:
    known = offer("Máy lọc", "Lọc asen. Giá rẻ.")
    assert {"may", "loc", "asen"} <= set(known.heading)
    assert "gia" not in known.heading
    assert "gia" in known.words


def test_pairs_never_reach_over_a_sentence() -> None:
    assert "asen_gia" not in offer("Máy", "Lọc asen. Giá rẻ.").words


def test_translations_stand_beside_the_own_language() -> None:
    texts = {"en": Text(title="Water filters"), "vi": Text(title="Máy lọc")}
    known = profile(Content("offer", "vi", texts), uid="o", rev=1, owner="")
    assert set(known.words) == {"may", "loc", "may_loc"}
    assert set(known.translations["en"].words) == {"water", "filter", "water_filter"}
    assert known.sentences == ("Máy lọc", "Water filters")


def test_a_listing_speaks_the_language_it_is_written_in() -> None:
    known = profile(Content("offer", "vi", {"en": Text(title="Water filters")}), uid="o", rev=1, owner="")
    assert (known.language, "filter" in known.words, known.translations) == ("en", True, {})


def test_requirements_are_words_too_and_know_what_they_ask_for() -> None:
    known = demand(
        "Máy",
        requirements=(Requirement("sai số độ mặn", "<=", "0,5", "‰"), Requirement("kết nối", "text", "4G")),
    )
    assert "sai_so" in known.words
    assert known.asked == (("do", "man", "sai", "so"), ("4g", "ket", "noi"))


def test_words_are_found_again_in_their_sentences() -> None:
    known = offer("Máy lọc", "Lọc asen. Máy nhỏ.")
    assert [known.sentences[number] for number in known.places["may"]] == ["Máy lọc", "Máy nhỏ."]


def test_the_same_revision_is_the_same_profile() -> None:
    assert offer("Máy lọc", "Lọc asen.") == offer("Máy lọc", "Lọc asen.")
    assert hash(offer("Máy lọc")) == hash(offer("Máy lọc"))


def test_an_initiative_is_not_matched() -> None:
    with pytest.raises(ValueError, match="initiative"):
        profile(Content("initiative"), uid="i", rev=1, owner="")


def test_marks_of_a_moderator_and_grants_go_along() -> None:
    known = profile(
        content("offer", "Máy"), uid="o", rev=2, owner="org", live=False, prohibition="restricted", ground="Điều 10",
        grants=({"territory": "VN"},),
    )  # fmt: skip
    assert (known.live, known.prohibition, known.prohibition_ground, known.grants) == (
        False,
        "restricted",
        "Điều 10",
        ({"territory": "VN"},),
    )
