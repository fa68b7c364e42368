"""The probe: measured from home to the national index, told to operators and machines, and shown to nobody else."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from exchange.reconcile import Choice
from exchange.sender import Phase
from marketplace import tasks
from marketplace.followers import Indexing
from marketplace.models.exchanges import InBatch, OutBatch, ProbeArrival, Replica
from marketplace.models.feed import Published
from marketplace.models.peers import Inbound
from marketplace.readers import Follower, Sequencer, drain
from marketplace.restarting import restart
from marketplace.services import feed
from marketplace.services import figures as counted
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import choosing, outlook, probes, verifying, watching
from marketplace.services.sync.probes import Searchable
from marketplace.work import begin, look
from tests.operations.test_health import figures
from tests.support.compiled import application
from tests.support.visitor import Visitor, words_of
from tests.sync.conftest import Pair
from tests.sync.test_faults import copied, later, restored, sender
from tests.sync.test_pages import staff
from tests.sync.test_proof import compared

PROBE = probes.uid("can-tho")
BEGAN = datetime(2026, 11, 24, 1, tzinfo=UTC)


@pytest.fixture
def measured(pair: Pair) -> Pair:
    return measuring(pair)


def measuring(pair: Pair) -> Pair:
    """Both are in touch, and the local one has its probe."""
    pair.local.settings = replace(pair.local.settings, probe=True)
    for _ in range(2):  # A session comes first.
        pair.push()
    return pair


def arrivals(pair: Pair) -> list[float]:
    """Seconds that each probe took, in their order."""
    with look(pair.national) as work:
        found = work.session.scalars(select(ProbeArrival.milliseconds).order_by(ProbeArrival.rev))
        return [one / 1_000 for one in found]


def searchable(pair: Pair) -> Searchable:
    with look(pair.national) as work:
        return probes.searchable(work)["can-tho"]


def test_one_probe_a_minute_is_measured_when_the_national_index_has_passed_it(measured: Pair) -> None:
    assert arrivals(measured) == [0]
    measured.clock.move(timedelta(seconds=61))
    drain([measured.uplink, Sequencer(measured.local), measured.uplink])
    assert len(arrivals(measured)) == 1
    measured.clock.move(timedelta(seconds=7))
    measured.settle_national()
    measured.settle_national()
    assert arrivals(measured)[1:] == [7]
    later(measured, 30)
    assert len(arrivals(measured)) == 2


def test_an_outage_counts_for_every_minute_that_it_lasted(measured: Pair) -> None:
    for _ in range(20):
        later(measured)
    assert searchable(measured).kept
    measured.wires.cut.add(measured.national.settings.base_url)
    later(measured)
    before = len(arrivals(measured))
    for _ in range(10):
        later(measured, 60)
    measured.wires.cut.clear()
    later(measured, 901)
    measured.push()
    seen = searchable(measured)
    assert arrivals(measured)[before:] == [1501, 0]
    # 26 minutes of 48: one figure for each, 1501, 1441 … 1.
    assert (seen.p95, seen.p99, seen.kept) == (1381, 1501, False)


def test_of_a_wait_longer_than_a_day_its_last_day_counts() -> None:
    now = BEGAN + timedelta(days=3)

    def waits(seconds: int) -> list[int]:
        parts = probes._each_minute(now, seconds * 1_000, now - timedelta(days=1))
        return sorted((wait // 1_000 for part in parts for wait in part), reverse=True)

    days = waits(2 * 86_400)
    assert (days[0], days[1], days[-1], len(days)) == (172_800, 86_400, 60, 1_441)
    assert waits(130) == [130, 70, 10]
    assert waits(60) == [60]
    assert waits(0) == [0]


@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=8))
def test_what_is_counted_is_what_would_stand_there_written_out(took: list[int]) -> None:
    now = BEGAN + timedelta(days=3)
    parts = [part for one in took for part in probes._each_minute(now, one, now - timedelta(days=1))]
    all_of_them = sorted(wait for part in parts for wait in part)
    for hundredths in (1, 50, 95, 99, 100):
        place = math.ceil(len(all_of_them) * hundredths / 100) - 1
        assert probes._at(parts, hundredths) == all_of_them[place]


def test_only_the_one_probe_of_an_exchange_is_measured_and_what_it_claims_is_bounded(measured: Pair) -> None:
    with begin(measured.national) as work:
        row = feed.row(work, PROBE)
        assert row is not None
        work.session.query(ProbeArrival).delete()
        other = PROBE[:-1] + "1"
        probes.arrived(work, [replace(row, uid=other)])
        for rev, at in ((1, "0001-01-01T00:00:00+00:00"), (2, "9999-12-31T00:00:00+00:00")):
            probes.arrived(work, [replace(row, rev=rev, body={"at": at})])
    assert arrivals(measured) == [probes.LONGEST.total_seconds(), 0]
    with begin(measured.national) as work:
        for rev in range(3, probes.MOST_A_DAY + 3):
            work.session.add(ProbeArrival(origin="can-tho", rev=rev, searchable_at=work.now, milliseconds=0))
        probes.arrived(work, [replace(row, rev=probes.MOST_A_DAY + 9)])
    assert len(arrivals(measured)) == probes.MOST_A_DAY + 2


def test_a_clock_that_is_ahead_at_home_takes_nothing_off(measured: Pair) -> None:
    with begin(measured.national) as work:
        work.session.get_one(Inbound, "can-tho").clock_ahead = 100
        row = feed.row(work, PROBE)
        assert row is not None
        work.session.query(ProbeArrival).delete()
        ahead = (work.now + timedelta(seconds=95)).isoformat()
        probes.arrived(work, [replace(row, body={"at": ahead})])
    assert arrivals(measured) == [5]


def test_reading_the_feed_anew_measures_nothing_twice(measured: Pair) -> None:
    later(measured)
    before = arrivals(measured)
    measured.clock.move(timedelta(hours=30))
    tasks.forget_what_is_over(measured.national)
    with begin(measured.national) as work:
        feed.begin_new_epoch(work)
    drain([Follower(measured.national, Indexing())])
    assert arrivals(measured) == before[-1:]


def test_it_is_seen_by_nobody_and_counted_nowhere(measured: Pair) -> None:
    uid = measured.publish("Trạm đo độ mặn")[0]
    later(measured)
    with look(measured.national) as work:
        assert work.session.get_one(Replica, PROBE).projection == "visible"
        assert {one.name: one.count for one in counted.public(work)}["offers"] == 1
        assert work.runtime.engine.count() == 1
        (standing,) = watching.exchanges(work, SYSTEM)
        assert (standing.records, standing.held, standing.opaque) == (1, 0, 0)
        assert len(watching.sheet(work, SYSTEM, "can-tho").batches) == 1
        assert [row.uid for row in feed.newest(work, ("offer",), 5)] == [uid]
    visitor = Visitor(application(measured.national))
    assert visitor.get(f"/vi/listings/{PROBE}").status_code == 404
    assert "probe" not in visitor.get("/vi/offers").text
    with begin(measured.local) as work:
        choosing.pause(work, SYSTEM)
    measured.clock.move(timedelta(minutes=5))
    measured.push()
    with look(measured.local) as work:
        seen = outlook.outlook(work, SYSTEM)
    assert (seen.waiting, seen.counts["sent"]) == (0, 1)


def test_the_newest_listings_are_found_however_many_probes_came_since(measured: Pair) -> None:
    uid = measured.publish("Trạm đo độ mặn")[0]
    later(measured)
    with begin(measured.national) as work:
        work.session.get_one(Published, PROBE).pub_seq = 50_000
    with look(measured.national) as work:
        assert [row.uid for row in feed.newest(work, ("offer",), 5)] == [uid]


def test_both_sides_stay_provably_equal_while_probes_go_on(measured: Pair) -> None:
    listing = measured.publish("Trạm đo độ mặn")[0]
    later(measured)
    assert compared(measured)["equal"]
    for _ in range(3):
        later(measured)
    with look(measured.national) as work:
        assert all(one.well for one in verifying.findings(work))
    with begin(measured.national) as work:
        work.session.get_one(Replica, listing).hash = f"sha-256:{'0' * 64}"
    with look(measured.national) as work:
        assert not all(one.well for one in verifying.findings(work))


def test_operators_and_machines_read_how_long_it_takes(measured: Pair) -> None:
    operator = staff(measured.national, "van.hanh@example.org", "operator")
    for path in ("/vi/exchanges", "/vi/exchanges/can-tho"):
        assert "Như cam kết" in words_of(operator.get(path)), path
    measured.clock.move(timedelta(seconds=361))
    assert "Không còn số đo mới" in words_of(operator.get("/vi/exchanges/can-tho"))
    with begin(measured.national) as work:
        probe = work.session.scalars(select(ProbeArrival)).one()
        probe.milliseconds = 61_000
    assert "Chậm hơn cam kết" in words_of(operator.get("/vi/exchanges"))
    assert "95 of 100 within 61 seconds (promised: 60 seconds)" in words_of(
        operator.get("/en/exchanges/can-tho")
    )
    assert figures(measured.national)['giao_exchange_searchable_p95{exchange="can-tho"}'] == 61
    with begin(measured.national) as work:
        work.session.delete(work.session.scalars(select(ProbeArrival)).one())
    assert "chưa đo được lần nào" in words_of(operator.get("/vi/exchanges"))
    assert not any("searchable" in name for name in figures(measured.national))


def test_batches_of_nothing_but_a_probe_are_soon_forgotten_and_the_last_is_known(measured: Pair) -> None:
    measured.publish("Trạm đo độ mặn")
    for _ in range(3):
        later(measured)
    measured.clock.move(timedelta(days=91))
    for side in (measured.local, measured.national):
        tasks.forget_what_is_over(side)
    for side, table in ((measured.local, OutBatch), (measured.national, InBatch)):
        with look(side) as work:
            assert work.session.scalar(select(func.count()).where(table.probe.is_(True))) == 1
            assert work.session.scalar(select(func.count()).where(table.probe.is_not(True))) == 1
    for _ in range(2):
        later(measured)
    assert sender(measured).phase is Phase.IDLE


def test_where_it_is_switched_off_nothing_is_written(pair: Pair) -> None:
    for _ in range(3):
        later(pair)
    with look(pair.local) as work:
        assert feed.state(work).head == 0


@pytest.mark.parametrize("choice", [Choice.ADOPT, Choice.OVERRIDE])
def test_after_a_restore_probes_go_on_and_both_sides_are_equal(
    measured: Pair, tmp_path: Path, choice: Choice
) -> None:
    backup = copied(measured.local, tmp_path)
    for _ in range(3):
        later(measured)
    restored(measured.local, backup)
    later(measured)
    assert sender(measured).phase is Phase.REWOUND
    restart(measured.local, choice)
    before = len(arrivals(measured))
    for _ in range(4):
        later(measured)
    assert len(arrivals(measured)) > before
    assert compared(measured)["equal"]
    with look(measured.national) as work:
        assert all(one.well for one in verifying.findings(work))
