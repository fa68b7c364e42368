"""A row written over a listing: what it speaks of is changed, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.files.rows import listing_row
from marketplace.schemas.saying import PLAIN, said_over
from tests.files.test_writing_files import FULL
from vocabulary.listing import Content, Price, Text

BOTH = Price(5_00, 9_00, "USD", "firm")


def over(before: Content, **values: Any) -> Content:
    row = listing_row({"id": "1", "kind": before.kind, **values}, kind=None)
    assert row.content is not None
    return said_over(row.content, before, row.said)


def test_every_field_is_spoken_of_by_some_name() -> None:
    parts = {"kind", "language", "texts", "trl_min", "trl_max", "price", "localisation", "contact"}
    assert {*PLAIN} | parts == {*Content.__slots__}


@pytest.mark.parametrize(
    ("values", "price"),
    [
        ({}, BOTH),
        ({"currency": "EUR"}, BOTH),
        ({"price_min": "6 USD"}, Price(6_00, 9_00, "USD", "firm")),
        ({"price_min": ""}, Price(None, 9_00, "USD", "firm")),
        ({"price": ""}, None),
        ({"price": "thỏa thuận"}, Price(None, None, "USD", "negotiable")),
        ({"price_min": "100"}, Price(100, None, "VND", "firm")),
        ({"price_kind": "floor"}, Price(5_00, 9_00, "USD", "floor")),
        ({"price_kind": ""}, Price(5_00, 9_00, "USD")),
    ],
)
def test_a_price_keeps_the_end_that_is_not_spoken_of(values: dict[str, str], price: Price | None) -> None:
    assert over(Content("offer", price=BOTH), **values).price == price


def test_only_a_demand_has_two_levels() -> None:
    assert over(Content("demand", trl_min=3, trl_max=8), trl_min="5").trl_max == 8
    offer = over(Content("offer", trl_min=3, trl_max=3), trl_min="5")
    assert (offer.trl_min, offer.trl_max) == (5, 5)


def test_a_language_that_was_only_guessed_changes_none() -> None:
    before = Content("offer", "vi", {"vi": Text("Máy", problem="Ẩm"), "en": Text("Dryer", effect="dry")})
    now = over(before, title="A device for the drying of rice with the sun")
    assert now == before.revised(
        texts={**before.texts, "vi": Text("A device for the drying of rice with the sun", problem="Ẩm")}
    )


def test_a_text_goes_into_another_language_whole() -> None:
    before = Content("offer", "vi", {"vi": Text("Dryer", problem="wet")})
    now = over(before, title="Dryer", title_vi="Máy sấy", lang="en")
    assert (now.language, now.texts) == ("en", {"en": Text("Dryer", problem="wet"), "vi": Text("Máy sấy")})


def test_an_emptied_text_in_the_second_language_is_gone() -> None:
    before = Content("offer", "vi", {"vi": Text("Máy"), "en": Text("Dryer")})
    assert over(before, title="Máy", title_en="", lang="vi").texts == {"vi": Text("Máy")}


def test_a_row_that_says_nothing_changes_nothing() -> None:
    assert over(FULL) == FULL
