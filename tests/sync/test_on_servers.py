"""The same with the national exchange on PostgreSQL, Elasticsearch and Redis, the local one on the embedded back ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from exchange.clusters import Op
from exchange.problems import Refused
from exchange.sessions import LATEST
from marketplace import sync_key
from marketplace.models.feed import FeedState
from marketplace.models.peers import Inbound
from marketplace.runtime import Runtime
from marketplace.services import catalogue, comparing, feed
from marketplace.services.clusters import log, reviewing
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import verifying
from marketplace.work import begin, look
from search.query import Query
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.exchanges import on_servers, opened
from tests.support.market import settle
from tests.support.network import Wires, national_settings
from tests.sync.conftest import Pair
from tests.sync.test_abuse import a_body, an_item, in_session, send, written
from tests.sync.test_classification import TRAM, classify, equal, filtered, sent, settled, undo
from tests.sync.test_faults import outgoing_line
from tests.sync.test_proof import compared
from tests.sync.test_pushing import found, withdraw
from tests.sync.trio import three

pytestmark = pytest.mark.services


@pytest.fixture
def national(
    tmp_path: Path, clock: HandMovedClock, wires: Wires, request: pytest.FixtureRequest
) -> Iterator[Runtime]:
    settings = on_servers(
        national_settings(tmp_path / "national"), request.getfixturevalue("server_database")
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


def test_a_feed_of_more_than_two_thousand_million_changes_goes_on(pair: Pair) -> None:
    for runtime in (pair.national, pair.local):
        with begin(runtime) as work:
            feed.begin_first_epoch(work)
            work.session.execute(update(FeedState).values(head=2**31 + 5))
    uids = pair.publish("Trạm đo độ mặn", "Máy sấy thăng hoa")
    pair.push()
    assert found(pair.national, "thăng hoa") == [uids[1]]
    withdraw(pair.local, uids[1])
    pair.push()
    assert found(pair.national, "thăng hoa") == []
    assert compared(pair)["equal"]


def test_a_clock_that_is_far_off_is_kept_as_it_is_said(pair: Pair) -> None:
    pair.push()
    peering = pair.uplink._peering(outgoing_line(pair))
    with look(pair.local) as work:
        greeting = pair.uplink.greeting(work, outgoing_line(pair))
    peering.ask("POST", "/sync/v1/session", replace(greeting, clock=LATEST).written())
    with look(pair.national) as work:
        ahead = work.session.get_one(Inbound, "can-tho").clock_ahead
    assert ahead == LATEST - int(pair.clock.now.timestamp())
    with pytest.raises(Refused) as refused:
        peering.ask("POST", "/sync/v1/session", replace(greeting, clock=greeting.clock * 1000).written())
    assert (refused.value.problem.code, refused.value.problem.more["path"]) == ("malformed", "/clock")


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


def test_one_technology_of_two_homes_is_found_once_and_counted_once(pair: Pair, tmp_path: Path) -> None:
    with three(pair, tmp_path) as trio:
        one, other = trio.linked()
        with look(trio.national) as work:
            page = catalogue.search(work, Query(text="độ mặn", facets=("origin",)))
            assert [finding.listing.uid for finding in page.findings] == [one]
            assert (page.results.total, page.results.facets) == (1, {"origin": {"can-tho": 1, "hue": 1}})
            assert comparing.compare(work).differences == ()
        withdraw(trio.one, one)
        trio.settle()
        assert found(trio.national, "độ mặn") == [other]


def test_c24_opposite_decisions_at_once_leave_what_the_log_says(pair: Pair, tmp_path: Path) -> None:
    with three(pair, tmp_path) as trio:
        one, other = trio.offer(trio.one, owner="Viện Lúa"), trio.offer(trio.other)
        trio.settle()
        pair_id, start = trio.candidate().id, threading.Barrier(2)

        def decide(decision: reviewing.Decision) -> None:
            start.wait()
            with begin(trio.national) as work:
                reviewing.decide(work, SYSTEM, pair_id, decision)

        with ThreadPoolExecutor(2) as both:
            list(both.map(decide, ("link", "part")))
        settle(trio.national)
        with look(trio.national) as work:
            last = log.of_pair(work, one, other)[-1].op
        expected = [one] if last is Op.LINK else sorted((one, other))
        assert sorted(found(trio.national, "độ mặn")) == expected


def test_a_listing_is_classified_found_by_it_and_taken_back_on_servers(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    classify(pair.national, uid)
    settled(pair)
    assert filtered(pair.national, field=("4",)) == [uid]
    assert found(pair.national, "sluicewatch") == [uid]
    equal(pair.national, pair.local)
    undo(pair.national, uid)
    settled(pair)
    assert filtered(pair.national, field=("4",)) == []
    equal(pair.national, pair.local)
    withdraw(pair.local, uid)
    settled(pair)
    equal(pair.national, pair.local)
