"""DCAT in RDF/XML: the same record as in JSON-LD, and nothing a document could do with XML is done."""

from __future__ import annotations

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange import dublin_core
from exchange.canonical import canonical
from exchange.dcat_pages import read_catalogue
from exchange.markup import DEEPEST, MOST_BYTES
from exchange.oai_pages import Harvest, Page
from exchange.problems import Refused
from exchange.rdfxml import is_xml
from tests.exchange.making import refusal_of_catalogue
from tests.support.catalogue import CONTEXT, written

URL = "https://dulieu.example/catalog.rdf"
OPENS = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    + " ".join(f'xmlns:{name}="{CONTEXT[name]}"' for name in ("dcat", "dct"))
    + ' xmlns:foaf="http://xmlns.com/foaf/0.1/" xmlns:hydra="http://www.w3.org/ns/hydra/core#">'
)
DRIER = """
<dcat:Dataset rdf:about="dataset/1">
  <dct:title xml:lang="vi">Máy sấy</dct:title>
  <dct:description xml:lang="vi">Sấy ở nhiệt độ thấp</dct:description>
  <dct:issued rdf:datatype="http://www.w3.org/2001/XMLSchema#date">2026-03-01</dct:issued>
  <dct:publisher><foaf:Agent foaf:name="Viện Cơ điện"/></dct:publisher>
  <dcat:landingPage rdf:resource="https://dulieu.example/may-say"/>
  <dcat:distribution rdf:nodeID="d1"/>
</dcat:Dataset>
<dcat:Distribution rdf:nodeID="d1"><dct:license rdf:resource="https://licence.example/by"/></dcat:Distribution>
"""
SAME = (
    {
        "@id": "https://dulieu.example/dataset/1", "@type": "dcat:Dataset",
        "dct:title": {"@value": "Máy sấy", "@language": "vi"},
        "dct:description": {"@value": "Sấy ở nhiệt độ thấp", "@language": "vi"},
        "dct:issued": "2026-03-01", "dct:publisher": {"@type": "foaf:Agent", "foaf:name": "Viện Cơ điện"},
        "dcat:landingPage": {"@id": "https://dulieu.example/may-say"},
        "dcat:distribution": {"@id": "_:d1", "@type": "dcat:Distribution",
                              "dct:license": {"@id": "https://licence.example/by"}},
    },
)  # fmt: skip


def page(inside: str) -> Page:
    return read_catalogue(f"<?xml version='1.0'?>{OPENS}{inside}</rdf:RDF>".encode(), URL)


def one(inside: str) -> Harvest:
    (found,) = page(inside).records
    return found


refusal = partial(refusal_of_catalogue, url=URL)


def test_a_data_set_says_the_same_as_in_json_ld() -> None:
    (expected,) = read_catalogue(written(*SAME, context=CONTEXT), URL).records
    assert one(DRIER) == expected


@pytest.mark.parametrize(
    "inside",
    [
        '<rdf:Description rdf:about="/dataset/1" dct:title="Máy sấy">'
        '<rdf:type rdf:resource="http://www.w3.org/ns/dcat#Dataset"/></rdf:Description>',
        '<dcat:Catalog><dcat:dataset><dcat:Dataset rdf:about="/dataset/1"><dct:title>Máy sấy</dct:title>'
        "</dcat:Dataset></dcat:dataset></dcat:Catalog>",
        '<dcat:Catalog xml:base="https://dulieu.example/"><dcat:dataset rdf:resource="dataset/1"/></dcat:Catalog>'
        '<dcat:Dataset rdf:about="https://dulieu.example/dataset/1"><dct:title> Máy sấy\n</dct:title></dcat:Dataset>',
        '<dcat:Dataset rdf:about="/dataset/1"><dct:title rdf:parseType="Literal">Máy <b>sấy</b></dct:title>'
        '<dcat:contactPoint rdf:parseType="Resource"><foaf:name>Lan</foaf:name></dcat:contactPoint></dcat:Dataset>',
    ],
    ids=["description", "nested", "base", "parse types"],
)
def test_the_shapes_in_which_it_is_written_say_the_same(inside: str) -> None:
    found = one(inside)
    assert found.identifier == "https://dulieu.example/dataset/1"
    assert [said.text for said in found.said if said.name == "title"] == ["Máy sấy"]


def test_the_list_goes_on_where_it_says_and_never_on_another_host() -> None:
    view = '<hydra:PartialCollectionView rdf:about="?page=1"><hydra:next rdf:resource="{}"/></hydra:PartialCollectionView>'
    assert page(DRIER + view.format("?page=2")).token == "https://dulieu.example/catalog.rdf?page=2"
    with pytest.raises(Refused):
        page(DRIER + view.format("https://evil.example/catalog.rdf?page=2"))


def test_a10_entities_document_types_depth_and_bytes_are_refused() -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><r>&b;</r>'
    outside = b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r>&a;</r>'
    assert "document type" in refusal(bomb)[1]
    assert "document type" in refusal(outside)[1]
    deep = "<dct:a>" * DEEPEST + "</dct:a>" * DEEPEST
    assert "deeper" in refusal(f"{OPENS}{deep}</rdf:RDF>".encode())[1]
    assert refusal(b"<r>" + b" " * MOST_BYTES + b"</r>")[0] == "too_large"
    assert "neither a dcat:Catalog nor a dcat:Dataset" in refusal(b"<html><body>Xin cho</body></html>")[1]


@given(st.lists(st.sampled_from([
    "<dcat:Dataset rdf:about='1'>", "</dcat:Dataset>", "<dct:title>", "</dct:title>", "Máy", "<rdf:li/>", "\ud7ff",
    "<dct:title rdf:resource='//['/>", "<dcat:dataset rdf:nodeID='a' dct:title='b'/>", "<rdf:type rdf:resource='x'/>",
    "<dcat:Dataset xml:base='http://[' rdf:ID='é'/>", "<dcat:Dataset xml:lang='' rdf:nodeID='a'/>",
])))  # fmt: skip
def test_a10_whatever_stands_there_is_a_record_or_refused(parts: list[str]) -> None:
    try:
        found = page("".join(parts)).records
    except Refused as refused:
        found, code = (), refused.problem.code
    else:
        code = ""
    assert code in ("", "malformed", "too_large")
    bodies = [canonical(dublin_core.body(record, kind="offer", owner="Danh mục")) for record in found]
    assert all(json.loads(body)["content"]["kind"] == "offer" for body in bodies)


def test_xml_is_told_by_its_first_letter() -> None:
    assert is_xml(b"\xef\xbb\xbf \n<rdf:RDF/>")
    assert not is_xml(b'{"@id": "<"}')
