"""What another exchange says in codes of a list that the law has replaced, and what it says in those of one to come."""

from __future__ import annotations

from typing import Any

from exchange.envelope import Receipt
from tests.sync.conftest import Pair
from tests.sync.test_abuse import a_body, an_item, in_session, send, written
from tests.sync.test_classification import filtered


def receive(pair: Pair, codes: list[str], schema: str, **more: Any) -> tuple[Receipt, str]:
    """A listing with these industries, as its home sends it."""
    in_session(pair)
    body = a_body(pair)
    body["content"] = {**body["content"], "industries": codes, **more}
    item = an_item(body, seq=1, schema=schema)
    receipt = send(pair, written(pair, item))
    pair.settle_national()
    return receipt, item.uid


def test_codes_of_a_home_that_has_the_list_before_are_found_by_those_of_today(pair: Pair) -> None:
    receipt, uid = receive(pair, ["K", "45"], "offer/1.0")
    assert receipt.count("applied") == 1
    for here in ("L", "46", "95"):
        assert filtered(pair.national, industry=(here,)) == [uid]
    assert filtered(pair.national, industry=("K",)) == []


def test_codes_of_a_home_that_has_the_list_of_today_are_left_as_they_are(pair: Pair) -> None:
    said = {"catalogues": {"industries": "36/2025/QĐ-TTg"}}
    _, uid = receive(pair, ["K"], "offer/1.1", **said)
    assert filtered(pair.national, industry=("K",)) == [uid]
    assert filtered(pair.national, industry=("L",)) == []


def test_codes_of_a_list_that_is_not_known_here_are_held_and_named(pair: Pair) -> None:
    said = {"catalogues": {"industries": "99/2031/QĐ-TTg"}}
    receipt, _ = receive(pair, ["62"], "offer/1.1", **said)
    assert receipt.count("held") == 1
    (flaw,) = receipt.results[0].flaws
    assert (flaw.code, flaw.path) == ("code.unknown", "/content/industries/0")
    assert "62 (99/2031/QĐ-TTg)" in flaw.detail
