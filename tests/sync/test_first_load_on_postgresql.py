"""The first load with the national exchange on PostgreSQL, where one moment of the database has to be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from marketplace import sync_key
from marketplace.runtime import Runtime
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.exchanges import opened
from tests.support.network import Wires, national_settings
from tests.sync import test_first_load as first_load
from tests.sync import test_replacing_keys as keys
from tests.sync.conftest import Pair

pytestmark = pytest.mark.services


@pytest.fixture
def national(
    tmp_path: Path, clock: HandMovedClock, wires: Wires, request: pytest.FixtureRequest
) -> Iterator[Runtime]:
    url = request.getfixturevalue("server_database")
    with opened(replace(national_settings(tmp_path / "national"), database_url=url), clock) as runtime:
        runtime.peers = wires
        sync_key.ensure(runtime.settings.key_file)
        wires.apps[runtime.settings.base_url] = application(runtime)
        yield runtime


def is_on_postgresql(pair: Pair) -> bool:
    """The same tests as elsewhere: what they assert is worth something here only if it is so."""
    return pair.national.database.dialect.name == "postgresql"


def test_a_snapshot_on_postgresql_is_of_one_moment_while_others_write(pair: Pair) -> None:
    assert is_on_postgresql(pair)
    first_load.test_e7_a_snapshot_is_of_one_moment_while_others_write(pair)


def test_a_large_feed_on_postgresql_is_loaded_as_one_snapshot(pair: Pair) -> None:
    assert is_on_postgresql(pair)
    pair.uplink.large_feed = 600
    first_load.test_the_first_load_of_a_large_feed_is_one_snapshot_and_then_changes(pair)


def test_the_key_of_a_national_exchange_on_postgresql_is_replaced_in_use(pair: Pair) -> None:
    assert is_on_postgresql(pair)
    keys.test_those_in_touch_believe_the_new_key_before_it_signs_and_nothing_is_interrupted(pair)
