"""The feed: one row a record, numbered after the commit, never doubled, never lost."""

from __future__ import annotations

import threading

from sqlalchemy import delete, func, select

from marketplace.models.feed import FeedState, Published
from marketplace.runtime import Runtime
from marketplace.services import feed, indexing, sequencing, standing
from marketplace.services.feed import Record
from marketplace.work import begin, look

A, B = "test:offer:a", "test:offer:b"


def body(title: str) -> dict[str, object]:
    return {"content": {"kind": "offer", "texts": {"vi": {"title": title}}}}


def publish(runtime: Runtime, uid: str, title: str) -> bool:
    with begin(runtime) as work:
        return feed.publish(work, uid=uid, kind="offer", body=body(title))


def number(runtime: Runtime) -> int:
    with begin(runtime) as work:
        return sequencing.number(work)


def order(runtime: Runtime) -> list[tuple[str, int, int]]:
    with look(runtime) as work:
        return [(row.uid, row.sequence, row.rev) for row in feed.after(work, 0, 100)]


def test_a_row_has_no_place_before_it_is_numbered(runtime: Runtime) -> None:
    publish(runtime, A, "Máy sấy")
    assert order(runtime) == []
    assert number(runtime) == 1
    assert order(runtime) == [(A, 1, 1)]


def test_whoever_gives_the_first_places_begins_the_feed(runtime: Runtime) -> None:
    with begin(runtime) as work:
        work.session.execute(delete(FeedState))
    for uid in (A, B):
        publish(runtime, uid, "Máy sấy")
        number(runtime)
    assert order(runtime) == [(A, 1, 1), (B, 2, 1)]
    with look(runtime) as work:
        assert feed.state(work).epoch


def test_a_record_that_changes_moves_to_the_head_and_stays_one(runtime: Runtime) -> None:
    publish(runtime, A, "Máy sấy")
    publish(runtime, B, "Máy cấy")
    number(runtime)
    publish(runtime, A, "Máy sấy lúa")
    number(runtime)
    assert order(runtime) == [(B, 2, 1), (A, 3, 2)]


def test_saying_the_same_again_writes_nothing(runtime: Runtime) -> None:
    publish(runtime, A, "Máy sấy")
    number(runtime)
    assert publish(runtime, A, "Máy sấy") is False
    assert number(runtime) == 0
    assert order(runtime) == [(A, 1, 1)]


def test_a_withdrawn_record_stays_as_a_tombstone_with_its_reason(runtime: Runtime) -> None:
    publish(runtime, A, "Máy sấy")
    with begin(runtime) as work:
        assert feed.retire(work, uid=A, reason="withdrawn")
    number(runtime)
    with look(runtime) as work:
        row = feed.row(work, A)
        assert row is not None
        assert (row.live, row.body, row.rev) == (False, "withdrawn", 2)
        assert standing.count(work) == 0


def test_withdrawing_what_was_never_public_says_nothing(runtime: Runtime) -> None:
    with begin(runtime) as work:
        assert feed.retire(work, uid=A, reason="withdrawn") is False
    assert number(runtime) == 0


def test_a_transaction_that_fails_leaves_no_row_and_rings_no_bell(runtime: Runtime) -> None:
    before = runtime.bell.wait(-1, 0)
    try:
        with begin(runtime) as work:
            feed.publish(work, uid=A, kind="offer", body=body("Máy sấy"))
            raise RuntimeError("the owner changed his mind")
    except RuntimeError:
        pass
    with look(runtime) as work:
        assert work.session.scalar(select(func.count()).select_from(Published)) == 0
    assert runtime.bell.wait(-1, 0) == before


def test_many_writers_at_once_lose_no_row_and_share_no_place(runtime: Runtime) -> None:
    """Eight writers and two sequencers, the case in which a cursor over a serial loses a quarter of the rows."""
    each = 25
    seen: list[int] = []
    reading = threading.Event()

    def write(writer: int) -> None:
        for n in range(each):
            publish(runtime, f"test:offer:{writer}-{n}", f"Máy số {n}")

    def follow() -> None:
        position = 0
        while len(seen) < 8 * each and not reading.is_set():
            number(runtime)
            with look(runtime) as work:
                rows = feed.after(work, position, 50)
            seen.extend(row.sequence for row in rows)
            position = rows[-1].sequence if rows else position

    reader = threading.Thread(target=follow)
    sequencer = threading.Thread(target=lambda: [number(runtime) for _ in range(30)])
    writers = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in (reader, sequencer, *writers):
        thread.start()
    for thread in (sequencer, *writers):
        thread.join(60)
    reader.join(60)
    reading.set()
    assert seen == list(range(1, 8 * each + 1))


def test_a_cursor_moves_only_from_where_it_stands(runtime: Runtime) -> None:
    with begin(runtime) as work:
        assert feed.move(work, "reader", start=0, end=5)
        assert not feed.move(work, "reader", start=0, end=9), "somebody else moved it first"
        assert feed.move(work, "reader", start=5, end=9)
        assert feed.position(work, "reader") == 9


def test_many_records_are_written_in_one_go(runtime: Runtime) -> None:
    records = [Record(f"test:offer:{n}", "offer", "upsert", body(f"Máy {n}")) for n in range(1200)]
    with begin(runtime) as work:
        assert feed.write(work, records) == 1200
        assert feed.write(work, records) == 0
    assert number(runtime) == 1200


def test_a_note_of_how_far_one_will_go_is_never_put_back_by_another_who_looked_earlier(
    runtime: Runtime,
) -> None:
    """Two workers promise at the same time; the one who looked first writes last."""
    with begin(runtime) as work:
        indexing.promise(work, 5)
    meeting = threading.Barrier(4)

    def promise(sequences: list[int]) -> None:
        meeting.wait()
        for sequence in sequences:
            with begin(runtime) as work:
                indexing.promise(work, sequence)

    workers = [threading.Thread(target=promise, args=(list(range(6 + n, 90 + n)),)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with look(runtime) as work:
        assert indexing.promised(work) == 92
        indexing.promise(work, 7)
        assert indexing.promised(work) == 92
