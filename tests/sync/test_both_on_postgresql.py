"""Both exchanges on PostgreSQL, with the embedded index: full disks, sending again, stolen keys, the probe, and pages that
are read while many write. What the cases assert is written where they stand for SQLite; here it is held by the other
database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.changes import Page
from marketplace import sync_key
from marketplace.db import new_id
from marketplace.models.exchanges import Replica
from marketplace.models.peers import Peer
from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.services.sync import enrolment, projecting, receive
from marketplace.work import Work, look
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.crowd import Crowd
from tests.support.exchanges import opened, own_database
from tests.support.network import Wires, admins, key_of, local_settings, national_settings
from tests.support.overlap import overlapping
from tests.support.small_disk import SmallDisk, small_disk
from tests.sync import test_faults_of_stores as stores
from tests.sync import test_probes as probes
from tests.sync import test_receiving as receiving
from tests.sync import test_replaced_exchanges as replaced
from tests.sync import test_replays as replays
from tests.sync import test_rolling_back as rolling
from tests.sync.conftest import Pair
from tests.sync.test_abuse import a_body, an_item
from tests.sync.test_enrolment import peering
from tests.sync.test_receiving import held

pytestmark = pytest.mark.services

Case = Callable[[Pair], None]
LIMIT = 100  # records of a page


@pytest.fixture(scope="module")
def home_database() -> Iterator[str]:
    with own_database() as url:
        yield url


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk() as disk:
        yield disk


@pytest.fixture
def urls(request: pytest.FixtureRequest, server_database: str, home_database: str) -> dict[str, str]:
    """Where the two databases are; that of the side which a test names is on a small disk of its own."""
    normally = {"national": server_database, "local": home_database}
    on_small_disk = getattr(request, "param", "")
    return normally | ({on_small_disk: request.getfixturevalue("disk").url} if on_small_disk else {})


@pytest.fixture
def national(tmp_path: Path, clock: HandMovedClock, wires: Wires, urls: dict[str, str]) -> Iterator[Runtime]:
    settings = replace(national_settings(tmp_path / "national"), database_url=urls["national"])
    with opened(settings, clock) as runtime:
        runtime.peers = wires
        sync_key.ensure(settings.key_file)
        wires.apps[settings.base_url] = application(runtime)
        yield runtime


@pytest.fixture
def local(tmp_path: Path, clock: HandMovedClock, wires: Wires, urls: dict[str, str]) -> Iterator[Runtime]:
    settings = replace(local_settings(tmp_path / "local", "can-tho", 9101), database_url=urls["local"])
    with opened(settings, clock) as runtime:
        runtime.peers = wires
        yield runtime


def are_on_postgresql(pair: Pair) -> bool:
    """What the cases assert is worth something here only if it is so."""
    return {side.database.dialect.name for side in (pair.local, pair.national)} == {"postgresql"}


def named(case: Case) -> str:
    return case.__name__.removeprefix("test_")


def test_f15_a_full_disk_nationally_acknowledges_nothing_and_all_comes_when_there_is_room_on_postgresql(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    assert are_on_postgresql(pair)
    stores.test_f15_a_full_disk_nationally_acknowledges_nothing_and_all_comes_when_there_is_room(pair, caplog)


def test_f16_a_full_disk_at_home_refuses_the_listing_and_its_record_together_on_postgresql(
    pair: Pair,
) -> None:
    assert are_on_postgresql(pair)
    stores.test_f16_a_full_disk_at_home_refuses_the_listing_and_its_record_together(pair)


@pytest.mark.soak  # The disk is mounted, by root.
@pytest.mark.parametrize("urls", ["national"], indirect=True)
def test_f15_on_a_real_disk_that_is_full_nothing_is_acknowledged_until_there_is_room(
    pair: Pair, disk: SmallDisk, caplog: pytest.LogCaptureFixture
) -> None:
    assert disk.url == pair.national.settings.database_url
    stores.acknowledges_nothing(pair, disk.full(), caplog)


@pytest.mark.soak
@pytest.mark.parametrize("urls", ["local"], indirect=True)
def test_f16_on_a_real_disk_that_is_full_neither_listing_nor_record_is_kept(
    pair: Pair, disk: SmallDisk
) -> None:
    assert disk.url == pair.local.settings.database_url
    stores.refuses_both(pair, disk.full())


@pytest.mark.parametrize(
    "case",
    [
        receiving.test_i14_what_a_bad_record_says_is_kept_cut_and_clean_and_its_batch_ends,
    ],
    ids=named,
)
def test_what_no_column_of_postgresql_takes_is_received(pair: Pair, case: Case) -> None:
    assert are_on_postgresql(pair)
    case(pair)


@pytest.mark.parametrize(
    "case",
    [
        rolling.test_what_came_under_a_stolen_key_is_undone_and_copies_are_as_before,
        rolling.test_what_was_erased_stays_erased,
        replaced.test_with_the_key_that_was_revoked_nobody_enrols_and_reads_why,
    ],
    ids=named,
)
def test_what_came_under_a_stolen_key_goes_and_its_exchange_comes_back_on_postgresql(
    pair: Pair, case: Case
) -> None:
    assert are_on_postgresql(pair)
    case(pair)


@pytest.mark.parametrize("again", ["every hour", "when its home asks"])
def test_r6_what_goes_while_somebody_looks_at_it_again_stays_away(pair: Pair, again: str) -> None:
    uid, issue = held(pair, a_body(pair))
    gone = an_item("withdrawn", seq=2, uid=uid, op="delete", rev=2)
    ways: dict[str, Callable[[Work], object]] = {
        "every hour": projecting.look_again,
        "when its home asks": lambda work: projecting.retry(work, "can-tho", issue),
    }
    overlapping(
        pair.national,
        lambda work: receive.take_items(work, "can-tho", [gone], batch_id=new_id()),
        ways[again],
    )
    with look(pair.national) as work:
        copy, shown = work.session.get_one(Replica, uid), feed.row(work, uid)
        assert shown is not None
        assert (copy.op, copy.projection, shown.op, shown.rev) == ("delete", "none", "delete", 2)


def test_two_who_approve_at_the_same_moment_let_the_exchange_in(asked: Pair) -> None:
    assert are_on_postgresql(asked)
    first, second = (
        lambda work, admin=admin: enrolment.approve(work, admin, key_of(asked.local))
        for admin in admins(asked.national)
    )
    assert overlapping(asked.national, first, second) == (False, True)
    with look(asked.national) as work:
        assert work.session.get_one(Peer, "can-tho").status == "active"


def meets_every_change(pair: Pair, crowd: Crowd) -> int:
    """A reader of pages, while a crowd writes, to the end of the feed; how many of them it read meanwhile."""
    seen: list[tuple[str, int]] = []
    places, since, meanwhile, more = [0], "", 0, True
    with crowd.at_work():
        while more:
            more = crowd.busy
            page = Page.read(peering(pair).ask("GET", f"/sync/v1/changes?since={since}&limit={LIMIT}"))
            seen += [(item.uid, item.rev) for item in page.items]
            places.append(page.next.seq)
            since, meanwhile = str(page.next), meanwhile + (crowd.busy and bool(page.items))
            more = more or page.more
    newest = dict(sorted(seen))
    assert newest == crowd.revisions
    assert len(seen) == len(set(seen)), "none comes twice in the same revision"
    assert places == sorted(places), "the cursor never goes back"
    return meanwhile


def test_f35_i19_pages_on_postgresql_lose_nothing_while_many_commit_at_once(pair: Pair) -> None:
    """As many as can, whatever the hour says: how many a second that is is asked of the long run only."""
    assert are_on_postgresql(pair)
    assert meets_every_change(pair, Crowd(pair.national, each=120)) > 1


@pytest.mark.soak
def test_f35_i19_pages_on_postgresql_lose_nothing_under_two_hundred_changes_a_second(pair: Pair) -> None:
    assert are_on_postgresql(pair)
    crowd = Crowd(pair.national, each=1_500)
    assert meets_every_change(pair, crowd) > 50
    assert crowd.rate >= 200, "a machine that writes less has not tried the case"


@pytest.mark.parametrize(
    "case",
    [
        replays.test_a_batch_that_is_sent_again_changes_nothing_and_its_first_receipt_comes_back,
        replays.test_a_batch_that_is_not_known_there_any_more_is_not_sent_and_freezes_nothing,
        replays.test_what_cannot_be_sent_again_is_refused_with_the_reason,
        replays.test_bytes_of_old_batches_are_given_up_and_receipts_stay,
        replays.test_a_record_that_was_refused_is_sent_again_from_the_page,
        replays.test_a_record_that_is_held_stays_held_when_it_is_sent_again,
    ],
    ids=named,
)
def test_sending_again_on_postgresql(pair: Pair, case: Case) -> None:
    assert are_on_postgresql(pair)
    case(pair)


@pytest.mark.parametrize(
    "case",
    [
        probes.test_one_probe_a_minute_is_measured_when_the_national_index_has_passed_it,
        probes.test_an_outage_counts_for_every_minute_that_it_lasted,
        probes.test_reading_the_feed_anew_measures_nothing_twice,
        probes.test_it_is_seen_by_nobody_and_counted_nowhere,
        probes.test_both_sides_stay_provably_equal_while_probes_go_on,
        probes.test_operators_and_machines_read_how_long_it_takes,
        probes.test_batches_of_nothing_but_a_probe_are_soon_forgotten_and_the_last_is_known,
    ],
    ids=named,
)
def test_the_probe_on_postgresql(pair: Pair, case: Case) -> None:
    assert are_on_postgresql(pair)
    case(probes.measuring(pair))
