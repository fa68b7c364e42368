"""The same with the national exchange on PostgreSQL, Elasticsearch and Redis, the local one on the embedded back ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from marketplace import sync_key
from marketplace.runtime import Runtime
from marketplace.services.sync import verifying
from marketplace.work import look
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.exchanges import opened, server_settings
from tests.support.network import Wires, national_settings
from tests.sync.conftest import Pair
from tests.sync.test_abuse import a_body, an_item, in_session, send, written
from tests.sync.test_proof import compared
from tests.sync.test_pushing import found, withdraw

pytestmark = pytest.mark.services


@pytest.fixture
def national(
    tmp_path: Path, clock: HandMovedClock, wires: Wires, request: pytest.FixtureRequest
) -> Iterator[Runtime]:
    named = national_settings(tmp_path / "national")
    servers = server_settings(tmp_path / "national", request.getfixturevalue("server_database"))
    settings = replace(
        servers,
        node_id=named.node_id,
        role=named.role,
        base_url=named.base_url,
        exchange_name=named.exchange_name,
    )
    with opened(settings, clock) as runtime:
        runtime.peers = wires
        sync_key.ensure(settings.key_file)
        wires.apps[settings.base_url] = application(runtime)
        yield runtime


def test_c18_the_highest_revision_of_the_protocol_has_room(pair: Pair) -> None:
    body = a_body(pair)
    in_session(pair)
    last = an_item(body, seq=1, rev=2**53 - 1)
    receipt = send(pair, written(pair, last))
    assert (receipt.count("applied"), receipt.acked_seq) == (1, 1)
    pair.settle_national()
    assert found(pair.national, "thăng hoa") == [last.uid]


def test_what_is_published_is_found_what_is_withdrawn_is_gone_and_all_is_equal(pair: Pair) -> None:
    uids = pair.publish("Trạm đo độ mặn", "Máy sấy thăng hoa", "Phân bón lá")
    pair.push()
    assert found(pair.national, "thăng hoa") == [uids[1]]
    withdraw(pair.local, uids[0])
    pair.push()
    assert found(pair.national, "độ mặn") == []
    proof = compared(pair)
    assert (proof["equal"], proof["theirs_count"]) == (True, 3)
    pair.settle_national()
    with look(pair.national) as work:
        assert [(one.what, one.well) for one in verifying.findings(work)] == [
            ("can-tho", True),
            ("view", True),
            ("index", True),
        ]
