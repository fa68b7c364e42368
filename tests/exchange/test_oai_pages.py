"""Pages of OAI-PMH, and Dublin Core as records of ours, whatever somebody else has written there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange import dublin_core
from exchange.canonical import canonical
from exchange.markup import DEEPEST, MOST_ELEMENTS, read_xml
from exchange.oai_identity import read_identity
from exchange.oai_pages import Harvest, Said, question, read_page
from exchange.problems import Refused
from tests.support.repository import DAYS, SECONDS, Entry, answered, error, identity, listed
from vocabulary.links import web_address
from vocabulary.listing import DESCRIPTION_LIMIT, TITLE_LIMIT
from vocabulary.text import clean

ENTITIES = "".join(f'<!ENTITY b{n} "&b{n - 1};&b{n - 1};&b{n - 1};&b{n - 1};">' for n in range(1, 16))
LAUGHS = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY b0 "ha">{ENTITIES}]><r>&b15;</r>'
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>'
FOREIGN_TYPE = '<?xml version="1.0"?><!DOCTYPE r SYSTEM "http://169.254.169.254/r.dtd"><r/>'
PARAMETER = '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1/p"> %p;]><r/>'


def harvest(*said: tuple[str, str]) -> Harvest:
    return Harvest("oai:x:1", "2026-11-01", said=tuple(Said(*one) for one in said))


def body(*said: tuple[str, str]) -> dict[str, Any]:
    return dublin_core.body(harvest(*said), kind="offer", owner="Danh mục")


@pytest.mark.parametrize("document", [LAUGHS, EXTERNAL, FOREIGN_TYPE, PARAMETER])
def test_a10_documents_with_types_or_entities_of_their_own_are_refused(document: str) -> None:
    with pytest.raises(Refused, match=r"which (is|are) not read here"):
        read_xml(document.encode())


def test_a10_an_entity_nobody_has_defined_is_refused() -> None:
    with pytest.raises(Refused, match="not XML"):
        read_xml(b"<r>&passwd;</r>")


def test_a10_a_document_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(Refused, match="more than 20 bytes"):
        read_xml(b"<r>" + b" " * 20 + b"</r>", most=20)


def test_a10_depth_and_number_of_elements_are_bounded() -> None:
    with pytest.raises(Refused, match="deeper than"):
        read_xml(b"<a>" * (DEEPEST + 1))
    with pytest.raises(Refused, match=r"more than \d+ elements"):
        read_xml(b"<r>" + b"<a/>" * MOST_ELEMENTS + b"</r>")


@pytest.mark.parametrize(
    "raw", [b"", b"<html><body>502</body></html>", b'{"a": 1}', "<r/>".encode("utf-16"), b"\xff"]
)
def test_what_is_no_answer_to_a_list_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused):
        read_page(raw)


def test_a_page_holds_its_records_and_where_it_goes_on() -> None:
    entries = [Entry("oai:x:1", "Máy sấy", more=(("creator", "Lê Thu"),)), Entry("oai:x:2", "", deleted=True)]
    page = read_page(listed(entries, "next"))
    first, second = page.records
    assert (first.identifier, first.datestamp, first.deleted) == ("oai:x:1", "2026-11-01T00:00:00Z", False)
    assert Said("creator", "Lê Thu") in first.said
    assert second.deleted
    assert (page.token, page.error, page.unreadable) == ("next", "", 0)


@pytest.mark.parametrize(
    ("granularity", "deletions", "tells"),
    [(SECONDS, "persistent", True), (DAYS, "transient", True), (DAYS, "no", False), ("YYYY", "persistent", False),
     (SECONDS, "sometimes", False), ("", "", False)],
)  # fmt: skip
def test_what_a_source_says_of_itself(granularity: str, deletions: str, *, tells: bool) -> None:
    assert read_identity(identity(granularity, deletions)).tells_deletions is tells


@pytest.mark.parametrize("raw", [b"", b"<html/>", LAUGHS.encode(), error("badVerb"), listed([])])
def test_what_is_no_answer_to_identify_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused):
        read_identity(raw)


def test_a_page_says_when_it_was_answered_by_the_clock_of_the_source() -> None:
    assert read_page(listed([], now="2026-11-30T07:00:00Z")).answered == "2026-11-30T07:00:00Z"
    assert read_page(error("noRecordsMatch", "2026-11-30T07:00:00Z")).answered == "2026-11-30T07:00:00Z"


@pytest.mark.parametrize("code", ["noRecordsMatch", "badResumptionToken", "badArgument"])
def test_an_error_the_source_names_is_something_it_says(code: str) -> None:
    assert read_page(error(code)).error == code


def test_a_record_without_a_readable_header_is_counted_and_stops_no_other() -> None:
    bad = "<record/><record><header><identifier>oai:x:9</identifier><datestamp>yesterday</datestamp></header></record>"
    page = read_page(answered(f"<ListRecords>{bad}{Entry('oai:x:1', 'Máy sấy').written()}</ListRecords>"))
    assert ([one.identifier for one in page.records], page.unreadable) == (["oai:x:1"], 2)


def test_a_page_is_asked_for_by_its_token_alone() -> None:
    assert question("https://r/oai", chosen="a b", since="2026-01-01") == (
        "https://r/oai?verb=ListRecords&metadataPrefix=oai_dc&set=a+b&from=2026-01-01"
    )
    assert question("https://r/oai", chosen="a", token="x&y") == (
        "https://r/oai?verb=ListRecords&resumptionToken=x%26y"
    )


def test_dublin_core_says_what_a_listing_says_as_far_as_it_can() -> None:
    made = body(
        ("title", "Quy trình sấy lạnh"), ("description", "<p>Sấy ở 40&nbsp;°C &amp; giữ màu; p < 0.05</p>"),
        ("publisher", "Viện Cơ điện"), ("creator", "Lê Thu"), ("date", "2025"), ("language", "vie"),
        ("identifier", "doi:10.1234/abc"), ("identifier", "https://repo.example/1"),
    )  # fmt: skip
    content = made["content"]
    assert (content["kind"], content["language"]) == ("offer", "vi")
    assert content["texts"] == {
        "vi": {
            "title": "Quy trình sấy lạnh",
            "description": "Sấy ở 40 °C & giữ màu; p < 0.05\n\ndoi:10.1234/abc",
        }
    }
    assert made["organisation"]["name"] == "Viện Cơ điện"
    assert made["source"]["url"] == "https://repo.example/1"
    assert made["source"]["creators"] == ["Lê Thu"]
    assert made["updated_at"] == "2026-11-01T00:00:00+00:00"


def test_what_is_too_long_is_cut_and_a_missing_text_stays_missing() -> None:
    made = body(("title", "máy " * 200), ("description", "sấy " * 5_000))["content"]["texts"]["vi"]
    assert len(made["title"]) <= TITLE_LIMIT
    assert len(made["description"]) <= DESCRIPTION_LIMIT
    assert (
        "description"
        not in body(("title", "Máy"), ("identifier", "doi:10.1234/abc"))["content"]["texts"]["en"]
    )


@pytest.mark.parametrize(
    "said",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example",
     "http://bank.example@evil.example/", "https://", "http://a b/", 'https://x"onload=y', "https://[", "https://x:0/",
     "https://x\u202e.example/", "https://x:99999/"],
)  # fmt: skip
def test_a11_only_an_address_of_the_web_becomes_a_link(said: str) -> None:
    assert web_address(said) == ""
    assert body(("title", "Máy"), ("identifier", said))["source"]["url"] == ""


def test_hard_keys_join_a_number_or_an_author_and_date_with_the_title() -> None:
    one = dublin_core.hard_keys(harvest(("title", "Máy Sấy"), ("identifier", "https://doi.org/10.1234/A.b")))
    same = dublin_core.hard_keys(harvest(("title", "máy sấy!"), ("identifier", "doi:10.1234/a.B")))
    other = dublin_core.hard_keys(harvest(("title", "Máy xay"), ("identifier", "doi:10.1234/a.B")))
    assert one & same
    assert not one & other
    assert not dublin_core.hard_keys(harvest(("title", "Máy sấy")))
    dated = [("creator", "Lê Thu"), ("date", "2025")]
    assert dublin_core.hard_keys(harvest(("title", "Máy"), *dated))


def refusal_of(raw: bytes) -> str:
    """The code with which these bytes are refused; empty when they are a page, of records that have a name."""
    try:
        return "" if all(record.identifier for record in read_page(raw).records) else "nameless"
    except Refused as refused:
        return refused.problem.code


@given(st.binary(max_size=400))
def test_a10_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for hostile in (raw, answered("").replace(b"</OAI-PMH>", raw), b"<r>" + raw + b"</r>"):
        assert refusal_of(hostile) in ("", "malformed")


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)
NAMES = st.sampled_from(
    ["title", "description", "identifier", "date", "language", "creator", "publisher", "x", "relation"]
)


@given(st.lists(st.tuples(NAMES, WORDS), max_size=30), WORDS)
def test_a10_whatever_a_record_says_its_body_is_inside_the_profile(
    said: list[tuple[str, str]], owner: str
) -> None:
    record = harvest(*said)
    made = dublin_core.body(record, kind="demand", owner=owner)
    canonical(made)
    assert made["source"]["url"] == web_address(made["source"]["url"])
    dublin_core.hard_keys(record)


@given(st.lists(st.tuples(NAMES.filter("x".__ne__), WORDS), max_size=10))
def test_what_is_written_is_read_again(said: list[tuple[str, str]]) -> None:
    entry = Entry("oai:x:1", "", description="", more=tuple(said))
    (record,) = read_page(listed([entry])).records
    assert [one.name for one in record.said] == [name for name, text in said if clean(text)]
