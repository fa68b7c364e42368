"""Readers continue where they stopped, pass nothing over, and are stopped by no bad row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.models.feed import ReaderFailure
from marketplace.models.notices import Notice
from marketplace.readers import TRIES, Follower, Keep, Sequencer, drain
from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.services.feed import Row
from marketplace.work import Work, begin, look
from search.engine import SearchError
from tests.support.clock import HandMovedClock


@dataclass
class Listener:
    """Remembers what it was handed; fails on the uids it was told to."""

    name: str = "listener"
    batch: int = 3
    poison: set[str] = field(default_factory=set)
    away: bool = False
    heard: list[tuple[str, int]] = field(default_factory=list)

    def reach(self, runtime: Runtime) -> int:
        with look(runtime) as work:
            return feed.state(work).head

    def handle(self, runtime: Runtime, rows: Sequence[Row]) -> Keep:
        if self.away:
            raise SearchError("the engine is away")
        if bad := [row.uid for row in rows if row.uid in self.poison]:
            raise ValueError(f"cannot read {bad[0]}")

        def keep(work: Work) -> None:
            self.heard.extend((row.uid, row.rev) for row in rows)

        return keep


def uid(n: int) -> str:
    return f"test:offer:{n}"


def publish(runtime: Runtime, *numbers: int, title: str = "Máy") -> None:
    for n in numbers:
        with begin(runtime) as work:
            feed.publish(work, uid=uid(n), kind="offer", body={"title": f"{title} {n}"})


def run(runtime: Runtime, listener: Listener) -> None:
    drain([Sequencer(runtime), Follower(runtime, listener)])


def failures(runtime: Runtime) -> list[tuple[str, int]]:
    with look(runtime) as work:
        return [(row.uid, row.attempts) for row in work.session.scalars(select(ReaderFailure))]


def test_every_row_is_heard_once_in_order(runtime: Runtime) -> None:
    listener = Listener()
    publish(runtime, *range(10))
    run(runtime, listener)
    assert listener.heard == [(uid(n), 1) for n in range(10)]


def test_a_reader_that_was_down_continues_where_it_stopped(runtime: Runtime) -> None:
    publish(runtime, 1, 2)
    run(runtime, Listener())
    publish(runtime, 3)
    another_process = Listener()
    run(runtime, another_process)
    assert another_process.heard == [(uid(3), 1)]


def test_a_poison_row_is_put_aside_and_stops_nobody(runtime: Runtime) -> None:
    listener = Listener(poison={uid(2)})
    publish(runtime, *range(6))
    run(runtime, listener)
    assert [one for one, _ in listener.heard] == [uid(n) for n in (0, 1, 3, 4, 5)]
    assert failures(runtime) == [(uid(2), TRIES)]


def test_a_row_put_aside_is_tried_again_when_its_time_has_come(
    runtime: Runtime, clock: HandMovedClock
) -> None:
    listener = Listener(poison={uid(0)})
    publish(runtime, 0)
    run(runtime, listener)
    clock.move(timedelta(hours=1))
    run(runtime, listener)
    assert failures(runtime) == [(uid(0), TRIES + 1)]
    listener.poison.clear()
    clock.move(timedelta(hours=1))
    run(runtime, listener)
    assert listener.heard == [(uid(0), 1)]
    assert failures(runtime) == []


def test_a_newer_version_of_the_record_clears_its_failure(runtime: Runtime) -> None:
    listener = Listener(poison={uid(0)})
    publish(runtime, 0)
    run(runtime, listener)
    listener.poison.clear()
    publish(runtime, 0, title="Máy tốt hơn")
    run(runtime, listener)
    assert listener.heard == [(uid(0), 2)]
    assert failures(runtime) == []


def test_an_engine_that_is_away_is_not_the_rows_fault(runtime: Runtime) -> None:
    listener = Listener(away=True)
    publish(runtime, 0)
    with pytest.raises(SearchError):
        run(runtime, listener)
    assert failures(runtime) == []
    listener.away = False
    run(runtime, listener)
    assert listener.heard == [(uid(0), 1)]


class Stumbler(Listener):
    """Reads every row, and cannot write what it makes of the poisoned ones: there is no such user."""

    def handle(self, runtime: Runtime, rows: Sequence[Row]) -> Keep:
        def keep(work: Work) -> None:
            if any(row.uid in self.poison for row in rows):
                work.session.add(Notice(user_id="nobody", key="k", what="w", created_at=work.now))
                work.session.flush()
            self.heard.extend((row.uid, row.rev) for row in rows)

        return keep


def test_what_cannot_be_written_stops_no_reader_when_it_is_tried_again(
    runtime: Runtime, clock: HandMovedClock
) -> None:
    listener = Stumbler(poison={uid(0)})
    publish(runtime, 0)
    run(runtime, listener)
    clock.move(timedelta(hours=1))
    publish(runtime, 1)
    run(runtime, listener)
    assert listener.heard == [(uid(1), 1)]
    assert failures(runtime) == [(uid(0), TRIES + 1)]


def test_what_a_reader_writes_and_its_cursor_are_one_transaction(runtime: Runtime) -> None:
    publish(runtime, 0)
    # The notice cannot be stored, so the cursor must not have moved for it either.
    run(runtime, Stumbler(poison={uid(0)}))
    with look(runtime) as work:
        assert list(work.session.scalars(select(Notice))) == []
    assert failures(runtime) == [(uid(0), TRIES)]
