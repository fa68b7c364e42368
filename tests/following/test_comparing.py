"""Every way in which an index can differ from its database is named, mended, and gone afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from marketplace.followers import catch_up
from marketplace.reindexing import reindex
from marketplace.runtime import Runtime
from marketplace.services import comparing, feed, indexing, sequencing
from marketplace.services.comparing import Comparison, Kind
from marketplace.work import begin, look
from search.document import Changes, Document, Removal
from tests.support.market import content, publish, settle


@pytest.fixture
def uids(runtime: Runtime) -> list[str]:
    """Six listings that are indexed."""
    uids = publish(runtime, *(content("offer", f"Máy số {n}") for n in range(6)))
    catch_up(runtime)
    return uids


def compare(runtime: Runtime) -> Comparison:
    with look(runtime) as work:
        return comparing.compare(work)


def named(runtime: Runtime) -> list[tuple[Kind, str]]:
    return [(one.kind, one.uid) for one in compare(runtime).differences]


def document(runtime: Runtime, uid: str) -> Document:
    with look(runtime) as work:
        return indexing.document(feed.rows(work, [uid])[uid])


def without(runtime: Runtime, *uids: str) -> None:
    """A new index that lacks these, as if they had been lost."""
    with look(runtime) as work:
        state = feed.state(work)
        rows = [row for row in feed.after(work, 0, 100) if row.uid not in uids]
    filling = runtime.engine.beside(state.epoch)
    filling.apply(indexing.changes(rows)[0])
    filling.serve(state.head)


def lose(runtime: Runtime, uids: list[str]) -> tuple[Kind, str]:
    without(runtime, uids[2])
    return Kind.MISSING, uids[2]


def keep_an_old_one(runtime: Runtime, uids: list[str]) -> tuple[Kind, str]:
    old = replace(document(runtime, uids[1]), version=0)
    without(runtime, uids[1])
    runtime.engine.apply(Changes(0, (old,)))
    return Kind.STALE, uids[1]


def keep_another_content(runtime: Runtime, uids: list[str]) -> tuple[Kind, str]:
    other = replace(document(runtime, uids[3]), title="Máy khác", hash="sha-256:" + "ab" * 32)
    without(runtime, uids[3])
    runtime.engine.apply(Changes(0, (other,)))
    return Kind.STALE, uids[3]


def run_ahead(runtime: Runtime, uids: list[str]) -> tuple[Kind, str]:
    """It says it is of the place of the last listing in the feed, while it is the first."""
    ahead = replace(document(runtime, uids[0]), version=document(runtime, uids[5]).version)
    runtime.engine.apply(Changes(0, (ahead,)))
    return Kind.STALE, uids[0]


def dream_one_up(runtime: Runtime, uids: list[str]) -> tuple[Kind, str]:
    ghost = replace(document(runtime, uids[0]), uid="test:offer:00000000000000000000000000", version=3)
    runtime.engine.apply(Changes(0, (ghost,)))
    return Kind.GHOST, ghost.uid


def forget_a_withdrawal(runtime: Runtime, uids: list[str]) -> tuple[Kind, str]:
    kept = document(runtime, uids[4])
    with begin(runtime) as work:
        feed.retire(work, uid=kept.uid, reason="withdrawn")
    catch_up(runtime)
    without(runtime, kept.uid)
    runtime.engine.apply(Changes(0, (kept,)))
    return Kind.GHOST, kept.uid


INJURIES = (lose, keep_an_old_one, keep_another_content, run_ahead, dream_one_up, forget_a_withdrawal)
Injury = Callable[[Runtime, list[str]], tuple[Kind, str]]


def test_equal_ones_have_equal_digests(runtime: Runtime, uids: list[str]) -> None:
    found = compare(runtime)
    assert (found.database, found.differences) == (found.index, ())
    assert found.database.count == len(uids)


@pytest.mark.parametrize("injure", INJURIES)
def test_each_kind_of_difference_is_named_and_mended(
    runtime: Runtime, uids: list[str], injure: Injury
) -> None:
    expected = injure(runtime, uids)
    found = compare(runtime)
    assert [(one.kind, one.uid) for one in found.differences] == [expected]
    assert found.database.digest != found.index.digest
    with begin(runtime) as work:
        assert comparing.mend(work, found) == 1
    catch_up(runtime)
    healed = compare(runtime)
    assert (healed.database, healed.differences) == (healed.index, ())


def test_what_is_further_than_the_feed_is_named_and_left_to_a_new_index(
    runtime: Runtime, uids: list[str]
) -> None:
    """Its version wins over all that are sent: to say that it was mended would be untrue."""
    far = replace(document(runtime, uids[0]), version=999_999)
    runtime.engine.apply(Changes(0, (far,)))
    found = compare(runtime)
    assert [(one.kind, one.uid) for one in found.differences] == [(Kind.AHEAD, uids[0])]
    assert found.mendable == ()
    reindex(runtime)
    assert named(runtime) == []


def test_what_is_only_waiting_its_turn_is_no_difference(runtime: Runtime, uids: list[str]) -> None:
    with begin(runtime) as work:
        feed.retire(work, uid=uids[0], reason="withdrawn")
    publish(runtime, content("offer", "Máy vừa đăng"), start=9)
    assert named(runtime) == []
    with begin(runtime) as work:
        sequencing.number(work)
    assert named(runtime) == []


def test_a_record_the_index_refused_is_named_with_the_reason_and_left_to_its_author(
    runtime: Runtime, uids: list[str]
) -> None:
    with begin(runtime) as work:
        body = feed.rows(work, uids)[uids[5]].body
        feed.publish(work, uid=uids[5], kind="offer", body={**body, "updated_at": "hôm qua"})
    settle(runtime)
    (held,) = compare(runtime).differences
    assert (held.kind, held.uid) == (Kind.HELD, uids[5])
    assert "hôm qua" in held.why
    assert compare(runtime).mendable == ()


def test_an_emptied_index_is_mended_whole(runtime: Runtime, uids: list[str]) -> None:
    gone = tuple(Removal(uid, document(runtime, uid).version) for uid in uids)
    runtime.engine.apply(Changes(0, remove=gone))
    found = compare(runtime)
    assert [one.kind for one in found.differences] == [Kind.MISSING] * 6
    with begin(runtime) as work:
        comparing.mend(work, found)
    catch_up(runtime)
    assert named(runtime) == []
