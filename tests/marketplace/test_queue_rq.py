"""What only the queue over Redis can do wrong: Redis itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import select

from marketplace.models.jobs import Job
from marketplace.runtime import Runtime
from marketplace.work import begin, look
from tests.services import service_url
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened

NOBODY_LISTENS = "redis://127.0.0.1:9/0"
"""The discard port, which no machine serves."""


def exchange_with(queue_url: str, folder: Path, clock: HandMovedClock) -> Iterator[Runtime]:
    with opened(replace(embedded_settings(folder), queue_url=queue_url), clock) as runtime:
        yield runtime


@pytest.fixture
def queue_url() -> str:
    return f"{service_url('QUEUE_URL')}?queue=test-{secrets.token_hex(6)}"


@pytest.fixture
def with_redis(queue_url: str, tmp_path: Path, clock: HandMovedClock) -> Iterator[Runtime]:
    yield from exchange_with(queue_url, tmp_path, clock)


@pytest.fixture
def without_redis(tmp_path: Path, clock: HandMovedClock) -> Iterator[Runtime]:
    yield from exchange_with(NOBODY_LISTENS, tmp_path, clock)


def test_a_request_succeeds_while_redis_is_away(without_redis: Runtime) -> None:
    with begin(without_redis) as work:
        job_id = work.ask("letter")
    with look(without_redis) as work:
        assert list(work.session.scalars(select(Job.id))) == [job_id]


@pytest.mark.services
def test_emptying_redis_only_delays(with_redis: Runtime, queue_url: str) -> None:
    with begin(with_redis) as work:
        asked = [work.ask("letter") for _ in range(3)]
    redis = Redis.from_url(queue_url.partition("?")[0])
    queue = f"rq:queue:{queue_url.partition('=')[2]}"
    assert redis.llen(queue) == 3
    redis.delete(queue, *(f"rq:job:{job_id}" for job_id in asked))
    ran: list[str] = []
    with_redis.queue.work_off(ran.append)
    assert sorted(ran) == sorted(asked)
    redis.close()


@pytest.mark.services
def test_redis_holds_nothing_but_ids(with_redis: Runtime, queue_url: str) -> None:
    with begin(with_redis) as work:
        job_id = work.ask("letter", to="secret@example.org")
    redis = Redis.from_url(queue_url.partition("?")[0])
    stored = redis.hgetall(f"rq:job:{job_id}")
    assert job_id.encode() in stored[b"description"]
    assert not any(b"secret" in value for value in stored.values())
    with_redis.queue.work_off(lambda job_id: None)
    assert not redis.exists(f"rq:job:{job_id}")
    redis.close()


@pytest.mark.services
def test_the_sweep_does_not_ring_twice_for_what_has_been_rung(with_redis: Runtime, queue_url: str) -> None:
    with begin(with_redis) as work:
        work.ask("letter")
    with_redis.queue.sweep()
    with_redis.queue.sweep()
    redis = Redis.from_url(queue_url.partition("?")[0])
    assert redis.llen(f"rq:queue:{queue_url.partition('=')[2]}") == 1
    redis.close()
