"""Exchanges that serve their feed and send nothing (level L1): the rules of pushed records, the doubts of read ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from marketplace import feeding
from marketplace.models.exchanges import Issue, Reject, Replica
from marketplace.runtime import Runtime
from marketplace.services import feed as own_feed
from marketplace.services.sync import sources, trust, verifying
from marketplace.work import begin, look
from tests.exchange.making import ulid
from tests.support.changes import Feed, record, serving
from tests.support.clock import HandMovedClock
from tests.support.exchanges import opened
from tests.support.network import national_settings
from tests.sync.harvesting import ADMIN, HTML, NODE, Reading, goes_only_when_confirmed, titles
from tests.sync.test_pages import staff

UNCHANGED = {"new": 0, "changed": 0, "gone": 0, "lost": 0, "whole": True, "incremental": True}


def uid(number: int) -> str:
    return record(number).uid


@pytest.fixture
def served() -> Iterator[Feed]:
    """Ten records, three on a page, and no snapshot."""
    with serving(*(record(number) for number in range(1, 11))) as feed:
        yield feed


@pytest.fixture
def entered(reader: Runtime, served: Feed, clock: HandMovedClock) -> Reading:
    made = Reading(reader, served, clock)  # type: ignore[arg-type]
    made.enter(way="feed")
    return made


def kept(reading: Reading, number: int) -> Replica | None:
    with look(reading.national) as work:
        found = work.session.get(Replica, uid(number))
        if found is not None:
            work.session.expunge(found)
    return found


def codes(reading: Reading) -> list[str]:
    with look(reading.national) as work:
        return list(work.session.scalars(select(Issue.code).where(Issue.state == "open")))


# -- what is taken in -----------------------------------------------------------------------------------------------------


def test_a_feed_is_read_page_by_page_and_kept_as_it_came(reading: Reading, served: Feed) -> None:
    assert served.asked == ["snapshot", "", "e1.3", "e1.6", "e1.9"]
    assert reading.standing().level == "L1"
    assert reading.standing().last == UNCHANGED | {"new": 10, "incremental": False}
    assert reading.shown() == {f"Máy số {number}": uid(number) for number in range(1, 11)}
    one = kept(reading, 7)
    assert one is not None
    assert (one.rev, one.hash, one.body) == (1, record(7).hash, record(7).body)
    reading.settle()
    with look(reading.national) as work:
        assert [found for found in verifying.findings(work) if not found.well] == []


def test_a_feed_is_believed_at_its_approved_address_alone_and_has_no_key(entered: Reading) -> None:
    with begin(entered.national) as work:
        assert trust.pinned(work, NODE) == []
        assert trust.finder(work)(NODE, "any") is None
    assert entered.there.asked == []
    with begin(entered.national) as work:
        sources.approve(work, ADMIN, NODE)
    assert entered.run().records == 10


def test_the_next_day_only_changes_are_read_and_what_was_withdrawn_goes_at_once(
    reading: Reading, served: Feed
) -> None:
    served.put(record(11), record(3, "Máy ba", rev=2), record(5, rev=2, body="withdrawn"))
    served.asked.clear()
    assert reading.run().last == UNCHANGED | {"new": 1, "changed": 1, "gone": 1}
    assert served.asked == ["e1.10"]
    assert reading.shown().keys() == titles(1, 2, 4, 6, 7, 8, 9, 10, 11) | {"Máy ba"}
    gone = kept(reading, 5)
    assert gone is not None
    assert (gone.op, gone.rev) == ("delete", 2)
    assert reading.run().last == UNCHANGED
    served.put(record(5, "Máy năm", rev=3))
    assert reading.run().last == UNCHANGED | {"new": 1}
    assert reading.shown()["Máy năm"] == uid(5)


def test_an_unchanged_night_writes_nothing_into_our_feed(reading: Reading) -> None:
    reading.settle()
    with look(reading.national) as work:
        head = own_feed.state(work).head
    for _ in range(8):  # A whole pass among them.
        reading.run()
    reading.settle()
    with look(reading.national) as work:
        assert own_feed.state(work).head == head


def test_a_record_that_stays_refused_is_one_issue_and_none_once_it_rests(
    reading: Reading, served: Feed
) -> None:
    """All of a feed is read every seven days: the same flaw is not told anew each time."""
    served.put(record(2, "Máy kín", rev=2, hash=record(1).hash))

    def for_days() -> list[str]:
        for _ in range(9):
            reading.run()
        with look(reading.national) as work:
            return list(work.session.scalars(select(Issue.id).where(Issue.state != "fixed")))

    (first,) = for_days()
    assert for_days() == [first]
    operator = staff(reading.national, "van.hanh@example.org", "operator")
    page, path = f"/vi/sources/{NODE}", f"/vi/sources/{NODE}/issues/{first}/waive"
    assert path in operator.get(page).text
    assert operator.post(path).headers["Location"].endswith(page)
    assert codes(reading) == []
    assert for_days() == [first]
    assert codes(reading) == []
    served.put(record(2, "Máy mở", rev=3))
    assert for_days() == []


def test_c12_r7_what_was_erased_is_erased_here_with_what_was_refused_of_it(
    reading: Reading, served: Feed
) -> None:
    served.put(record(2, "Máy kín", rev=2, hash=record(1).hash))
    reading.run()
    assert codes(reading) == ["hash_mismatch"]
    served.put(record(2, rev=3, op="erase", body="legal"), record(40, body="withdrawn"))
    assert reading.run().last["gone"] == 1
    gone = kept(reading, 2)
    assert gone is not None
    assert (gone.op, gone.body) == ("erase", "legal")
    assert kept(reading, 40) is not None
    assert codes(reading) == []
    with look(reading.national) as work:
        assert work.session.scalars(select(Reject.uid)).all() == []


def test_c1_c17_one_bad_record_stops_nothing(reading: Reading, served: Feed) -> None:
    served.put(
        record(11), record(12, hash=record(1).hash), record(13, description=""), record(14, node="can-tho"),
        record(4, "Máy giả"), record(15),
    )  # fmt: skip
    standing = reading.run()
    assert reading.shown().keys() == titles(*range(1, 12), 15)
    assert (standing.held, standing.alarms) == (1, ())
    assert sorted(set(codes(reading)) - {"text.required", "required"}) == [
        "forbidden_origin",
        "hash_mismatch",
        "rev_fork",
    ]
    with look(reading.national) as work:
        assert work.session.get(Replica, f"can-tho:offer:{ulid(14)}") is None
    served.put(record(13, rev=2))
    standing = reading.run()
    assert (standing.held, "Máy số 13" in reading.shown()) == (0, True)


def test_c18_a_revision_that_is_older_changes_nothing(reading: Reading, served: Feed) -> None:
    served.put(record(3, "Máy ba", rev=5))
    reading.run()
    served.put(record(3, "Máy cũ", rev=4), record(4, rev=1, body="withdrawn"))
    assert reading.run().last["gone"] == 0
    assert {"Máy ba", "Máy số 4"} <= reading.shown().keys()


def test_a_source_that_was_restored_to_older_revisions_is_told_of_what_differs(
    reading: Reading, served: Feed
) -> None:
    """As it is kept here until its home has a higher revision, or is again what it was."""
    served.put(record(3, "Máy ba", rev=5), record(4, "Máy bốn", rev=2))
    reading.run()
    served.restored("e2", *(record(number) for number in range(1, 11)))
    standing = reading.run()
    assert (standing.issues, standing.alarms, codes(reading)) == (2, (), ["rev_behind", "rev_behind"])
    assert {"Máy ba", "Máy bốn"} <= reading.shown().keys()
    served.put(record(3, "Máy mới", rev=6), record(4, "Máy bốn", rev=2))
    assert reading.run().issues == 0
    assert {"Máy mới", "Máy bốn"} <= reading.shown().keys()


def test_kinds_that_were_not_asked_for_are_passed_over(reading: Reading, served: Feed) -> None:
    served.put(record(20, kind="org"), record(21, "Cần máy", kind="offer"))
    assert reading.run().alarms == ()
    assert "Cần máy" in reading.shown()
    assert codes(reading) == []


def test_a_record_without_a_name_of_its_own_leaves_the_pass_unfit_to_show_what_is_missing(
    entered: Reading, served: Feed
) -> None:
    served.raw = [{"id": 7}, 3, {"op": "upsert"}]
    entered.approve()
    standing = entered.run()
    assert (standing.records, standing.last["whole"], standing.alarms) == (10, False, ())
    assert set(codes(entered)) == {"malformed"}


# -- a cursor that is not known any more ----------------------------------------------------------------------------------


def test_a_new_epoch_is_read_whole_at_once_and_loses_nothing_in_a_hurry(
    reading: Reading, served: Feed
) -> None:
    served.restored("e2", *(record(number) for number in range(2, 11)), record(12))
    served.asked.clear()
    standing = reading.run()
    assert served.asked == ["e1.10", "snapshot", "", "e2.3", "e2.6", "e2.9"]
    assert (standing.last["incremental"], standing.last["new"], standing.last["lost"]) == (False, 1, 1)
    assert "Máy số 1" in reading.shown()
    for _ in range(6):
        reading.run()
    assert "Máy số 1" in reading.shown()
    assert reading.run().last["gone"] == 1
    assert reading.shown().keys() == titles(*range(2, 11), 12)


def test_a_feed_that_ends_before_our_cursor_is_read_whole(reading: Reading, served: Feed) -> None:
    served.restored("e1", *(record(number) for number in range(1, 10)))
    standing = reading.run()
    assert (standing.last["incremental"], standing.last["lost"], standing.records) == (False, 1, 10)


def test_a_feed_that_never_knows_its_own_cursor_ends_in_an_alarm(entered: Reading, served: Feed) -> None:
    entered.approve()
    served.told = {"next": "e9.3"}
    assert entered.run().alarms == ("refused",)
    served.told = {"next": "e9.3", "since": "e9.0"}
    standing = entered.run()
    assert (standing.alarms, "409" in standing.detail) == (("refused",), True)
    served.told = {}
    assert entered.run().alarms == ()


def test_an_archived_record_that_is_in_the_feed_again_is_shown_as_it_is(
    reading: Reading, served: Feed
) -> None:
    """Under the revision it had, for its home knows nothing of our archiving."""
    served.restored("e2", *(record(number) for number in range(2, 11)))
    for _ in range(8):
        reading.run()
    assert kept(reading, 1) is None
    assert "Máy số 1" not in reading.shown()
    served.put(record(1))
    assert reading.run().last["new"] == 1
    assert reading.shown()["Máy số 1"] == uid(1)
    reading.settle()
    with look(reading.national) as work:
        assert [found for found in verifying.findings(work) if not found.well] == []


# -- what is not believed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["page", "snapshot"])
def test_c20_an_empty_feed_with_200_archives_nothing(reading: Reading, served: Feed, way: str) -> None:
    served.restored("e2")
    served.snapshot = None if way == "snapshot" else served.snapshot
    for _ in range(10):
        standing = reading.run()
        assert (standing.alarms, standing.records) == (("suspicious_zero",), 10)
    served.put(*(record(number) for number in range(1, 11)))
    assert reading.run().alarms == ()


@pytest.mark.parametrize("way", ["page", "snapshot"])
def test_c20_more_than_a_fifth_missing_goes_only_when_a_person_confirms(
    reading: Reading, served: Feed, way: str
) -> None:
    served.snapshot = None if way == "snapshot" else served.snapshot
    served.restored("e2", *(record(number) for number in range(1, 8)))
    assert goes_only_when_confirmed(reading, before=10, after=7).last["gone"] == 3
    assert len(reading.shown()) == 7


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"next": "e1.0", "more": True}, "stands still"),
        ({"next": "e1.99"}, "after /head_seq"),
        ({"since": "e1.2"}, "the page after nothing was asked for"),
        ({"node": "can-tho"}, "this is the feed of can-tho"),
        ({"items": [1] * 501}, "at most 500"),
        ({"items": {}}, "must be an array"),
        ({"more": "yes"}, "/more"),
    ],
)  # fmt: skip
def test_a_page_that_contradicts_itself_is_an_alarm(
    entered: Reading, served: Feed, told: dict[str, object], said: str
) -> None:
    entered.approve()
    served.told = told
    standing = entered.run()
    assert (standing.alarms, standing.records, said in standing.detail) == (("refused",), 0, True)
    served.told = {}
    assert (entered.run().records, entered.standing().alarms) == (10, ())


def test_a_feed_that_says_too_early_that_it_ends_is_read_to_its_end(entered: Reading, served: Feed) -> None:
    entered.approve()
    served.told = {"more": False}
    standing = entered.run()
    assert (standing.records, standing.last["whole"]) == (10, True)


def test_a_feed_that_stops_before_its_end_never_shows_what_is_missing(reading: Reading, served: Feed) -> None:
    served.restored("e2", *(record(number) for number in range(1, 10)))
    served.told = {"head_seq": 50, "more": False}
    for _ in range(10):
        standing = reading.run()
        assert (standing.records, standing.last["whole"]) == (10, False)


@pytest.mark.parametrize(
    "answer", [(200, HTML), (200, b""), (200, b"[]"), (500, b"{}"), (401, b"{}"), (200, b"[" * 100_000)]
)
def test_f27_a_page_of_something_else_is_no_feed(
    reading: Reading, served: Feed, answer: tuple[int, bytes]
) -> None:
    served.instead = answer
    standing = reading.run()
    assert standing.alarms == (("refused",) if answer[0] == 200 else ("unreachable",))
    assert standing.records == 10
    served.instead = None
    served.put(record(11))
    assert (reading.run().alarms, reading.standing().records) == ((), 11)


def test_a_page_that_is_too_large_is_not_read(reading: Reading, served: Feed) -> None:
    served.instead = (200, b" " * (feeding.MOST_BYTES + 1))
    standing = reading.run()
    assert (standing.alarms, "more than" in standing.detail) == (("unreachable",), True)


def test_a9_a_feed_that_leads_elsewhere_is_not_followed(reading: Reading, served: Feed) -> None:
    served.instead, served.headers = (302, b""), {"Location": "http://169.254.169.254/changes"}
    standing = reading.run()
    assert (standing.alarms, "not followed" in standing.detail) == (("refused",), True)


def test_a9_without_peer_loopback_nothing_on_this_machine_is_read(
    tmp_path: Path, served: Feed, clock: HandMovedClock
) -> None:
    with opened(national_settings(tmp_path / "strict"), clock) as strict:
        made = Reading(strict, served, clock)  # type: ignore[arg-type]
        made.enter(way="feed")
        made.approve()
        standing = made.run()
    assert (standing.alarms, served.asked) == (("refused",), [])


def test_a_pass_that_was_cut_off_goes_on_from_its_cursor(entered: Reading, served: Feed) -> None:
    entered.approve()
    served.broken = {"e1.6"}
    standing = entered.run()
    assert (standing.alarms, standing.under_way, standing.records) == (("unreachable",), True, 6)
    served.broken = set()
    served.asked.clear()
    assert entered.run().records == 10
    assert served.asked == ["e1.6", "e1.9"]


# -- all of it at once ----------------------------------------------------------------------------------------------------


def test_the_first_load_is_a_snapshot_where_there_is_one(entered: Reading, served: Feed) -> None:
    served.snapshot = None
    entered.approve()
    standing = entered.run()
    assert (standing.records, served.asked) == (10, ["snapshot", "e1.10"])
    served.put(record(11))
    entered.run()
    assert served.asked == ["snapshot", "e1.10", "e1.10"]


def test_every_seven_days_all_of_it_is_compared_and_what_differs_is_taken_in(
    reading: Reading, served: Feed
) -> None:
    """Changes that never came into the feed of changes are found, and so is what is missing."""
    served.snapshot = None
    served.items[uid(3)] = record(3, "Máy ba", rev=2, seq=3)
    served.items[uid(4)] = record(4, "Máy giả", seq=4)
    served.drop(9)
    for _ in range(6):
        assert reading.run().last == UNCHANGED
    standing = reading.run()
    assert (standing.last["changed"], standing.last["lost"], standing.last["incremental"]) == (1, 1, False)
    assert reading.shown().keys() == titles(1, 2, 4, 5, 6, 7, 8, 9, 10) | {"Máy ba"}
    assert codes(reading) == ["rev_fork"]
    for _ in range(7):
        standing = reading.run()
    assert (standing.last["gone"], "Máy số 9" in reading.shown()) == (1, False)


def spoilt(packed: bytes) -> bytes:
    return packed[: len(packed) // 2]


@pytest.mark.parametrize(
    "snapshot",
    [(200, HTML), (200, b""), (503, b""), (302, b""), "cut", "another node", "seq"],
)  # fmt: skip
def test_whatever_becomes_of_a_snapshot_pages_bring_all(
    entered: Reading, served: Feed, snapshot: tuple[int, bytes] | str
) -> None:
    made = {
        "cut": lambda: spoilt(served.packed()), "another node": lambda: served.packed(node="can-tho"),
        "seq": lambda: served.packed(head_seq=4),
    }  # fmt: skip
    served.snapshot = (200, made[snapshot]()) if isinstance(snapshot, str) else snapshot
    entered.approve()
    standing = entered.run()
    assert (standing.records, standing.alarms, standing.last["whole"]) == (10, (), True)
    assert served.asked == ["snapshot", "", "e1.3", "e1.6", "e1.9"]


def test_a_snapshot_is_taken_in_by_parts_and_begun_again_after_it_was_cut_off(
    entered: Reading, served: Feed
) -> None:
    served.put(*(record(number) for number in range(11, 606)))
    served.snapshot = None
    entered.approve()
    served.broken = {"e1.605"}
    standing = entered.run()
    assert (standing.records, standing.under_way, standing.alarms) == (605, True, ("unreachable",))
    served.broken = set()
    assert (entered.run().records, served.asked) == (605, ["snapshot", "e1.605", "e1.605"])


@pytest.mark.services
def test_c20_a_life_of_a_feed_on_postgresql(
    tmp_path: Path, served: Feed, clock: HandMovedClock, server_database: str
) -> None:
    settings = replace(national_settings(tmp_path), peer_loopback=True, database_url=server_database)
    with opened(settings, clock) as runtime:
        reading = Reading(runtime, served, clock)  # type: ignore[arg-type]
        reading.enter(way="feed")
        reading.approve()
        served.broken = {"e1.6"}
        reading.run()
        served.broken, served.snapshot = set(), None
        assert [reading.run().records for _ in range(2)] == [10, 10]
        served.put(record(11), record(3, "Máy ba", rev=5), record(5, rev=2, body="withdrawn"))
        assert reading.run().last == UNCHANGED | {"new": 1, "changed": 1, "gone": 1}
        served.restored("e2", *(record(number) for number in (2, 3, 4, 6, 7, 8, 9, 10, 11)))
        for _ in range(8):
            standing = reading.run()
        assert (standing.records, standing.issues, standing.alarms) == (9, 1, ())
        served.restored("e3")
        assert reading.run().alarms == ("suspicious_zero",)
        served.restored("e4", *(record(number) for number in range(1, 12)))
        assert (reading.run().records, codes(reading)) == (10, ["rev_behind", "rev_behind"])
