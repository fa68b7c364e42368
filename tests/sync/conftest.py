"""A national exchange and local ones that speak to it, each with its own database, index and key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from marketplace import sync_key
from marketplace.enrolling import enrol
from marketplace.readers import Sequencer, drain
from marketplace.runtime import Runtime
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import enrolment
from marketplace.uplink import Uplink
from marketplace.work import begin
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.exchanges import opened
from tests.support.furnished import furnished
from tests.support.market import content, publish, settle
from tests.support.network import Wires, let_in, local_settings, national_settings
from tests.support.repository import Repository, repository
from tests.sync.harvesting import Reading, entry


@pytest.fixture
def wires() -> Wires:
    return Wires()


@pytest.fixture
def national(tmp_path: Path, clock: HandMovedClock, wires: Wires) -> Iterator[Runtime]:
    with opened(national_settings(tmp_path / "national"), clock) as runtime:
        runtime.peers = wires
        sync_key.ensure(runtime.settings.key_file)
        wires.apps[runtime.settings.base_url] = application(runtime)
        yield runtime


@pytest.fixture
def local(tmp_path: Path, clock: HandMovedClock, wires: Wires) -> Iterator[Runtime]:
    with opened(local_settings(tmp_path / "local", "can-tho", 9101), clock) as runtime:
        runtime.peers = wires
        yield runtime


@dataclass
class Pair:
    national: Runtime
    local: Runtime
    wires: Wires
    clock: HandMovedClock

    def __post_init__(self) -> None:
        self.uplink = Uplink(self.local, chance=lambda: 0.0)

    def push(self) -> None:
        """Let the local exchange send what it has, and the national one take it into its index."""
        self.talk()
        self.settle_national()

    def talk(self, after: int = 0) -> None:
        """Some seconds later the local exchange sends what it has and reads what is new; nobody takes it further."""
        self.clock.move(timedelta(seconds=after))
        drain([Sequencer(self.local), self.uplink])

    def settle_national(self) -> None:
        settle(self.national)

    def publish(self, *titles: str) -> list[str]:
        """Offers of these titles on the local exchange; their uids."""
        self.published = getattr(self, "published", 0) + len(titles)
        start = self.published - len(titles)
        return publish(self.local, *(content("offer", title) for title in titles), start=start)


@pytest.fixture
def asked(national: Runtime, local: Runtime, wires: Wires, clock: HandMovedClock) -> Pair:
    """The local exchange has enrolled and waits to be let in."""
    ask_in(national, local)
    return Pair(national, local, wires, clock)


def ask_in(national: Runtime, local: Runtime) -> None:
    with begin(national) as work:
        invited = enrolment.invite(work, SYSTEM, local.settings.node_id)
    enrol(local, invited.token, sync_key.read(national.settings.key_file).public.fingerprint)


@pytest.fixture
def pair(national: Runtime, local: Runtime, wires: Wires, clock: HandMovedClock) -> Pair:
    """Both are in touch."""
    furnished(put_in_touch, national, local)
    return Pair(national, local, wires, clock)


def put_in_touch(national: Runtime, local: Runtime) -> None:
    ask_in(national, local)
    let_in(national, local)


@pytest.fixture
def there() -> Iterator[Repository]:
    """A repository with ten records, three on a page."""
    with repository(*(entry(number) for number in range(1, 11)), size=3) as serving:
        yield serving


@pytest.fixture
def reader(tmp_path: Path, clock: HandMovedClock) -> Iterator[Runtime]:
    """A national exchange that may read addresses of this machine."""
    with opened(replace(national_settings(tmp_path), peer_loopback=True), clock) as runtime:
        yield runtime


@pytest.fixture
def entered(reader: Runtime, there: Repository, clock: HandMovedClock) -> Reading:
    """The repository waits to be approved."""
    reading = Reading(reader, there, clock)
    reading.enter()
    return reading


@pytest.fixture
def reading(entered: Reading) -> Reading:
    """It is approved, and was read once."""
    entered.approve()
    entered.run()
    return entered
