"""How every engine's index is made, filled beside the one that answers, taken back and compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from search.document import Changes, Document, Entry, Removal, fingerprint
from search.engine import Engine, IndexBehind, SearchError
from tests.contract.engines import found, listing, put, versions

HASH = "sha-256:" + "0123456789abcdef" * 4


def refilled(engine: Engine, *documents: Document, position: int) -> None:
    filling = engine.beside("first")
    filling.apply(Changes(position, documents))
    filling.serve(position)


def test_nothing_is_found_of_an_index_that_is_being_filled(engine: Engine) -> None:
    put(engine, listing(1, "Máy sấy"))
    filling = engine.beside("first")
    filling.apply(Changes(2, (listing(1, "Máy sấy"), listing(2, "Máy gặt"))))
    put(engine, listing(3, "Máy bơm"))
    assert sorted(found(engine)) == [1, 3]
    filling.serve(3)
    assert (sorted(found(engine)), engine.position, engine.epoch) == ([1, 2], 3, "first")


def test_a_listing_that_moved_on_while_an_index_was_filled_stands_in_it_as_it_was_last(
    engine: Engine,
) -> None:
    filling = engine.beside("first")
    filling.apply(Changes(3, (listing(1, "Máy cũ"), listing(2, "Máy gặt"))))
    later = replace(listing(1, "Máy mới"), version=7)
    filling.apply(Changes(8, (later,), (Removal("test:offer:0002", 8),)))
    filling.serve(8)
    assert versions(engine) == {"test:offer:0001": 7}
    assert found(engine, "mới") == [1]


def test_one_that_is_given_up_leaves_everything_as_it_was(engine: Engine) -> None:
    put(engine, listing(1, "Máy sấy"))
    filling = engine.beside("first")
    filling.apply(Changes(2, (listing(2, "Máy gặt"),)))
    filling.give_up()
    assert found(engine) == [1]
    refilled(engine, listing(3, "Máy bơm"), position=4)
    assert found(engine) == [3]


def test_giving_up_one_that_serves_takes_nothing_away(engine: Engine) -> None:
    filling = engine.beside("first")
    filling.apply(Changes(2, (listing(1, "Máy sấy"),)))
    filling.serve(2)
    filling.give_up()
    assert found(engine) == [1]


def test_changes_that_begin_beyond_the_index_are_not_taken(engine: Engine) -> None:
    put(engine, listing(5, "Máy sấy"))
    refilled(engine, listing(1, "Máy gặt"), position=2)
    with pytest.raises(IndexBehind):
        engine.apply(Changes(9, (listing(8, "Máy bơm"),), since=6))
    assert (engine.position, found(engine)) == (2, [1])
    engine.apply(Changes(9, (listing(5, "Máy sấy"), listing(8, "Máy bơm")), since=2))
    assert (engine.position, sorted(found(engine))) == (9, [1, 5, 8])


def test_the_index_before_can_be_taken_back_and_again(engine: Engine) -> None:
    put(engine, listing(1, "Máy sấy"))
    refilled(engine, listing(2, "Máy gặt"), position=5)
    engine.back()
    assert (found(engine), engine.position) == ([1], 2), "it goes on where it stood"
    engine.back()
    assert (found(engine), engine.position) == ([2], 5)


def test_only_one_index_is_kept_beside_the_one_that_answers(engine: Engine) -> None:
    for n in (1, 2, 3):
        refilled(engine, listing(n, "Máy"), position=n + 1)
    engine.back()
    assert found(engine) == [2]
    engine.back()
    assert found(engine) == [3]


def test_without_a_former_index_nothing_is_taken_back(engine: Engine) -> None:
    put(engine, listing(1, "Máy sấy"))
    engine.drop()
    engine.start("first")
    with pytest.raises(SearchError, match="no former index"):
        engine.back()
    assert engine.epoch == "first"


def test_an_index_of_another_epoch_is_not_taken_back(engine: Engine) -> None:
    engine.start("second")
    with pytest.raises(SearchError, match="epoch"):
        engine.back()
    assert engine.epoch == "second"


def test_everything_an_index_holds_is_told_by_uid_with_its_marks(engine: Engine) -> None:
    put(engine, replace(listing(7, "Máy sấy"), hash=HASH), listing(2, "Máy gặt"), listing(3, "Máy bơm"))
    engine.apply(Changes(9, remove=(Removal("test:offer:0003", 9),)))
    assert list(engine.entries()) == [
        Entry("test:offer:0002", 3, 0),
        Entry("test:offer:0007", 8, fingerprint(HASH)),
    ]


def test_entries_are_those_of_the_moment_they_were_asked_for(engine: Engine) -> None:
    put(engine, *(listing(n, "Máy") for n in range(40)))
    entries = engine.entries()
    first = next(entries)
    put(engine, listing(50, "Máy mới"))
    engine.apply(Changes(60, remove=(Removal("test:offer:0039", 60),)))
    assert [first.uid, *(entry.uid for entry in entries)] == [f"test:offer:{n:04}" for n in range(40)]


def test_of_a_listing_and_a_removal_of_the_same_version_the_removal_wins(engine: Engine) -> None:
    put(engine, listing(1, "Máy sấy"))
    engine.apply(Changes(0, remove=(Removal("test:offer:0001", 2),)))
    assert (found(engine), engine.position) == ([], 2)


def test_an_engine_that_is_well_says_what_it_is_and_names_no_fault(engine: Engine) -> None:
    condition = engine.condition()
    assert engine.name in condition.told.lower()
    assert "first" in condition.told
    assert condition.faults == ()
    assert engine.circuit == "closed"
