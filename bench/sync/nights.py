"""A night in which nobody changes anything: what the machinery itself writes.

Without the probe, for that is a change a minute.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from bench.sync.making import AT_ONCE, body_of, texts
from bench.sync.written import Written
from marketplace import sync_key, tasks
from marketplace.enrolling import enrol
from marketplace.followers import followers
from marketplace.models.peers import Outbound
from marketplace.readers import drain
from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.services.feed import Record
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import enrolment
from marketplace.uplink import Uplink
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.exchanges import opened
from tests.support.network import Wires, let_in, local_settings, national_settings

WATCHED = ("published", "replicas", "overlays", "acknowledged")
HOURS, HEARTBEAT = 8, timedelta(minutes=1)


def unchanged(count: int) -> None:
    """Heartbeats once a minute, in the middle every periodic job on both sides, a full comparison among them."""
    clock, wires = HandMovedClock(), Wires()
    with tempfile.TemporaryDirectory() as folder:
        settings = national_settings(Path(folder, "n")), local_settings(Path(folder, "l"), "can-tho", 9101)
        with opened(settings[0], clock) as national, opened(settings[1], clock) as local:
            _introduced(national, local, wires)
            _published(local, count)
            uplink = Uplink(local, chance=lambda: 0.0)
            _quiet(national, local, uplink, clock)
            written = {side.settings.role: Written(side, WATCHED) for side in (national, local)}
            before = _index_of(national), _index_of(local)
            _hours(HOURS // 2, national, local, uplink, clock)
            _jobs(national), _jobs(local)
            _hours(HOURS // 2, national, local, uplink, clock)
            after = _index_of(national), _index_of(local)
            rows = {role: one.count() for role, one in written.items()}
            with look(local) as work:
                proof = work.session.get_one(Outbound, national.settings.node_id).proof
    print(
        f"{HOURS} hours without a change, {count:,} listings, {len(wires.sent):,} requests in all: rows written "
        f"{rows}, index {'untouched' if before == after else 'WRITTEN'} (wanted 0); "
        f"both sides {'equal' if proof['equal'] else 'UNEQUAL'}, {proof['ours_count']:,} records"
    )


def _introduced(national: Runtime, local: Runtime, wires: Wires) -> None:
    national.peers = local.peers = wires
    sync_key.ensure(national.settings.key_file)
    wires.apps[national.settings.base_url] = application(national)
    with begin(national) as work:
        invited = enrolment.invite(work, SYSTEM, local.settings.node_id)
    enrol(local, invited.token, sync_key.read(national.settings.key_file).public.fingerprint)
    let_in(national, local)


def _published(local: Runtime, count: int) -> None:
    node = local.settings.node_id
    rows = [Record(f"{node}:offer:{place:026}", "offer", "upsert", body_of(text))
            for place, text in enumerate(texts(count))]  # fmt: skip
    for start in range(0, count, AT_ONCE):
        with begin(local) as work:
            feed.write(work, rows[start : start + AT_ONCE])


def _quiet(national: Runtime, local: Runtime, uplink: Uplink, clock: HandMovedClock) -> None:
    """All sent, indexed, matched and compared; every periodic job has run once."""
    for _ in range(2):
        drain([*followers(local), uplink])
        drain(followers(national))
        _jobs(national), _jobs(local)
        clock.move(HEARTBEAT)


def _hours(count: int, national: Runtime, local: Runtime, uplink: Uplink, clock: HandMovedClock) -> None:
    for _ in range(count * 60):
        clock.move(HEARTBEAT)
        drain([uplink])
    drain([*followers(local), uplink])
    drain(followers(national))


def _jobs(runtime: Runtime) -> None:
    for period in tasks.SCHEDULE:
        tasks.TASKS[period.name](runtime)


def _index_of(runtime: Runtime) -> frozenset[tuple[str, int]]:
    """The files of its segments; a single changed document would make another."""
    files = (runtime.settings.data_dir / "index").rglob("*")
    return frozenset((file.name, file.stat().st_size) for file in files if file.is_file())
