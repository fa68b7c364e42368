"""A local exchange on PostgreSQL, Elasticsearch and Redis, the national one on the embedded back ends: what its database
may suffer while it is in step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from exchange.sender import Phase
from marketplace.errors import Unavailable
from marketplace.models.feed import Published
from marketplace.readers import Sequencer, drain
from marketplace.runtime import Runtime
from marketplace.services import owners
from marketplace.services.bulk import Item, post_many
from marketplace.services.health import look_at
from marketplace.services.policy import SYSTEM
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.exchanges import on_servers, opened
from tests.support.market import content
from tests.support.network import Wires, local_settings
from tests.sync.conftest import Pair
from tests.sync.test_classification import SAYS, TRAM, at_home, classify, equal, filtered, sent, settled, undo
from tests.sync.test_faults import later, sender
from tests.sync.test_pushing import found

pytestmark = pytest.mark.services


@pytest.fixture
def local(
    tmp_path: Path, clock: HandMovedClock, wires: Wires, request: pytest.FixtureRequest
) -> Iterator[Runtime]:
    named = local_settings(tmp_path / "local", "can-tho", 9101)
    settings = on_servers(named, request.getfixturevalue("server_database"))
    with opened(settings, clock) as runtime:
        runtime.peers = wires
        yield runtime


def places(runtime: Runtime) -> list[int | None]:
    with look(runtime) as work:
        return list(work.session.scalars(select(Published.pub_seq).order_by(Published.pub_seq)))


def end_all_sessions(runtime: Runtime) -> None:
    """As a restart of the server does."""
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with runtime.database.connect() as connection:
        connection.execute(text(others))


def test_f7_a_restart_of_the_database_leaves_no_gap_and_no_place_twice(pair: Pair) -> None:
    sequencer = Sequencer(pair.local)
    uids = []
    for number in range(4):
        uids += pair.publish(f"Trạm đo độ mặn {number}")
        end_all_sessions(pair.local)
        for _ in range(3):  # Whoever held a session of the old server is told once, and goes on.
            try:
                drain([sequencer])
                break
            except Unavailable:
                continue
    assert places(pair.local) == [1, 2, 3, 4]
    end_all_sessions(pair.local)
    later(pair)
    later(pair)
    assert sender(pair).acked_seq == 4
    assert sorted(found(pair.national, "độ mặn")) == sorted(uids)


def test_f34_a_long_transaction_holds_nobody_up_and_comes_after_its_commit(pair: Pair) -> None:
    pair.push()
    with begin(pair.local) as slow:
        owner = owners.find_or_create(slow, "Viện Chậm")
        post_many(slow, SYSTEM, owner.id, [Item("slow", "1", content("offer", "Phân bón lá"))], publish=True)
        quick = pair.publish("Trạm đo độ mặn", "Máy sấy thăng hoa")
        later(pair)
        assert found(pair.national, "độ mặn") == [quick[0]]
        assert found(pair.national, "phân bón lá") == []
    later(pair)
    assert len(found(pair.national, "phân bón lá")) == 1
    assert places(pair.local) == [1, 2, 3]
    assert sender(pair).acked_seq == 3


def test_f37_while_the_sequencer_stands_still_others_write_and_it_goes_on_in_order(pair: Pair) -> None:
    pair.push()
    uids = pair.publish("Trạm đo độ mặn", "Máy sấy thăng hoa")
    pair.uplink.turn()
    assert (look_at(pair.local).unnumbered, sender(pair).acked_seq) == (2, 0)
    later(pair)
    assert (look_at(pair.local).unnumbered, sender(pair).acked_seq) == (0, 2)
    assert sender(pair).phase is Phase.IDLE
    assert found(pair.national, "thăng hoa") == [uids[1]]


def test_the_classification_layer_comes_down_to_a_home_on_servers(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    before = places(pair.local)
    classify(pair.national, uid)
    settled(pair)
    assert at_home(pair.local, uid) is not None
    assert places(pair.local) == [*before, before[-1] + 1]  # type: ignore[operator]
    assert filtered(pair.local, field=("4.1",), industry=SAYS.industries) == [uid]
    assert found(pair.local, "sluicewatch") == [uid]
    equal(pair.local, pair.national)
    undo(pair.national, uid)
    settled(pair)
    assert filtered(pair.local, field=("4.1",)) == []
    equal(pair.local, pair.national)
