"""An exchange that reads our feed: it may wait for news, and learns the shape of what it reads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from exchange.changes import Page
from marketplace.readers import Sequencer, drain
from marketplace.runtime import MOST_WAITING
from tests.support.market import content, publish
from tests.sync.conftest import Pair
from tests.sync.test_enrolment import peering


def changes(pair: Pair, wait: int, since: str = "") -> Page:
    return Page.read(peering(pair).ask("GET", f"/sync/v1/changes?since={since}&wait={wait}"))


@contextmanager
def asking(pair: Pair, wait: int, since: str) -> Iterator[list[Page]]:
    """While somebody waits for news; what was answered stands in the list afterwards."""
    answers: list[Page] = []
    thread = threading.Thread(target=lambda: answers.append(changes(pair, wait, since)))
    thread.start()
    yield answers
    thread.join(60)


def publish_nationally(pair: Pair) -> str:
    (uid,) = publish(pair.national, content("offer", "Trạm đo độ mặn"))
    drain([Sequencer(pair.national)])
    return uid


def test_a_reader_that_waits_is_answered_when_something_is_published(pair: Pair) -> None:
    empty = changes(pair, 0)
    with asking(pair, 25, str(empty.next)) as answers:
        uid = publish_nationally(pair)
    assert [item.uid for item in answers[0].items] == [uid]


def test_a_reader_with_something_to_read_does_not_wait(pair: Pair) -> None:
    pair.national.waiting_readers.acquire()
    uid = publish_nationally(pair)
    assert [item.uid for item in changes(pair, 25).items] == [uid]


def test_a_reader_that_does_not_know_the_epoch_is_told_at_once(pair: Pair) -> None:
    with pytest.raises(Exception, match="epoch"):
        changes(pair, 25, "another.5")


def test_where_too_many_wait_one_more_is_answered_at_once(pair: Pair) -> None:
    for _ in range(MOST_WAITING):
        assert pair.national.waiting_readers.acquire(blocking=False)
    empty = changes(pair, 0)
    assert changes(pair, 25, str(empty.next)).items == ()
