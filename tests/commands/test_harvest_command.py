"""`giao sync harvest`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from marketplace.models.sources import Source
from marketplace.services.sync import sources
from marketplace.work import begin
from tests.commands.conftest import Giao
from tests.support.clock import HandMovedClock
from tests.support.repository import Repository, repository
from tests.sync.harvesting import NODE, OPERATOR, Reading, entry


@pytest.fixture
def there() -> Iterator[Repository]:
    with repository(*(entry(number) for number in range(1, 11))) as made:
        yield made


def test_giao_sync_harvest_reads_at_once_and_says_how_it_went(giao: Giao, there: Repository) -> None:
    giao.settings |= {"ROLE": "national", "NODE_ID": "national", "PEER_LOOPBACK": "1"}
    with giao.runtime() as runtime:
        Reading(runtime, there, HandMovedClock()).enter()
    assert giao("sync", "harvest").output == "No source has been approved here.\n"
    refused = giao("sync", "harvest", NODE)
    assert (refused.exit_code, "not approved" in refused.output) == (1, True)
    with giao.runtime() as runtime:
        Reading(runtime, there, HandMovedClock()).approve()
    (told,) = giao.json("sync", "harvest", NODE)["sources"]
    assert (told["node_id"], told["records"], told["last"]["new"], told["alarms"]) == (NODE, 10, 10, [])
    assert (
        giao("sync", "harvest").output == f"{NODE}: 10 shown, 0 held; 0 new, 0 changed, 0 gone (whole list)\n"
    )
    there.entries = []
    alarmed = giao("sync", "harvest")
    assert alarmed.exit_code == 1
    assert "lacks suspiciously much" in alarmed.output
    assert giao("sync", "harvest", "nobody").exit_code == 1


def test_giao_sync_harvest_says_whether_only_changes_were_read(giao: Giao, there: Repository) -> None:
    there.deletions = "transient"
    giao.settings |= {"ROLE": "national", "NODE_ID": "national", "PEER_LOOPBACK": "1"}
    with giao.runtime() as runtime:
        reading = Reading(runtime, there, HandMovedClock())
        reading.enter()
        reading.approve()
    assert giao("sync", "harvest").output.endswith("10 new, 0 changed, 0 gone (whole list)\n")
    assert giao("sync", "harvest").output.endswith("0 new, 0 changed, 0 gone (only changes)\n")
    assert giao("sync", "status").output.endswith("0 new, 0 changed, 0 gone (only changes)\n")
    (told,) = giao.json("sync", "harvest")["sources"]
    assert told["last"]["incremental"] is True


@pytest.fixture
def harvested(giao: Giao, there: Repository) -> Giao:
    """A national exchange that has read a source once."""
    giao.settings |= {"ROLE": "national", "NODE_ID": "national", "PEER_LOOPBACK": "1"}
    with giao.runtime() as runtime:
        reading = Reading(runtime, there, HandMovedClock())
        reading.enter()
        reading.approve()
    assert giao("sync", "harvest").exit_code == 0
    return giao


def about_the_source(giao: Giao) -> str:
    """What the doctor says of it, with the mend below."""
    said = giao("doctor").stdout
    return (
        said.partition(f"source {NODE}: ")[0][-2:] + said.partition(f"source {NODE}: ")[2].partition("\n✓")[0]
    )


def test_giao_sync_status_tells_of_the_sources_too(harvested: Giao) -> None:
    told = harvested.json("sync", "status")
    assert told["exchanges"] == []
    (source,) = told["sources"]
    assert (source["node_id"], source["records"], source["last"]["new"]) == (NODE, 10, 10)
    said = harvested("sync", "status").output
    assert f"{NODE:24} active           10 shown     0 held  read to its end on 20" in said
    assert said.endswith(": 10 new, 0 changed, 0 gone (whole list)\n")


def test_the_doctor_finds_a_source_that_has_failed_for_long(harvested: Giao, there: Repository) -> None:
    assert about_the_source(harvested).startswith("✓ active, 10 shown, read to its end on 20")
    there.instead = (503, b"")
    assert harvested("sync", "harvest").exit_code == 1
    since_today = about_the_source(harvested)
    assert since_today.startswith("✓ ")
    assert "The catalogue cannot be reached" in since_today
    with harvested.runtime() as runtime, begin(runtime) as work:
        source = work.session.get_one(Source, NODE)
        source.passed_at = work.now - timedelta(days=3, minutes=1)
    for_long = about_the_source(harvested)
    assert for_long.startswith("✕ ")
    assert "No complete pass for more than three days" in for_long
    assert f"`giao sync harvest {NODE}`" in for_long


def test_the_doctor_finds_a_source_that_waits_for_a_decision_unless_it_is_paused(
    harvested: Giao, there: Repository
) -> None:
    there.entries = []
    harvested("sync", "harvest")
    said = about_the_source(harvested)
    assert said.startswith("✕ ")
    assert "Confirm on its page that the records are gone" in said
    with harvested.runtime() as runtime, begin(runtime) as work:
        sources.pause(work, OPERATOR, NODE)
    assert about_the_source(harvested).startswith("✓ suspended")
