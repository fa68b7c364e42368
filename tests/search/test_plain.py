"""Without an engine the same filters hold, and the words are looked for in titles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from search.plain import meeting
from search.query import Query
from tests.search.shelf import NOW, listing

SHELF = (
    listing(1, "Máy sấy lúa", province="92", trl_min=8, trl_max=8, price_min=100, price_max=200, owner="A"),
    listing(2, "Máy gặt lúa", province="96", trl_min=4, trl_max=6, price_max=900, owner="B"),
    listing(3, "Máy bơm", province="92", kind="demand"),
)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [1, 2, 3]),
        ({"text": "may lua"}, [1, 2]),
        ({"text": "lúa sấy"}, [1]),
        ({"text": "lúa nước"}, []),
        ({"kinds": ("demand",)}, [3]),
        ({"filters": {"province": ("92",)}}, [1, 3]),
        ({"filters": {"province": ("92",)}, "text": "máy bơm"}, [3]),
        ({"filters": {"province": ("nowhere",)}}, []),
        ({"trl": (5, 7)}, [2]),
        ({"price": (150, 160)}, [1, 2]),
        ({"price": (950, None)}, []),
        ({"filters": {"updated": ("week",)}}, [1, 2, 3]),
        ({"exclude": ("n:offer:1",)}, [2, 3]),
        ({"exclude_owner": "A"}, [2, 3]),
    ],
)
def test_filters_hold_and_words_are_those_of_titles(asked: dict[str, Any], expected: list[int]) -> None:
    found = meeting(SHELF, replace(Query(now=NOW), **asked))
    assert [document.version for document in found] == expected
