"""Pages of DCAT in the shapes in which catalogues serve them, whatever somebody else has written there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange import dublin_core
from exchange.canonical import canonical
from exchange.dcat_pages import read_catalogue
from exchange.jsonld import DEEPEST, MOST_BYTES, MOST_VALUES
from exchange.oai_pages import Harvest
from exchange.problems import Refused
from tests.exchange.making import refusal_of_catalogue
from tests.support.catalogue import CONTEXT, page, written
from tests.support.repository import Entry
from vocabulary.links import web_address

URL = "https://dulieu.example/catalog.jsonld"
DCT, DCAT = CONTEXT["dct"], CONTEXT["dcat"]
AP = "https://semiceu.github.io/DCAT-AP/releases/3.0.0/context/dcat-ap.jsonld"


def record(*nodes: dict[str, Any], context: Any = CONTEXT) -> Harvest:
    """The one data set of a document."""
    (found,) = read_catalogue(written(*nodes, context=context), URL).records
    return found


def body(*nodes: dict[str, Any], context: Any = CONTEXT) -> dict[str, Any]:
    return dublin_core.body(record(*nodes, context=context), kind="offer", owner="Danh mục")


def said(of: Harvest, name: str) -> list[str]:
    return [one.text for one in of.said if one.name == name]


def refusal(raw: bytes) -> str:
    return refusal_of_catalogue(raw, URL)[1]


def read_or_refused(raw: bytes) -> tuple[Harvest, ...] | str:
    """The records, else the code of the refusal."""
    try:
        return read_catalogue(raw, URL).records
    except Refused as refused:
        return refused.problem.code


def drier(**more: Any) -> dict[str, Any]:
    named = {"@id": "https://dulieu.example/dataset/1", "@type": "dcat:Dataset", "dct:title": "Máy sấy"}
    return {**named, **{name.replace("_", ":"): value for name, value in more.items()}}


# -- shapes -----------------------------------------------------------------------------------------------------------

COMPACT = {
    "@context": CONTEXT,
    "@graph": [
        {"@id": "https://x.example/", "@type": "dcat:Catalog", "dcat:dataset": {"@id": "https://x.example/1"}},
        {"@id": "https://x.example/1", "@type": ["dcat:Dataset"], "dct:title": {"@language": "vi", "@value": "Máy sấy"},
         "dct:publisher": {"@id": "_:p"}},
        {"@id": "_:p", "http://xmlns.com/foaf/0.1/name": "Viện Cơ điện"},
    ],
}  # fmt: skip
EXPANDED = [
    {"@id": "https://x.example/1", "@type": [f"{DCAT}Dataset"], f"{DCT}title": [{"@value": "Máy sấy", "@language": "vi"}],
     f"{DCT}publisher": [{"@id": "https://x.example/p"}]},
    {"@id": "https://x.example/p", "http://xmlns.com/foaf/0.1/name": [{"@value": "Viện Cơ điện"}]},
]  # fmt: skip
NESTED = {
    "@context": [AP, {"@base": "https://x.example/"}], "@type": "Catalog",
    "dataset": [{"@id": "1", "@type": "Dataset", "title": {"vi": "Máy sấy"}, "publisher": {"name": "Viện Cơ điện"}}],
}  # fmt: skip
OWN_WORDS = {
    "@context": {
        "t": {"@id": "dct:title", "@container": "@language"}, "tap": "dcat:Dataset", "ai": "dct:publisher",
        "ten": "foaf:name", "id": "@id", "loai": "@type", "dct": DCT,
    },
    "id": "https://x.example/1", "loai": "tap", "t": {"vi": ["Máy sấy"]}, "ai": {"ten": "Viện Cơ điện"},
}  # fmt: skip
VOCABULARY = {
    "@context": {"@vocab": DCT, "dcat": DCAT, "@language": "vi", "foaf": "http://xmlns.com/foaf/0.1/"},
    "@included": [{"@id": "https://x.example/p", "foaf:name": "Viện Cơ điện"}],
    "@id": "https://x.example/1", "@type": "dcat:Dataset", "title": "Máy sấy", "publisher": "https://x.example/p",
}  # fmt: skip


@pytest.mark.parametrize("document", [COMPACT, EXPANDED, NESTED, OWN_WORDS, VOCABULARY])
def test_a_data_set_is_read_in_every_common_shape(document: Any) -> None:
    (found,) = read_catalogue(b"\xef\xbb\xbf" + json.dumps(document).encode(), URL).records
    assert found.identifier == "https://x.example/1"
    made = dublin_core.body(found, kind="demand", owner="Danh mục")
    assert made["content"]["texts"] == {"vi": {"title": "Máy sấy"}}
    assert made["organisation"]["name"] == "Viện Cơ điện"


def test_what_dcat_says_is_what_a_listing_says_as_far_as_it_can() -> None:
    made = body(
        drier(
            dct_title=[
                {"@value": "Máy sấy", "@language": "vi"}, {"@value": "Drier", "@language": "en"},
                {"@value": "Trockner", "@language": "de-t-vi-t0-mtec"},
            ],
            dct_description=[{"@value": "<p>Sấy ở 40&nbsp;°C</p>", "@language": "vi"}],
            dct_identifier="abc-1", dct_creator={"foaf:name": "Lê Thu"}, dct_issued="2025-03-01",
            dct_modified="2026-11-02T10:00:00.123+07:00", dct_language={"@id": "http://x.example/language/ENG"},
            dcat_landingPage={"@id": "https://dulieu.example/xem/1"},
        )
    )  # fmt: skip
    assert made["content"]["language"] == "vi"
    assert made["content"]["texts"] == {
        "vi": {"title": "Máy sấy", "description": "Sấy ở 40 °C"},
        "en": {"title": "Drier"},
    }
    assert made["updated_at"] == "2026-11-02T03:00:00+00:00"
    assert made["source"] == {
        "identifier": "https://dulieu.example/dataset/1",
        "url": "https://dulieu.example/xem/1",
        "creators": ["Lê Thu"],
        "dates": ["2025-03-01"],
        "identifiers": ["https://dulieu.example/xem/1", "abc-1", "https://dulieu.example/dataset/1"],
    }


def test_the_language_of_words_that_name_none_is_what_the_data_set_says() -> None:
    english = drier(dct_title="Drier", dct_language={"@id": "http://publications.europa.eu/language/VIE"})
    assert body(english)["content"]["language"] == "vi"


def test_a_data_set_without_a_page_leads_to_its_own_address() -> None:
    assert body(drier())["source"]["url"] == "https://dulieu.example/dataset/1"
    hostile = drier(dcat_landingPage={"@id": "javascript:alert(1)"})
    assert body(hostile)["source"]["url"] == "https://dulieu.example/dataset/1"


def test_a_data_set_without_a_date_was_changed_when_it_was_met() -> None:
    for written_so in ("long ago", "0001-01-01T00:00:00+14:00", "2024"):
        assert record(drier(dct_modified=written_so)).datestamp == ""
    assert record(drier(dct_issued="2024-05-01")).datestamp == "2024-05-01T00:00:00Z"


def test_licences_are_kept_of_the_data_set_and_of_its_forms() -> None:
    found = record(
        drier(
            dct_rights={"rdfs:label": "Ghi nguồn"},
            dcat_distribution=[{"@id": "_:a"}, {"dct:license": {"@id": "https://cc.example/by"}}],
        ),
        {"@id": "_:a", "dct:license": {"@id": "https://x.example/l"}},
        {"@id": "https://x.example/l", "dct:title": "Giấy phép mở"},
    )
    assert said(found, "rights") == [
        "Ghi nguồn",
        "Giấy phép mở",
        "https://x.example/l",
        "https://cc.example/by",
    ]
    assert "rights" not in body(drier())["source"]


def test_an_address_is_no_name_of_a_publisher() -> None:
    assert body(drier(dct_publisher={"@id": "https://x.example/p"}))["organisation"]["name"] == "Danh mục"


def test_a_data_set_whose_name_does_not_last_goes_by_its_number() -> None:
    unnamed = {"@type": "dcat:Dataset", "dct:title": "Máy sấy"}
    assert record({**unnamed, "@id": "_:b1", "dct:identifier": "abc-1"}).identifier == "abc-1"
    read = read_catalogue(written(unnamed, drier()), URL)
    assert (len(read.records), read.unreadable) == (1, 1)


def test_other_identifiers_are_those_that_are_noted() -> None:
    noted = drier(**{"adms:identifier": {"skos:notation": "10.1234/abc"}})
    assert said(record(noted), "identifier")[0] == "10.1234/abc"


# -- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("following", "token"),
    [("https://dulieu.example/catalog.jsonld?page=2", "https://dulieu.example/catalog.jsonld?page=2"),
     ("http://dulieu.example:80/catalog.jsonld?page=2#x", "https://dulieu.example/catalog.jsonld?page=2"),
     ("?page=2", "https://dulieu.example/catalog.jsonld?page=2"), ("/p2", "https://dulieu.example/p2"), ("", "")],
)  # fmt: skip
@pytest.mark.parametrize("name", ["hydra:next", "hydra:nextPage"])
def test_the_list_goes_on_where_it_says_on_the_host_that_was_approved(
    name: str, following: str, token: str
) -> None:
    view: dict[str, Any] = {"@id": "#v", "@type": "hydra:PartialCollectionView"}
    for value in (following, {"@id": following}):
        said_so = {**view, name: value} if following else view
        assert read_catalogue(written(drier(), said_so), URL).token == token


@pytest.mark.parametrize(
    "following", ["https://evil.example/2", "http://169.254.169.254/latest", "//evil.example/2", "file:///etc/passwd",
                  "gopher://dulieu.example/2", "https://dulieu.example@evil.example/", "https://["],
)  # fmt: skip
def test_a9_the_list_never_leads_to_another_host(following: str) -> None:
    assert "another host" in refusal(page([Entry("1", "Máy")], following))


def test_a_page_that_leads_to_itself_has_no_end() -> None:
    assert "no end" in refusal(page([Entry("1", "Máy")], URL))


def test_a_page_without_a_data_set_is_the_last_but_proves_nothing() -> None:
    last = read_catalogue(page([], f"{URL}?page=9"), URL)
    assert (last.token, last.unreadable) == ("", 1)


def test_a_data_set_that_is_named_and_not_described_leaves_the_list_open() -> None:
    both = {
        "@type": "dcat:Catalog",
        "dcat:dataset": [{"@id": drier()["@id"]}, {"@id": "https://x.example/2"}],
    }
    assert read_catalogue(written(both, drier()), URL).unreadable == 1
    part = {"@id": "#v", "@type": "hydra:PagedCollection"}
    assert read_catalogue(written(both, drier(), part), URL).unreadable == 0


def test_an_empty_catalogue_is_one() -> None:
    assert read_catalogue(written({"@type": "dcat:Catalog"}), URL).records == ()


# -- what is refused --------------------------------------------------------------------------------------------------


def test_what_is_no_catalogue_is_told_with_what_is_missing() -> None:
    assert refusal(b"[]") == "the answer has neither a dcat:Catalog nor a dcat:Dataset"
    stranger = json.dumps({"@context": "https://schema.org/", "@type": "Dataset", "name": "Drier"}).encode()
    assert refusal(stranger).endswith("dcat:Dataset; its @context at https://schema.org/ is not fetched")
    bare = {"@type": "dcat:Catalog", "dcat:dataset": [{"@id": "https://x.example/1"}]}
    assert refusal(written(bare)) == "the catalogue names 1 data sets and describes none of them"


@pytest.mark.parametrize(
    "raw", [b"", b"<rdf:RDF/>", b"7", b'"x"', b"null", b'{"a": 1, "a": 2}', b"\xff", b'{"@graph": NaN}'],
)  # fmt: skip
def test_what_is_no_json_ld_is_refused(raw: bytes) -> None:
    assert refusal(raw)


def test_a10_bytes_depth_values_and_terms_are_bounded() -> None:
    assert "bytes" in refusal(b" " * (MOST_BYTES + 1))
    assert "deeper than" in refusal(b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2))
    assert "deeper than" in refusal(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
    assert "contexts deeper" in refusal(b'{"@context":' + b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2) + b"}")
    assert "values" in refusal(b"[" + b"1," * MOST_VALUES + b"1]")
    many = {f"t{n}": DCT for n in range(2_001)}
    assert "terms" in refusal(written(drier(), context=many))
    again = [{"@context": {"t": DCT}, "@id": f"_:{n}"} for n in range(400)]
    assert "too many" in refusal(written(*again, context=dict(list(many.items())[:2_000])))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=12)
    | st.sampled_from(["dcat:Dataset", "_:a", "https://x.example/1", "//[", "a:b", "vi"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(
            ["@id", "@type", "@value", "@language", "@list", "@set", "@graph", "@context", "@vocab", "@base", "@included",
             "dct:title", "dct:publisher", "dcat:dataset", "dcat:distribution", "hydra:next", "dct:modified", "vi", "dct"]
        ),
        inner, max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(VALUES)
def test_a10_whatever_stands_there_is_read_into_the_profile_or_refused(value: Any) -> None:
    raw = written(drier(dct_title=value), {"@id": "_:a", "x": value, "@type": "dcat:Dataset"})
    for document in (raw, json.dumps(value).encode()):
        found = read_or_refused(document)
        if isinstance(found, str):
            assert found == "malformed"
            continue
        for one in found:
            made = dublin_core.body(one, kind="offer", owner="")
            canonical(made)
            assert made["source"]["url"] == web_address(made["source"]["url"])
            dublin_core.hard_keys(one)


@given(st.binary(max_size=300))
def test_a10_any_bytes_are_read_or_refused(raw: bytes) -> None:
    assert read_or_refused(raw) in ("malformed", ())
