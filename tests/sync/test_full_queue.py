"""F21: the Redis of the national exchange is full. It carries reminders only, so nothing waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from marketplace import sync_key
from marketplace.runtime import Runtime
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.exchanges import opened
from tests.support.network import Wires, national_settings
from tests.support.stopped import OWN
from tests.sync.conftest import Pair
from tests.sync.test_faults import later, sender
from tests.sync.test_pushing import found, withdraw

pytestmark = pytest.mark.services


@pytest.fixture
def server() -> Iterator[redis.Redis]:
    with OWN["queue_url"]() as stoppable:
        client = redis.Redis.from_url(stoppable.url)
        yield client
        client.close()


@pytest.fixture
def national(tmp_path: Path, clock: HandMovedClock, wires: Wires, server: redis.Redis) -> Iterator[Runtime]:
    port = server.connection_pool.connection_kwargs["port"]
    settings = replace(
        national_settings(tmp_path / "national"), queue_url=f"redis://127.0.0.1:{port}/0?queue=national"
    )
    with opened(settings, clock) as runtime:
        runtime.peers = wires
        sync_key.ensure(settings.key_file)
        wires.apps[settings.base_url] = application(runtime)
        yield runtime


def test_f21_while_redis_takes_nothing_more_exchanges_stay_in_step(pair: Pair, server: redis.Redis) -> None:
    kept = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    server.config_set("maxmemory-policy", "noeviction")
    server.config_set("maxmemory", 1)
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        server.set("anything", "more")
    fresh = pair.publish("Máy sấy thăng hoa")[0]
    withdraw(pair.local, kept)
    later(pair)
    assert sender(pair).acked_seq == 3
    assert found(pair.national, "thăng hoa") == [fresh]
    assert found(pair.national, "độ mặn") == []


def test_a_redis_that_takes_nothing_more_is_told_by_those_who_ask_how_we_are(
    national: Runtime, server: redis.Redis
) -> None:
    client = application(national).test_client()
    assert "jobs" not in client.get("/health/ready").json["limited"]
    server.config_set("maxmemory-policy", "noeviction")
    server.config_set("maxmemory", 1)
    assert "jobs" in client.get("/health/ready").json["limited"]
    server.config_set("maxmemory", 0)
    assert "jobs" not in client.get("/health/ready").json["limited"]
