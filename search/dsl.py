"""From a plan to the body of an Elasticsearch request, and from its answer back. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from search.fields import BODY, ORDERS, SPELLING, WRITTEN
from search.plan import Between, Condition, Found, Match, OneOf, Row, Wanted
from search.record import LIVE
from search.scoring import Scored, finding, raising

Clause = dict[str, Any]

MOST_CODES = 2_000
"""Codes counted of one facet; the largest list, fields and their parents, has fewer than 400."""
MOST_EXPANSIONS = 100
"""Words of the index that one misspelt word is compared with."""


def body(wanted: Wanted) -> dict[str, Any]:
    """The whole request. Conditions of counted facets come after the counting, for no facet is narrowed by its own."""
    counted = {facet: wanted.conditions[facet] for facet in wanted.facets if facet in wanted.conditions}
    always = [each for facet, found in wanted.conditions.items() if facet not in counted for each in found]
    request: dict[str, Any] = {
        "query": {
            "bool": {
                "must": [matching(wanted.match)],
                "filter": [condition(each) for each in always],
                "must_not": [condition(each) for each in wanted.without],
            }
        },
        "size": wanted.size,
        "sort": _sort(wanted),
        "track_total_hits": True,
        "_source": ["title_text", "body_text"] if wanted.texts else False,
    }
    if counted:
        request["post_filter"] = _all(each for found in counted.values() for each in found)
    if wanted.facets:
        request["aggs"] = {facet: _counting(facet, counted, wanted) for facet in wanted.facets}
    if after := _after(wanted):
        return {**request, "search_after": after}
    return {**request, "from": wanted.offset}


def matching(match: Match) -> Clause:
    """The words. Without any, every listing; what was removed has no words and so never answers otherwise."""
    if not match:
        return {"bool": {"filter": {"term": {"state": LIVE}}}}
    if match.near:
        return _near(match)
    must: list[Clause] = [{"match_phrase": {BODY.name: " ".join(phrase)}} for phrase in match.phrases]
    must += [{"bool": {"filter": condition(OneOf(WRITTEN.name, (each,)))}} for each in match.exact]
    found = [_scored(each) for each in finding(match)]
    if match.written:
        found.append({"bool": {"filter": condition(OneOf(WRITTEN.name, match.written))}})
    if found := [*found, *(_spoken(language, one) for language, one in match.translations)]:
        must.append({"bool": {"should": found, "minimum_should_match": 1}})
    return {"bool": {"must": must, "should": [_scored(each) for each in raising(match)]}}


def _spoken(language: str, match: Match) -> Clause:
    """The words of a translation, in listings that speak its language."""
    return {"bool": {"must": [matching(match)], "filter": {"term": {"language": language}}}}


def condition(asked: Condition) -> Clause:
    """A condition, which listings meet or not."""
    match asked:
        case OneOf(field, values):
            return {"terms": {field: list(values)}}
        case Between(field, low, high):
            bounds = {name: value for name, value in (("gte", low), ("lte", high)) if value is not None}
            return {"range": {field: bounds}}


def found(answer: Mapping[str, Any], wanted: Wanted) -> Found:
    """What Elasticsearch answered, in our words."""
    hits = answer["hits"]
    rows = tuple(_row(hit) for hit in hits["hits"])
    facets = {facet: _buckets(answer["aggregations"][facet]["counts"]["buckets"]) for facet in wanted.facets}
    return Found(hits["total"]["value"], rows, facets)


def _row(hit: Mapping[str, Any]) -> Row:
    kept = hit.get("_source", {})
    place = json.dumps(hit["sort"])
    return Row(hit["_id"], hit["_score"] or 0.0, place, kept.get("title_text", ""), kept.get("body_text", ""))


def _buckets(buckets: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    return {bucket["key"]: bucket["doc_count"] for bucket in buckets}


def _sort(wanted: Wanted) -> list[Clause]:
    """Of the same score the newer version first, so that a page can begin after a given listing."""
    if wanted.sort == "relevance":
        return [{"_score": "desc"}, {"version": "desc"}]
    order = ORDERS[wanted.sort]
    return [{order.field: "desc" if order.descending else "asc"}]


def _after(wanted: Wanted) -> list[Any]:
    """Where to begin; at the beginning when the place is not one of this order."""
    try:
        place = json.loads(wanted.after or "[]")
    except ValueError:
        return []
    fits = isinstance(place, list) and len(place) == len(_sort(wanted))
    return place if fits and all(isinstance(value, int | float) for value in place) else []


def _counting(facet: str, counted: Mapping[str, tuple[Condition, ...]], wanted: Wanted) -> Clause:
    others = (each for name, conditions in counted.items() if name != facet for each in conditions)
    return {"filter": _all(others), "aggs": {"counts": _counts(facet, wanted)}}


def _counts(facet: str, wanted: Wanted) -> Clause:
    if facet != "updated":
        return {"terms": {"field": facet, "size": MOST_CODES}}
    return {
        "range": {"field": facet, "ranges": [{"key": name, "from": at} for name, at in wanted.since.items()]}
    }


def _all(conditions: Iterable[Condition]) -> Clause:
    return {"bool": {"filter": [condition(each) for each in conditions]}}


def _scored(scored: Scored) -> Clause:
    return {"term": {scored.field: {"value": scored.text, "boost": scored.boost}}}


def _near(match: Match) -> Clause:
    asked = {"value": match.near, "fuzziness": match.distance, "max_expansions": MOST_EXPANSIONS}
    return {"bool": {"should": [{"fuzzy": {field: asked}} for field in (BODY.name, SPELLING.name)]}}
