"""What Elasticsearch is told. Pure: no server."""

from __future__ import annotations

import json

import pytest

from search.dsl import body, condition
from search.mapping import index_body
from search.plan import Between, Match, OneOf, Term, Wanted
from search.record import live
from tests.search.shelf import listing

PROVINCE = {"province": (OneOf("province", ("92",)),)}


def test_without_words_only_what_is_live_is_asked_for() -> None:
    assert body(Wanted())["query"]["bool"]["must"] == [{"bool": {"filter": {"term": {"state": "live"}}}}]


def test_a_counted_facet_is_not_narrowed_by_its_own_filter() -> None:
    request = body(Wanted(conditions=PROVINCE, facets=("province", "kind")))
    assert request["query"]["bool"]["filter"] == []
    assert request["aggs"]["province"]["filter"] == {"bool": {"filter": []}}
    narrowed = {"bool": {"filter": [{"terms": {"province": ["92"]}}]}}
    assert request["aggs"]["kind"]["filter"] == request["post_filter"] == narrowed


def test_a_filter_that_is_not_counted_narrows_the_question_itself() -> None:
    request = body(Wanted(conditions=PROVINCE, facets=("kind",)))
    assert request["query"]["bool"]["filter"] == [{"terms": {"province": ["92"]}}]
    assert "post_filter" not in request


def test_open_ends_of_a_range_are_not_asked_about() -> None:
    assert condition(Between("price_low", high=5)) == {"range": {"price_low": {"lte": 5}}}


@pytest.mark.parametrize("place", ["", "nonsense", "[]", '["a"]', "[1, 2]", "{}", "3"])
def test_a_place_of_another_order_leads_to_the_beginning(place: str) -> None:
    request = body(Wanted(sort="newest", after=place))
    assert request["from"] == 0
    assert "search_after" not in request


def test_a_request_is_json() -> None:
    match = Match((Term("say", telling=False), Term("lua")), (Term("say_lua"),), (("bom", "nhiet"),))
    wanted = Wanted(
        match, PROVINCE, (OneOf("owner", ("A",)),), "relevance", facets=("kind", "updated"), since={"week": 9}
    )
    assert json.loads(json.dumps(body(wanted))) == body(wanted)


def test_a_record_has_no_field_that_the_mapping_does_not_know() -> None:
    # The mapping is strict: an unknown field would be refused, with the whole listing.
    full = listing(
        1, summary="x", province="92", ipc=("A01B",), owner="o", price_min=1, trl_min=2, rights=("patent",)
    )
    assert set(live(full)) <= set(index_body()["mappings"]["properties"])
