"""DCAT in Turtle: the same record as in JSON-LD, and nothing a document could do is done."""

from __future__ import annotations

import json
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exchange import dublin_core
from exchange.canonical import canonical
from exchange.dcat_pages import read_catalogue
from exchange.jsonld import DEEPEST, MOST_BYTES, MOST_VALUES
from exchange.oai_pages import Harvest, Page
from exchange.problems import Refused
from exchange.turtle import is_turtle
from tests.exchange.making import refusal_of_catalogue
from tests.exchange.test_rdfxml import SAME
from tests.support.catalogue import CONTEXT, written

URL = "https://dulieu.example/catalog.ttl"
OPENS = "".join(
    f"@prefix {name}: <{there}> .\n"
    for name, there in {**CONTEXT, "foaf": "http://xmlns.com/foaf/0.1/"}.items()
)
DRIER = """
<dataset/1> a dcat:Dataset ;
  dct:title "Máy sấy"@vi ; dct:description \"""Sấy ở nhiệt độ thấp\"""@vi ;
  dct:issued "2026-03-01"^^<http://www.w3.org/2001/XMLSchema#date> ;
  dct:publisher [ a foaf:Agent ; foaf:name "Viện Cơ điện" ] ;
  dcat:landingPage <https://dulieu.example/may-say> ; dcat:distribution _:d1 .
_:d1 a dcat:Distribution ; dct:license <https://licence.example/by> .
"""
TRIPLES = (
    f"<https://dulieu.example/dataset/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{CONTEXT['dcat']}Dataset> .\n"
    f'<https://dulieu.example/dataset/1> <{CONTEXT["dct"]}title> "M\\u00E1y s\\u1EA5y" .\n'
)
BASED = f"""# danh mục
BASE <https://dulieu.example/>
PREFIX dcat: <{CONTEXT["dcat"]}>
PREFIX t: <{CONTEXT["dct"]}>
[] a dcat:Catalog ; dcat:dataset <dataset/1> .
<dataset/1> a dcat:Dataset ; t:title 'Máy sấy' .
"""


def page(inside: str) -> Page:
    return read_catalogue((OPENS + inside).encode(), URL)


def one(inside: str) -> Harvest:
    (found,) = page(inside).records
    return found


refusal = partial(refusal_of_catalogue, url=URL)


def test_a_data_set_says_the_same_as_in_json_ld() -> None:
    (expected,) = read_catalogue(written(*SAME, context=CONTEXT), URL).records
    assert one(DRIER) == expected


@pytest.mark.parametrize("document", [TRIPLES, BASED, f"\ufeff{BASED}"], ids=["n-triples", "base", "mark"])
def test_the_shapes_in_which_it_is_written_say_the_same(document: str) -> None:
    (found,) = read_catalogue(document.encode(), URL).records
    assert found.identifier == "https://dulieu.example/dataset/1"
    assert [said.text for said in found.said if said.name == "title"] == ["Máy sấy"]


def test_the_list_goes_on_where_it_says_and_never_on_another_host() -> None:
    view = "<?page=1> a hydra:PartialCollectionView ; hydra:next <{}> ."
    assert page(DRIER + view.format("?page=2")).token == "https://dulieu.example/catalog.ttl?page=2"
    with pytest.raises(Refused):
        page(DRIER + view.format("https://evil.example/catalog.ttl?page=2"))


def test_one_bad_address_stops_no_other_data_set() -> None:
    bad = '<dataset/2> a dcat:Dataset ; dct:title "Hai" ; dcat:landingPage <https://x.example/a b>, <http://[> .'
    assert [said.identifier.rpartition("/")[2] for said in page(DRIER + bad).records] == ["1", "2"]


@pytest.mark.parametrize("opening", ["[ dct:a ", "( ", '"""]]]""", ( ', "<x]>, [ dct:a ", "# ]\n( "])
def test_a10_depth_bytes_and_values_are_bounded(opening: str) -> None:
    deep = OPENS + "<> dct:title " + opening * (DEEPEST + 1)
    assert "deeper" in refusal(deep.encode())[1]
    assert refusal(OPENS.encode() + b"#" * MOST_BYTES)[0] == "too_large"


def test_a10_more_statements_than_any_catalogue_has_are_refused() -> None:
    assert refusal((OPENS + "<> dct:title " + "1," * (MOST_VALUES + 1) + "1 .").encode())[0] == "too_large"


def test_many_brackets_that_close_are_not_deep() -> None:
    assert one(DRIER + "<dataset/1> dct:creator " + ",".join(["[ dct:title '((' ]"] * DEEPEST * 2) + " .")


@pytest.mark.parametrize(
    "raw", ["", "<dataset/1> a", "@prefix x: <y>", '<> <p:> "\\uD800" .', "<> a dcat:x ."]
)
def test_what_is_no_turtle_is_refused_with_where(raw: str) -> None:
    assert refusal(raw.encode())[0] == "malformed"


@given(st.lists(st.sampled_from([
    "<dataset/1>", "a", "dcat:Dataset", ";", ",", ".", "dct:title", '"Máy"', "'''", '"""', "[", "]", "(", ")", "<//[>",
    "_:a", "dcat:dataset", "@vi", "@base <http://[> .", "<< _:a a _:b >>", "{", '"\\u0000"', "<é>", "hydra:next", "1e9",
    "dct:modified '9999-12-31'", "\n#", "dct:publisher [ a foaf:Agent ]", "dcat:landingPage", "~", "{|", "|}",
])))  # fmt: skip
@example(["<dataset/1>", "a", "dcat:Dataset", ";", "dct:title", '"\\u0000"', "."])
def test_a10_whatever_stands_there_is_a_record_or_refused(parts: list[str]) -> None:
    assert all_readable((OPENS + " ".join(parts)).encode())


@given(st.binary(), st.binary())
def test_a10_any_bytes_are_a_record_or_refused(before: bytes, after: bytes) -> None:
    assert all_readable(before + OPENS.encode() + DRIER.encode() + after)


def all_readable(raw: bytes) -> bool:
    try:
        found = read_catalogue(raw, URL).records
    except Refused as refused:
        return refused.problem.code in ("malformed", "too_large")
    bodies = [canonical(dublin_core.body(record, kind="offer", owner="Danh mục")) for record in found]
    return all(json.loads(body)["content"]["kind"] == "offer" for body in bodies)


def test_turtle_is_told_by_how_it_begins() -> None:
    for raw in (
        DRIER,
        BASED,
        TRIPLES,
        "<> a <x> .",
        "@prefix : <y> .",
        "<#c> a <x> .",
        " _:b0 <p:> 1 .",
        "[] a <x> .",
        "[ ] <p:> 1 .",
        "[ a <x> ] <p:> 1 .",
    ):
        assert is_turtle(raw.encode())
    for raw in (
        "<rdf:RDF xmlns:rdf='x'/>",
        "<?xml version='1.0'?>",
        "<!DOCTYPE html>",
        "<html>",
        '{"@id": "<>"}',
        "[]",
        "[ ]\n",
        "[1]",
        '["a "]',
        '[{"a": 1}]',
        "-- x",
    ):
        assert not is_turtle(raw.encode())
