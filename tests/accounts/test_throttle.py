"""Limits: so many in so long a time, whoever asks at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from marketplace.errors import TooMany
from marketplace.models.accounts import Attempt
from marketplace.runtime import Runtime
from marketplace.services import throttle
from marketplace.services.throttle import Limit
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock

THREE = Limit("test.three", 3, timedelta(minutes=10))


def tried(exchange: Runtime, subject: str = "lan") -> bool:
    try:
        with begin(exchange) as work:
            throttle.take(work, THREE, subject)
    except TooMany:
        return False
    return True


def test_the_window_slides(embedded: Runtime, clock: HandMovedClock) -> None:
    assert [tried(embedded) for _ in range(4)] == [True, True, True, False]
    clock.move(timedelta(minutes=9, seconds=59))
    assert not tried(embedded)
    clock.move(timedelta(seconds=1))
    assert [tried(embedded) for _ in range(4)] == [True, True, True, False]


def test_it_is_said_when_to_come_back(embedded: Runtime, clock: HandMovedClock) -> None:
    for _ in range(3):
        tried(embedded)
        clock.move(timedelta(minutes=1))
    with pytest.raises(TooMany) as refused, begin(embedded) as work:
        throttle.take(work, THREE, "lan")
    assert refused.value.retry_after == 7 * 60
    clock.move(timedelta(seconds=refused.value.retry_after))
    assert tried(embedded)


def test_one_persons_tries_are_not_anothers(embedded: Runtime) -> None:
    for _ in range(3):
        tried(embedded, "lan")
    assert tried(embedded, "hoa")


@pytest.mark.parametrize("threads", [20])
def test_of_twenty_tries_at_once_three_pass(runtime: Runtime, threads: int) -> None:
    passed: list[bool] = []
    running = [threading.Thread(target=lambda: passed.append(tried(runtime))) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert sorted(passed) == [False] * (threads - 3) + [True] * 3


def test_a_try_given_back_counts_no_more(embedded: Runtime) -> None:
    for _ in range(5):
        with begin(embedded) as work:
            throttle.give_back(work, throttle.take(work, THREE, "lan"))
    assert tried(embedded)


def test_what_nothing_looks_at_is_removed(embedded: Runtime, clock: HandMovedClock) -> None:
    tried(embedded)
    clock.move(throttle.LONGEST)
    tried(embedded)
    with begin(embedded) as work:
        throttle.sweep(work)
    with look(embedded) as work:
        assert work.session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_the_sweep_leaves_what_any_limit_still_looks_at() -> None:
    limits = [value for value in vars(throttle).values() if isinstance(value, Limit)]
    assert max(limit.within for limit in limits) <= throttle.LONGEST


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pauses=st.lists(st.integers(0, 400), max_size=25))
def test_never_more_than_the_limit_in_any_window(
    embedded: Runtime, clock: HandMovedClock, pauses: list[int]
) -> None:
    clock.move(timedelta(days=1))
    passed = []
    for pause in pauses:
        clock.move(timedelta(seconds=pause))
        if tried(embedded):
            passed.append(clock.now)
    assert all(last - first >= THREE.within for first, last in zip(passed, passed[3:], strict=False))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", "unknown"),
        ("a socket", "unknown"),
    ],
)
def test_a_network_is_what_one_household_holds(address: str, network: str) -> None:
    assert throttle.network(address) == network
