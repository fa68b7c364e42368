"""Between two passes through the whole list only what has changed is asked for, and proves nothing of the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from exchange.passes import OVERLAP
from marketplace import harvesting
from marketplace.models.sources import Harvested
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import source_sheets
from marketplace.work import look
from tests.support.clock import HandMovedClock
from tests.support.exchanges import opened
from tests.support.network import national_settings
from tests.support.repository import DAYS, Repository, error, listed
from tests.sync.harvesting import DAY, NODE, Reading, entry

NOTHING = {"new": 0, "changed": 0, "gone": 0, "lost": 0, "whole": True}


@pytest.fixture
def telling(entered: Reading) -> Reading:
    """A source that says what is deleted; it was read once, wholly."""
    entered.there.deletions = "persistent"
    entered.approve()
    entered.run()
    return entered


def stamp(reading: Reading) -> str:
    return f"{reading.clock.now:%Y-%m-%dT%H:%M:%SZ}"


def change(reading: Reading, number: int, **said: object) -> None:
    """The source keeps another version of a record, stamped with the present."""
    kept = reading.there.entries[number - 1]
    reading.there.entries[number - 1] = replace(kept, datestamp=stamp(reading), **said)


def starts(reading: Reading) -> list[str | None]:
    """From where on each list was asked for that was begun; None for a whole one."""
    return [one.get("from") for one in reading.there.asked if "resumptionToken" not in one]


def run(reading: Reading) -> dict[str, object]:
    return dict(reading.run().last)


def test_the_day_after_a_whole_pass_only_changes_are_asked_for(telling: Reading) -> None:
    begun = telling.clock.now - DAY
    change(telling, 3, title="Máy số ba")
    telling.there.entries.append(entry(11, title="Máy mới"))
    telling.there.entries[-1] = replace(telling.there.entries[-1], datestamp=stamp(telling))
    before, shown = len(telling.there.asked), telling.shown()
    assert run(telling) == NOTHING | {"new": 1, "changed": 1, "incremental": True}
    assert starts(telling) == [None, f"{begun - OVERLAP:%Y-%m-%dT%H:%M:%SZ}"]
    assert len(telling.there.asked) == before + 1
    assert telling.shown()["Máy số ba"] == shown["Máy số 3"]
    assert len(telling.shown()) == 11
    assert telling.there.identified == 1


def test_each_incremental_pass_asks_from_where_the_one_before_began(telling: Reading) -> None:
    begun = telling.clock.now
    run(telling)
    run(telling)
    assert starts(telling)[-1] == f"{begun - OVERLAP:%Y-%m-%dT%H:%M:%SZ}"


def test_the_datestamp_is_by_the_clock_of_the_source_unless_that_is_ahead(telling: Reading) -> None:
    slow = telling.clock.now - timedelta(hours=5)
    telling.there.now = f"{slow:%Y-%m-%dT%H:%M:%SZ}"
    harvesting.harvest_source(telling.national, NODE)
    assert telling.source().since == f"{slow - OVERLAP:%Y-%m-%dT%H:%M:%SZ}"
    telling.there.now = "2099-01-01T00:00:00Z"
    harvesting.harvest_source(telling.national, NODE)
    assert telling.source().since == f"{telling.clock.now - OVERLAP:%Y-%m-%dT%H:%M:%SZ}"


def test_no_records_match_means_that_nothing_has_changed(telling: Reading) -> None:
    assert run(telling) == NOTHING | {"incremental": True}
    standing = telling.standing()
    assert (standing.alarms, standing.records) == ((), 10)


def test_a_source_of_whole_days_is_asked_by_the_day(entered: Reading) -> None:
    entered.there.deletions, entered.there.granularity = "persistent", DAYS
    entered.there.entries = [replace(one, datestamp=one.datestamp[:10]) for one in entered.there.entries]
    entered.approve()
    begun = entered.clock.now
    entered.run()
    assert run(entered)["incremental"] is True
    assert starts(entered) == [None, f"{begun - OVERLAP:%Y-%m-%d}"]


@pytest.mark.parametrize(
    ("granularity", "deletions"), [("", "persistent"), ("YYYY", "persistent"), (DAYS, "no"), (DAYS, "")]
)
def test_a_source_that_does_not_tell_what_is_deleted_is_always_read_whole(
    entered: Reading, granularity: str, deletions: str
) -> None:
    entered.there.granularity, entered.there.deletions = granularity, deletions
    entered.approve()
    for _ in range(3):
        assert entered.run().last["incremental"] is False
    assert starts(entered) == [None, None, None]


def test_a_source_that_cannot_be_asked_so_is_read_whole_at_once(telling: Reading) -> None:
    healthy = telling.there.answer

    def answer(path: str) -> tuple[int, bytes]:
        status, body = healthy(path)
        return (status, error("badArgument") if "from=" in path else body)

    telling.there.answer = answer  # type: ignore[method-assign]
    telling.there.entries.pop(4)
    assert run(telling) == NOTHING | {"lost": 1, "incremental": False}
    assert len(starts(telling)) == 3


def test_what_its_source_says_to_be_deleted_goes_with_an_incremental_pass(telling: Reading) -> None:
    change(telling, 4, deleted=True)
    assert run(telling) == NOTHING | {"lost": 1, "gone": 1, "incremental": True}
    assert "Máy số 4" not in telling.shown()
    assert run(telling)["incremental"] is True


def test_once_a_week_the_whole_list_is_read(telling: Reading) -> None:
    kinds = [run(telling)["incremental"] for _ in range(15)]
    assert kinds == [True] * 6 + [False] + [True] * 6 + [False] + [True]
    assert telling.there.identified == 3


def test_an_incremental_pass_counts_nothing_as_missing(telling: Reading) -> None:
    """What vanishes without a tombstone is missed by whole passes alone, each of them until it is archived."""
    missing = telling.there.entries.pop(4)
    for _ in range(6):
        assert run(telling) == NOTHING | {"incremental": True}
    with look(telling.national) as work:
        assert set(work.session.scalars(select(Harvested.misses))) == {0}
    for _ in range(7):
        assert run(telling) == NOTHING | {"lost": 1, "incremental": False}
        assert missing.title in telling.shown()
    assert run(telling) == NOTHING | {"lost": 1, "gone": 1, "incremental": False}
    assert missing.title not in telling.shown()
    assert run(telling)["incremental"] is True


@pytest.mark.parametrize("deleted", [2, 10])
def test_c20_more_tombstones_than_a_fifth_are_believed_by_no_incremental_pass(
    telling: Reading, deleted: int
) -> None:
    for number in range(1, deleted + 1):
        change(telling, number, deleted=True)
    standing = telling.run()
    if deleted == 2:
        assert (standing.alarms, standing.records) == ((), 8)
        return
    assert (standing.alarms, standing.records) == (("suspicious_zero",), 10)
    assert standing.last["incremental"] is False


def test_c21_new_ids_are_told_from_new_records_by_the_whole_list_at_once(telling: Reading) -> None:
    before = telling.shown()
    telling.there.renamed("oai:cu:", "oai:moi:")
    for number in range(1, 11):
        change(telling, number)
    standing = telling.run()
    assert (standing.alarms, standing.waiting) == (("ids_changed",), 10)
    assert standing.last["incremental"] is False
    assert telling.shown() == before
    telling.decide("relink")
    assert telling.shown() == before
    assert run(telling)["incremental"] is True


def test_c21_as_many_new_records_as_there_are_old_ones_are_not_believed_without_the_whole_list(
    telling: Reading,
) -> None:
    before = telling.shown()
    for number in range(1, 11):
        change(telling, number, identifier=f"oai:moi:{number}", title=f"Thiết bị {number}", more=())
    standing = telling.run()
    assert (standing.alarms, standing.last["incremental"]) == (("suspicious_zero",), False)
    assert telling.shown() == before


def test_c21_a_single_record_under_a_new_id_is_found_with_the_whole_list(telling: Reading) -> None:
    before = telling.shown()
    change(telling, 1, identifier="oai:moi:1")
    standing = telling.run()
    assert (standing.alarms, standing.waiting) == (("ids_changed",), 1)
    assert telling.shown() == before


def test_a_record_that_shares_its_number_with_one_still_listed_is_another(telling: Reading) -> None:
    twin = replace(telling.there.entries[0], identifier="oai:moi:1", datestamp=stamp(telling))
    telling.there.entries.append(twin)
    standing = telling.run()
    assert (standing.alarms, standing.records, standing.last["new"]) == ((), 11, 1)


def test_c22_a_token_that_expires_in_an_incremental_list_leads_on_and_the_next_asks_again(
    telling: Reading,
) -> None:
    asked = telling.source().since
    for number in (7, 8):
        change(telling, number, title=f"Máy sửa {number}")
    telling.there.size = 1
    telling.there.expired = {f"{asked}|1"}
    assert run(telling) == NOTHING | {"changed": 2, "whole": False, "incremental": True}
    assert telling.source().since == asked
    assert run(telling)["whole"] is True
    assert telling.source().since > asked


def test_after_a_list_that_could_not_be_gone_on_with_the_whole_one_is_read(telling: Reading) -> None:
    telling.there.instead = (200, listed([], "same"))
    assert telling.run().alarms == ("refused",)
    telling.there.instead = None
    standing = telling.run()
    assert (standing.alarms, standing.last["incremental"]) == ((), False)


def test_a_whole_pass_that_met_an_error_is_followed_by_a_whole_one(entered: Reading) -> None:
    entered.there.deletions = "transient"
    entered.there.expired = {"|3"}
    entered.approve()
    assert run(entered)["whole"] is False
    assert run(entered) == NOTHING | {"incremental": False}
    assert run(entered) == NOTHING | {"incremental": True}


def test_the_sheet_says_which_kind_of_pass_it_was(telling: Reading) -> None:
    whole = telling.standing()
    run(telling)
    with look(telling.national) as work:
        (one,) = source_sheets.standings(work, SYSTEM)
    assert (one.last["incremental"], one.whole_at) == (True, whole.whole_at)
    assert one.passed_at == whole.passed_at + DAY


@pytest.mark.services
def test_changes_and_whole_lists_take_turns_on_postgresql(
    tmp_path: Path, there: Repository, clock: HandMovedClock, server_database: str
) -> None:
    settings = replace(national_settings(tmp_path), peer_loopback=True, database_url=server_database)
    there.deletions = "transient"
    with opened(settings, clock) as runtime:
        made = Reading(runtime, there, clock)
        made.enter()
        made.approve()
        made.run()
        change(made, 2, deleted=True)
        assert run(made) == NOTHING | {"lost": 1, "gone": 1, "incremental": True}
        change(made, 1, identifier="oai:moi:1")
        standing = made.run()
        assert (standing.alarms, standing.last["incremental"]) == (("ids_changed",), False)
        assert made.decide("relink").alarms == ()
        assert run(made)["incremental"] is True
        assert len(made.shown()) == 9
