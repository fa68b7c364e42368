"""What is wrong with a search server is said in one sentence, with its mend; and nobody waits longer than the limit."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from search import elastic
from search.document import Changes, Removal
from search.elastic import ElasticEngine
from search.elastic_calls import TRIES, Calls
from search.engine import SearchError
from search.mapping import LENGTHS
from search.query import Query
from tests.search.shelf import listing
from tests.services import service_url
from tests.support.exchanges import own_prefix
from tests.support.imposter import ELASTICSEARCH, imposter


def error(kind: str, reason: str = "no") -> dict[str, Any]:
    return {"error": {"type": kind, "reason": reason, "root_cause": [{"type": kind}]}, "status": 400}


OLDER = error("media_type_header_exception", "Invalid media-type value on headers [Accept]")
OLDEST = {
    "error": "Content-Type header [application/vnd.elasticsearch+json; compatible-with=8] is not supported",
    "status": 406,
}
FOREIGN: dict[str, str] = {}


@pytest.mark.parametrize(
    ("status", "body", "headers", "said"),
    [
        (200, {"hello": "world"}, FOREIGN, "answers, but is not Elasticsearch: correct SEARCH_URL"),
        (404, {"error": "no such page"}, FOREIGN, "answers, but is not Elasticsearch: correct SEARCH_URL"),
        (400, OLDER, ELASTICSEARCH, "is older than 8: upgrade it"),
        (400, OLDER, FOREIGN, "is older than 8: upgrade it"),
        (406, OLDEST, FOREIGN, "is older than 8: upgrade it"),
        (
            401,
            error("security_exception"),
            ELASTICSEARCH,
            "does not know the user and password in SEARCH_URL",
        ),
        (403, error("security_exception", "action is unauthorized"), ELASTICSEARCH, "give it the right"),
        (
            500,
            error("illegal_state", "disk on fire"),
            ELASTICSEARCH,
            "refused: 500 illegal_state: disk on fire",
        ),
    ],
)
def test_each_fault_is_said_in_a_sentence_without_the_password(
    status: int, body: Any, headers: dict[str, str], said: str
) -> None:
    with imposter(status, body, headers) as server:
        engine = elastic.open_engine(server.url.replace("//", "//giao:geheim@"))
        for ask in (lambda: engine.search(Query(text="máy")), lambda: engine.epoch, engine.condition):
            with pytest.raises(SearchError) as refusal:
                ask()
            assert said in str(refusal.value)
            assert "geheim" not in str(refusal.value)
        engine.close()


def test_a_port_where_nobody_listens_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    engine = elastic.open_engine(f"http://127.0.0.1:{port}")
    with pytest.raises(SearchError, match=f"127.0.0.1:{port} does not answer"):
        engine.search(Query(text="máy"))
    engine.close()


# -- patience, retries, the circuit ------------------------------------------------------------------------------------


class Time:
    """Seconds that pass only when somebody pauses."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def calls(url: str, time: Time) -> Calls:
    return Calls(Elasticsearch(url, max_retries=0), "the server", clock=time, pause=time.pause)


def ask(calls: Calls) -> Any:
    return calls(lambda client: client.count(index="giao"))["count"]


def test_what_may_pass_is_tried_again_after_pauses_by_chance_and_what_cannot_is_not() -> None:
    with imposter(503, error("busy")) as server:
        time = Time()
        speaking = calls(server.url, time)
        with pytest.raises(SearchError):
            ask(speaking)
        assert server.asked == TRIES
        assert len(set(time.pauses)) == TRIES - 1
        server.status, server.body, server.asked = 400, error("parsing_exception"), 0
        with pytest.raises(SearchError, match="parsing_exception"):
            ask(speaking)
        assert server.asked == 1
        speaking.close()


def test_a_server_that_fails_again_and_again_is_left_alone_then_tried_by_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with imposter(503, error("busy")) as server:
        time = Time()
        speaking = calls(server.url, time)
        for _ in range(2):
            with pytest.raises(SearchError):
                ask(speaking)
        assert speaking.breaker.state == "open"
        server.asked = 0
        with pytest.raises(SearchError, match="left alone"):
            ask(speaking)
        assert server.asked == 0
        time.now += 6
        assert speaking.breaker.state == "half-open"
        assert speaking.breaker.passes()
        assert not speaking.breaker.passes(), "one alone tries"
        speaking.breaker.failed()
        assert speaking.breaker.state == "open"
        time.now += 6
        server.status, server.body = 200, {"count": 7}
        assert ask(speaking) == 7
        assert speaking.breaker.state == "closed"
        told = [record.getMessage() for record in caplog.records if record.name == "giao.search"]
        assert [text.partition("server ")[2] for text in told] == [
            "is left alone for a while: it failed repeatedly", "answers again",
        ]  # fmt: skip
        speaking.close()


def test_one_refusal_that_is_the_questions_own_fault_opens_no_circuit() -> None:
    with imposter(400, error("parsing_exception")) as server:
        speaking = calls(server.url, Time())
        for _ in range(9):
            with pytest.raises(SearchError):
                ask(speaking)
        assert speaking.breaker.state == "closed"
        speaking.close()


