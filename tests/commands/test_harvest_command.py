"""`giao sync harvest`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.commands.conftest import Giao
from tests.support.clock import HandMovedClock
from tests.support.repository import Repository, repository
from tests.sync.harvesting import NODE, Reading, entry


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
    assert giao("sync", "harvest").output == f"{NODE}: 10 shown, 0 held; 0 new, 0 changed, 0 gone\n"
    there.entries = []
    alarmed = giao("sync", "harvest")
    assert alarmed.exit_code == 1
    assert "lacks suspiciously much" in alarmed.output
    assert giao("sync", "harvest", "nobody").exit_code == 1
