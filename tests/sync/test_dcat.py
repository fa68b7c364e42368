"""Catalogues in DCAT go the way of those of OAI-PMH: the same tables, the same rules of what is believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from marketplace.harvesting import READ_OF_DCAT
from marketplace.models.exchanges import Replica
from marketplace.runtime import Runtime
from marketplace.services import catalogue as listings
from marketplace.services.sync import sources, verifying
from marketplace.work import begin, look
from search.query import Query
from tests.support.catalogue import CONTEXT, HOME, Catalogue, catalogue, page, written
from tests.support.clock import HandMovedClock
from tests.support.exchanges import opened
from tests.support.network import national_settings
from tests.support.repository import Entry
from tests.sync.harvesting import DAY, NODE, OPERATOR, Reading, entry

UNCHANGED = {"new": 0, "changed": 0, "gone": 0, "lost": 0, "whole": True, "incremental": False}


def data_set(number: int) -> Entry:
    return entry(
        number, more=(("identifier", f"doi:10.1234/{number}"), ("license", "https://cc.example/by/4.0"))
    )


@pytest.fixture
def served() -> Iterator[Catalogue]:
    """Ten data sets, three on a page."""
    with catalogue(*(data_set(number) for number in range(1, 11)), size=3) as serving:
        yield serving


@pytest.fixture
def entered(reader: Runtime, served: Catalogue, clock: HandMovedClock) -> Reading:
    made = Reading(reader, served, clock)
    made.enter(way="dcat")
    return made


def test_a_catalogue_in_dcat_is_read_page_by_page(reading: Reading) -> None:
    assert reading.standing().last == UNCHANGED | {"new": 10}
    assert [one.get("page") for one in reading.there.asked] == [None, "3", "6", "9"]
    reading.settle()
    with look(reading.national) as work:
        found = listings.search(work, Query(text="máy số 7", kinds=("offer",)))
    listing = next(one.listing for one in found.findings if one.listing.content.title == "Máy số 7")
    assert listing.source["url"] == f"{HOME}oai:cu:7/xem"
    assert listing.source["rights"] == ["https://cc.example/by/4.0"]
    with look(reading.national) as work:
        assert [one for one in verifying.findings(work) if not one.well] == []


def test_a_catalogue_in_turtle_is_read_and_says_the_same_as_in_json_ld(reading: Reading) -> None:
    """A catalogue may serve another form from one day to the next: no record is another for it."""
    before = reading.shown()
    written = (
        f'<{HOME}{one.identifier}> a dcat:Dataset ; dct:title "{one.title}"@vi ; dct:description "{one.description}" ;'
        f' dct:identifier "{one.more[0][1]}" ; dct:license <{one.more[1][1]}> ;'
        f" dcat:landingPage <{HOME}{one.identifier}/xem> .\n"
        for one in reading.there.entries
    )
    opens = "".join(f"@prefix {name}: <{there}> .\n" for name, there in CONTEXT.items())
    reading.there.instead = (200, (opens + "".join(written)).encode())
    assert reading.run().last == UNCHANGED
    assert reading.shown() == before


def test_a_second_pass_that_says_the_same_changes_nothing(reading: Reading) -> None:
    reading.there.entries = [replace(one, datestamp="2026-11-20T00:00:00Z") for one in reading.there.entries]
    assert reading.run().last == UNCHANGED
    reading.there.entries[2] = replace(reading.there.entries[2], title="Máy số ba")
    assert reading.run().last == UNCHANGED | {"changed": 1}


def test_data_sets_without_a_date_are_not_written_anew_each_night(entered: Reading) -> None:
    entered.there.entries = [replace(one, datestamp="") for one in entered.there.entries]
    entered.approve()
    standing = entered.run()
    assert (standing.records, standing.held) == (10, 0)
    assert entered.run().last == UNCHANGED


def test_every_pass_reads_the_whole_list(reading: Reading) -> None:
    reading.run()
    assert [one.get("page") for one in reading.there.asked].count(None) == 2
    assert reading.source().since == ""


def test_a_missing_data_set_is_archived_after_two_passes_and_seven_days(reading: Reading) -> None:
    missing = reading.there.entries.pop(4)
    for _ in range(7):
        reading.run(DAY)
        assert missing.title in reading.shown()
    reading.run(DAY)
    assert missing.title not in reading.shown()


@pytest.mark.parametrize("empty", [page([]), b"", b"[]", b"<html/>", written({"@type": "dcat:DataService"})])
def test_c20_an_empty_answer_with_200_archives_nothing(reading: Reading, empty: bytes) -> None:
    reading.there.instead = (200, empty)
    for _ in range(10):
        standing = reading.run()
        assert standing.records == 10
        assert standing.alarms[0] == ("suspicious_zero" if empty == page([]) else "refused")
    reading.there.instead = None
    assert reading.run().alarms == ()


def test_c21_a_catalogue_that_changes_all_its_ids_doubles_and_loses_nothing(reading: Reading) -> None:
    before = reading.shown()
    reading.there.renamed("oai:cu:", "oai:moi:")
    standing = reading.run()
    assert (standing.alarms, standing.waiting) == (("ids_changed",), 10)
    assert reading.decide("relink").alarms == ()
    assert reading.shown() == before


def test_c22_a_pass_that_was_cut_off_goes_on_with_the_page_it_was_at(entered: Reading) -> None:
    entered.approve()
    healthy = entered.there.answer
    entered.there.answer = lambda path: (503, b"") if "page=6" in path else healthy(path)  # type: ignore[method-assign]
    standing = entered.run()
    assert (standing.alarms, standing.under_way, standing.records) == (("unreachable",), True, 6)
    entered.there.answer = healthy  # type: ignore[method-assign]
    before = len(entered.there.asked)
    assert entered.run().records == 10
    assert [one["page"] for one in entered.there.asked[before:]] == ["6", "9"]


def test_a9_a_catalogue_that_leads_to_another_host_is_refused(entered: Reading, served: Catalogue) -> None:
    entered.approve()
    served.following = "http://169.254.169.254/latest/meta-data"
    standing = entered.run()
    assert standing.alarms == ("refused",)
    assert "another host" in standing.detail
    assert len(served.asked) == 1


def test_a9_without_peer_loopback_nothing_on_this_machine_is_read(
    tmp_path: Path, served: Catalogue, clock: HandMovedClock
) -> None:
    with opened(national_settings(tmp_path / "strict"), clock) as strict:
        made = Reading(strict, served, clock)
        made.enter(way="dcat")
        made.approve()
        standing = made.run()
    assert (standing.alarms, served.asked) == (("refused",), [])


def test_a9_no_context_is_ever_fetched(entered: Reading, served: Catalogue) -> None:
    """Not even one that stands beside the catalogue."""
    entered.approve()
    served.instead = (200, written(context=[f"{served.url}?context=1", f"{served.url}?context=2"]))
    assert "is not fetched" in entered.run().detail
    assert served.asked == [{}]


@pytest.mark.parametrize(
    "raw", [json.dumps({"@graph": 1})[:-1].encode(), b"[" * 100_000, b"[" + b"1," * 600_000 + b"1]"]
)
def test_a10_hostile_json_becomes_an_alarm(entered: Reading, raw: bytes) -> None:
    entered.approve()
    entered.there.instead = (200, raw)
    standing = entered.run()
    assert (standing.alarms, standing.records) == (("refused",), 0)
    assert standing.detail


def test_a_catalogue_is_asked_for_json_ld(reading: Reading) -> None:
    assert set(reading.there.accepted) == {READ_OF_DCAT}


def test_a_paused_catalogue_keeps_what_it_has(reading: Reading) -> None:
    with begin(reading.national) as work:
        sources.pause(work, OPERATOR, NODE)
    with look(reading.national) as work:
        assert work.session.get_one(Replica, reading.shown()["Máy số 1"]).origin == NODE