def test_a_server_that_takes_the_question_and_never_answers_is_waited_for_no_longer_than_the_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        speaking = Calls(
            Elasticsearch(f"http://127.0.0.1:{silent.getsockname()[1]}", max_retries=0), "silence"
        )
        with pytest.raises(SearchError, match="silence does not answer"):
            speaking(lambda client: client.count(index="giao"), within=0.3)
        speaking.close()


# -- on a real server --------------------------------------------------------------------------------------------------


@pytest.fixture
def prefix() -> str:
    return own_prefix()


@pytest.fixture
def engine(prefix: str) -> Iterator[ElasticEngine]:
    opened = elastic.open_engine(f"{service_url('SEARCH_URL').rstrip('/')}/{prefix}")
    opened.start("first")
    opened.apply(Changes(1, (listing(1),)))
    yield opened
    opened.drop()
    opened.close()


@pytest.fixture
def server() -> Iterator[Elasticsearch]:
    """An operator's own hold on the server."""
    client = Elasticsearch(service_url("SEARCH_URL"))
    yield client
    client.close()


BLOCKS: list[tuple[str, str]] = [
    ("read_only", "somebody closed it"),
    # What Elasticsearch itself does to every index once the disk is nearly full.
    ("read_only_allow_delete", "the disk of the server was full"),
]


@pytest.mark.parametrize(("block", "cause"), BLOCKS)
def test_a_closed_index_is_read_on_and_says_how_to_open_it_again(
    engine: ElasticEngine, server: Elasticsearch, prefix: str, block: str, cause: str
) -> None:
    server.indices.put_settings(index=f"{prefix}-v*", settings={f"index.blocks.{block}": True})
    try:
        with pytest.raises(SearchError, match="block"):
            engine.apply(Changes(2, (listing(2),)))
        assert engine.search(Query(text="lúa")).total == 1
        (fault,) = engine.condition().faults
        assert cause in fault
        assert f"index.blocks.{block}" in fault
    finally:
        server.indices.put_settings(index=f"{prefix}-v*", settings={f"index.blocks.{block}": None})
    assert engine.position == 1
    engine.apply(Changes(2, (listing(2),)))
    assert (engine.count(), engine.condition().faults) == (2, ())


def test_a_mapping_that_was_changed_by_hand_is_noticed_and_a_reindex_mends_it(
    engine: ElasticEngine, server: Elasticsearch, prefix: str
) -> None:
    extra = {"colour": {"type": "keyword"}}
    server.indices.put_mapping(index=f"{prefix}-v*", dynamic="true", properties=extra)
    loose, foreign = engine.condition().faults
    assert "takes fields that nobody declared" in loose
    assert "the mapping has the field colour as keyword instead of nothing" in foreign
    engine.start("first")
    assert engine.condition().faults == ()


def test_a_field_of_another_type_refuses_its_listings_by_name_and_takes_the_others(
    engine: ElasticEngine, server: Elasticsearch, prefix: str
) -> None:
    held = server.indices.get(index=f"{prefix}-v*")
    ((index, about),) = held.items()
    mapping = json.loads(json.dumps(about["mappings"]))
    mapping["properties"]["province"] = {"type": "long"}
    settings = {name: about["settings"]["index"][name] for name in ("analysis", "refresh_interval")}
    server.indices.delete(index=index)
    server.indices.create(
        index=index, mappings=mapping, settings=settings, aliases={name: {} for name in about["aliases"]}
    )
    engine._serving().put_note("first", 0)
    sick, well = listing(2, province="Hà Nội"), listing(3)
    (refused,) = engine.apply(Changes(3, (sick, well)))
    assert refused.uid == sick.uid
    assert "province" in refused.reason
    assert [hit.uid for hit in engine.search(Query(text="lúa")).hits] == [well.uid]
    assert "province as long instead of keyword" in engine.condition().faults[0]


def test_what_was_stored_and_not_noted_counts_for_how_far_the_index_reaches(engine: ElasticEngine) -> None:
    assert (engine.position, engine.furthest) == (1, 1)
    engine._serving().put(Changes(9, remove=(Removal("n:offer:9", 9),)))
    assert (engine.position, engine.furthest) == (1, 9)


def test_a_listing_that_was_changed_by_hand_is_of_another_version(
    engine: ElasticEngine, server: Elasticsearch
) -> None:
    before = list(engine.entries())
    server.update(index=engine.alias, id=before[0].uid, doc={"title_text": "Máy của ai đó"}, refresh=True)
    (entry,) = engine.entries()
    assert entry == replace(before[0], version=before[0].version + 1)


def test_every_record_says_how_long_each_of_its_texts_is(
    engine: ElasticEngine, server: Elasticsearch, prefix: str
) -> None:
    """Also a listing without a summary, one that was removed, and the index's own note: where one does not, writing the
    others takes time that grows with their square."""
    engine.apply(Changes(3, (listing(2, summary="Sấy bằng trấu"),), (Removal("n:offer:3", 3),)))
    server.indices.refresh(index=f"{prefix}-v*")
    everything = server.count(index=f"{prefix}-v*")["count"]
    assert everything == 4
    for field in LENGTHS:
        said = server.count(index=f"{prefix}-v*", query={"exists": {"field": field}})
        assert said["count"] == everything, field
