"""A new index is filled while people post, revise and withdraw; nothing is missing in it and nothing stale."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from marketplace.followers import Indexing, catch_up
from marketplace.models.feed import ReaderFailure
from marketplace.readers import Follower, Sequencer, patient
from marketplace.reindexing import reindex
from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.work import begin, look
from search.query import Query
from tests.support.market import content, publish, settle
from vocabulary.listing import as_record


def found(runtime: Runtime, text: str = "") -> list[str]:
    return sorted(hit.uid for hit in runtime.engine.search(Query(text=text, size=100)).hits)


def indexed(runtime: Runtime) -> dict[str, int]:
    return {entry.uid: entry.version for entry in runtime.engine.entries()}


def published(runtime: Runtime) -> dict[str, int]:
    with look(runtime) as work:
        return {row.uid: row.sequence for row in feed.after(work, 0, 100_000) if row.live}


def revise(runtime: Runtime, uid: str, title: str) -> None:
    with begin(runtime) as work:
        row = feed.rows(work, [uid])[uid]
        body = {**row.body, "content": as_record(content("offer", title))} if row.live else None
        if body:
            feed.publish(work, uid=uid, kind="offer", body=body)


def withdraw(runtime: Runtime, uid: str) -> None:
    with begin(runtime) as work:
        feed.retire(work, uid=uid, reason="withdrawn")


@dataclass
class Writers:
    """People at work on listings of their own: posting, revising, withdrawing, until they are told to stop."""

    runtime: Runtime
    enough: threading.Event = field(default_factory=threading.Event)

    def post_and_change(self, seat: int) -> None:
        chance, mine, n = random.Random(seat), [], 0
        while not self.enough.is_set():
            n += 1
            if n % 3 == 1 or not mine:
                mine += publish(
                    self.runtime, content("offer", f"Máy {seat} {n}"), owner=f"Bên {seat}", start=n
                )
            elif n % 3 == 2:
                revise(self.runtime, chance.choice(mine), f"Máy sửa {seat} {n}")
            else:
                withdraw(self.runtime, mine.pop(chance.randrange(len(mine))))

    def index(self) -> None:
        """The worker beside them, which does not know that a new index is being filled."""
        readers = (Sequencer(self.runtime), Follower(self.runtime, Indexing(batch=5)))
        steps = [patient(reader) for reader in readers]
        while not self.enough.is_set():
            for step in steps:
                step()


def while_people_write(runtime: Runtime, act: Callable[[], None]) -> None:
    """Do something while three write and one indexes; then everybody stops and the index catches up."""
    writers = Writers(runtime)
    seats = [threading.Thread(target=writers.post_and_change, args=(seat,)) for seat in range(3)]
    threads = [*seats, threading.Thread(target=writers.index)]
    for thread in threads:
        thread.start()
    try:
        act()
    finally:
        writers.enough.set()
        for thread in threads:
            thread.join()
    catch_up(runtime)


def test_after_a_reindex_under_load_the_index_is_the_database(runtime: Runtime) -> None:
    before = publish(runtime, *(content("offer", f"Máy có từ trước {n}") for n in range(120)), start=1000)
    settle(runtime)
    for uid in before[:10]:
        withdraw(runtime, uid)

    def twice_and_back() -> None:
        reindex(runtime)
        reindex(runtime)
        runtime.engine.back()

    while_people_write(runtime, twice_and_back)
    assert indexed(runtime) == published(runtime)
    assert set(before[:10]).isdisjoint(indexed(runtime))


@pytest.mark.soak
def test_after_many_reindexes_under_load_the_index_is_the_database(runtime: Runtime) -> None:
    publish(runtime, *(content("offer", f"Máy có từ trước {n}") for n in range(2_000)), start=100_000)
    settle(runtime)

    def again_and_again() -> None:
        for _ in range(20):
            reindex(runtime)

    while_people_write(runtime, again_and_again)
    assert indexed(runtime) == published(runtime)


def test_a_reindex_that_fails_leaves_the_present_index_answering(runtime: Runtime) -> None:
    publish(runtime, *(content("offer", f"Máy {n}") for n in range(3)))
    settle(runtime)

    def stumble(position: int, head: int) -> None:
        raise RuntimeError("the terminal is gone")

    with pytest.raises(RuntimeError):
        reindex(runtime, told=stumble)
    assert len(found(runtime)) == 3
    assert reindex(runtime).position == 3, "and the next finds nothing in its way"


def test_the_former_index_catches_up_with_the_feed_once_it_is_taken_back(runtime: Runtime) -> None:
    kept, changed, gone = publish(runtime, *(content("offer", f"Máy {n}") for n in ("giữ", "đổi", "bỏ")))
    settle(runtime)
    reindex(runtime)
    revise(runtime, changed, "Máy khác hẳn")
    withdraw(runtime, gone)
    (new,) = publish(runtime, content("offer", "Máy mới"), start=9)
    settle(runtime)
    runtime.engine.back()
    assert gone in found(runtime), "it stands where it stood"
    catch_up(runtime)
    assert indexed(runtime) == published(runtime)
    assert found(runtime, "khác hẳn") == [changed]
    assert set(found(runtime)) == {kept, changed, new}


def test_a_record_no_index_can_hold_is_held_and_named_and_the_others_are_indexed(runtime: Runtime) -> None:
    uids = publish(runtime, *(content("offer", f"Máy {n}") for n in range(4)))
    with begin(runtime) as work:
        row = feed.rows(work, [uids[1]])[uids[1]]
        broken = {**row.body, "updated_at": "hôm qua"}
        feed.publish(work, uid=uids[1], kind="offer", body=broken)
    settle(runtime)
    for again in (lambda: None, lambda: reindex(runtime)):
        again()
        assert set(found(runtime)) == {*uids} - {uids[1]}
        with look(runtime) as work:
            held = {
                row.uid: row.error
                for row in work.session.scalars(select(ReaderFailure))
                if row.reader == "indexing"
            }
        assert list(held) == [uids[1]]
        assert "hôm qua" in held[uids[1]]
    revise(runtime, uids[1], "Máy đã sửa")
    with begin(runtime) as work:
        feed.publish(work, uid=uids[1], kind="offer", body={**row.body, "updated_at": None})
    settle(runtime)
    assert set(found(runtime)) == {*uids}
