"""Fixtures of every test. `exchange` runs a test twice: on the embedded back ends and on the servers."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from marketplace.runtime import Runtime
from marketplace.work import Work, begin
from tests.support import browser as browsers
from tests.support import cheap, memory
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened, own_database, server_settings

# A busy machine is no reason to fail: speed is measured by `make bench`, never by a test.
settings.register_profile(
    "thorough", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# What only one example in fifty shows is found by one of the runs; `make soak` and the CI are thorough each time.
settings.register_profile("quick", settings.get_profile("thorough"), max_examples=30)
settings.load_profile("quick")


def pytest_configure() -> None:
    """Before the first temporary folder is made: all of them go where nothing waits for a disk."""
    tempfile.tempdir = memory.folder()
    cheap.use()
    gc.disable()


def pytest_collection_finish() -> None:
    """What collecting made lives as long as the process: looking through it for garbage again and again is in vain."""
    gc.collect()
    gc.freeze()
    gc.enable()
    # What tests make goes when they end: to look for cycles ten times less often saves four parts of a hundred.
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture
def full_cost() -> Iterator[None]:
    """Passwords cost what they cost in service: for tests of just that."""
    with cheap.not_now():
        yield


@pytest.fixture
def clock() -> HandMovedClock:
    return HandMovedClock()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process, for starting it costs seconds; `person` opens a clean profile in it."""
    with browsers.running() as running:
        yield running


@pytest.fixture(scope="session")
def server_database() -> Iterator[str]:
    with own_database() as url:
        yield url


@pytest.fixture(params=["embedded", pytest.param("servers", marks=pytest.mark.services)])
def runtime(request: pytest.FixtureRequest, tmp_path: Path, clock: HandMovedClock) -> Iterator[Runtime]:
    """An empty exchange, once on each set of back ends."""
    if request.param == "embedded":
        settings = embedded_settings(tmp_path)
    else:
        settings = server_settings(tmp_path, request.getfixturevalue("server_database"))
    with opened(settings, clock) as runtime:
        yield runtime


@pytest.fixture
def postgresql(tmp_path: Path, clock: HandMovedClock, server_database: str) -> Iterator[Runtime]:
    """An empty exchange on PostgreSQL, all else embedded: for what two transactions do to each other. Of SQLite one ends
    before the other begins."""
    with opened(replace(embedded_settings(tmp_path), database_url=server_database), clock) as runtime:
        yield runtime


@pytest.fixture
def embedded(tmp_path: Path, clock: HandMovedClock) -> Iterator[Runtime]:
    """An empty exchange on the embedded back ends only: for what no server changes."""
    with opened(embedded_settings(tmp_path), clock) as runtime:
        yield runtime


@pytest.fixture
def work(runtime: Runtime) -> Iterator[Work]:
    """One open transaction, committed at the end of the test."""
    with begin(runtime) as work:
        yield work
