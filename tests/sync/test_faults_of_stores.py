"""A store of one of two exchanges is full, away or behind, each case with its number: nothing is lost, and all is told."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest
from sqlalchemy import func, select

from exchange.sender import Phase
from marketplace.errors import DatabaseFull
from marketplace.followers import Follower, Indexing
from marketplace.models.exchanges import Replica
from marketplace.models.feed import Published
from marketplace.models.listings import Listing
from marketplace.readers import Sequencer, drain
from marketplace.runtime import Runtime
from marketplace.services import comparing, feed
from marketplace.services.health import look_at
from marketplace.services.sync import projection
from marketplace.work import begin, look
from search.document import Changes, Refused
from search.engine import SearchError
from tests.support.full_disk import full
from tests.support.market import content, publish, settle
from tests.sync.conftest import Pair
from tests.sync.test_abuse import a_body, an_item, in_session, send, written
from tests.sync.test_faults import later, received, sender
from tests.sync.test_pushing import found, withdraw

LONG = "Máy sấy thăng hoa. " * 200


def copies(pair: Pair) -> int:
    with look(pair.national) as work:
        return work.session.scalar(select(func.count()).select_from(Replica)) or 0


def index_is_the_database(runtime: Runtime) -> bool:
    with look(runtime) as work:
        return not comparing.compare(work).differences


def test_f15_a_full_disk_nationally_acknowledges_nothing_and_all_comes_when_there_is_room(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    acknowledges_nothing(pair, full(pair.national), caplog)
    assert index_is_the_database(pair.national)


def acknowledges_nothing(
    pair: Pair, full_disk: AbstractContextManager[None], caplog: pytest.LogCaptureFixture
) -> None:
    """While the national disk is full; everything is taken in and found afterwards."""
    pair.push()
    uids = publish(pair.local, *(content("offer", f"Máy sấy {n}", LONG) for n in range(30)))
    with full_disk:
        pair.push()
        assert (sender(pair).phase, sender(pair).acked_seq) == (Phase.BACKOFF, 0)
        assert (received(pair), copies(pair)) == (0, 0)
        assert "does not take what we have: unavailable" in caplog.text
    later(pair, 901)
    assert (sender(pair).phase, copies(pair)) == (Phase.IDLE, 30)
    shown = set(found(pair.national, "thăng hoa"))
    assert (len(shown), shown - set(uids)) == (10, set()), "a page of them"


def test_f16_a_full_disk_at_home_refuses_the_listing_and_its_record_together(pair: Pair) -> None:
    refuses_both(pair, full(pair.local))
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    assert found(pair.national, "độ mặn") == [uid]


def refuses_both(pair: Pair, full_disk: AbstractContextManager[None]) -> None:
    """Neither listings nor their records are kept while the disk at home is full."""
    with full_disk, pytest.raises(DatabaseFull) as refused:
        publish(pair.local, *(content("offer", f"Máy sấy {n}", LONG) for n in range(30)))
    assert (refused.value.status, refused.value.retry_after) == (503, 60)
    with look(pair.local) as work:
        kept = [
            work.session.scalar(select(func.count()).select_from(table)) for table in (Listing, Published)
        ]
    assert kept == [0, 0]


def test_f17_while_the_national_index_is_away_records_are_acknowledged_and_found_afterwards(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(changes: Changes) -> tuple[Refused, ...]:
        raise SearchError("away")

    with monkeypatch.context() as patched:
        patched.setattr(pair.national.engine, "apply", away)
        uid = pair.publish("Trạm đo độ mặn")[0]
        drain([Sequencer(pair.local), pair.uplink, Sequencer(pair.national)])
        assert (sender(pair).acked_seq, copies(pair)) == (1, 1)
        with pytest.raises(SearchError):
            drain([Follower(pair.national, Indexing())])
        assert look_at(pair.national).lag["indexing"] == 1
    settle(pair.national)
    assert look_at(pair.national).lag["indexing"] == 0
    assert found(pair.national, "độ mặn") == [uid]
    assert index_is_the_database(pair.national)


def test_f18_a_record_that_the_index_refuses_stops_no_other_and_is_tried_again(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = pair.publish("Trạm đo độ mặn", "Máy sấy thăng hoa")
    engine = pair.national.engine
    taken = engine.apply

    def half(changes: Changes) -> tuple[Refused, ...]:
        kept = Changes(
            changes.position,
            tuple(put for put in changes.put if put.uid != one),
            changes.remove,
            changes.since,
        )
        return (*taken(kept), Refused(one, "mapping"))

    with monkeypatch.context() as patched:
        patched.setattr(engine, "apply", half)
        pair.push()
    assert found(pair.national, "thăng hoa") == [other]
    assert found(pair.national, "độ mặn") == []
    later(pair, 3600)
    assert found(pair.national, "độ mặn") == [one]
    assert index_is_the_database(pair.national)


def test_f19_what_was_withdrawn_stays_away_though_the_index_reads_all_once_more(pair: Pair) -> None:
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    withdraw(pair.local, uid)
    later(pair)
    with begin(pair.national) as work:
        epoch = feed.begin_new_epoch(work)
    settle(pair.national)
    assert pair.national.engine.epoch == epoch
    assert found(pair.national, "độ mặn") == []
    assert index_is_the_database(pair.national)


def test_f37_what_waits_for_a_number_is_counted_and_sent_in_its_order(pair: Pair) -> None:
    pair.push()
    uids = pair.publish("Trạm đo độ mặn", "Máy sấy thăng hoa", "Phân bón lá")
    pair.uplink.turn()  # The sequencer stands still.
    assert look_at(pair.local).unnumbered == 3
    assert copies(pair) == 0
    later(pair)
    assert look_at(pair.local).unnumbered == 0
    with look(pair.local) as work:
        numbered = work.session.execute(select(Published.id).order_by(Published.pub_seq)).scalars().all()
    assert numbered == uids
    assert sender(pair).acked_seq == 3


def test_c15_an_older_form_of_a_record_is_held_and_its_home_is_told_to_come_up_to_date(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_session(pair)
    with monkeypatch.context() as patched:
        patched.setitem(projection.KNOWN_MAJORS, "offer", 2)  # type: ignore[arg-type] # The receiver has moved on.
        older = an_item(a_body(pair), seq=1, schema="offer/1.0")
        receipt = send(pair, written(pair, older))
        assert (receipt.count("held"), receipt.acked_seq) == (1, 1)
        assert [flaw.code for flaw in receipt.results[0].flaws] == ["schema.outdated"]
        assert "offer/1.0" in receipt.results[0].flaws[0].detail
    pair.settle_national()
    assert found(pair.national, "thăng hoa") == []
    newer = an_item(a_body(pair), seq=2, schema="offer/1.7")
    assert send(pair, written(pair, newer, prev=1)).count("applied") == 1
    pair.settle_national()
    assert found(pair.national, "thăng hoa") == [newer.uid], "a newer minor version only adds"
