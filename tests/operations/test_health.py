"""Probes and figures: honest about what is limited, and not for everybody."""

from __future__ import annotations

import socket
import time
import urllib.request
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from marketplace import jobs, metrics
from marketplace.counted import Counted
from marketplace.errors import DatabaseAway
from marketplace.followers import followers
from marketplace.readers import Follower
from marketplace.runtime import Runtime
from marketplace.services import health
from marketplace.settings import SettingsError
from marketplace.work import begin
from marketplace.working import Timekeeping
from search import elastic
from search.breaker import REST
from search.elastic import ElasticEngine
from tests.search.test_elastic_faults import Time, calls
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.exchanges import embedded_settings, opened
from tests.support.market import content, publish, settle

NOBODY = {
    "database_url": "postgresql+psycopg://giao@127.0.0.1:9/giao",
    "search_url": "http://127.0.0.1:9/giao",
    "queue_url": "redis://127.0.0.1:9/0",
}


def figures(runtime: Runtime, counted: Counted | None = None) -> dict[str, float]:
    """What Prometheus would read, over HTTP as it does."""
    runtime.settings = replace(runtime.settings, metrics_address="127.0.0.1:0")
    with metrics.serving(runtime, counted or Counted()) as port:
        address = f"http://127.0.0.1:{port}/metrics"
        text = urllib.request.urlopen(address, timeout=20).read().decode()
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def without(what: str, folder: Path, clock: HandMovedClock) -> Runtime:
    return Runtime(replace(embedded_settings(folder), **{what: NOBODY[what]}), clock)


def test_an_exchange_with_all_its_servers_is_ready(runtime: Runtime) -> None:
    settle(runtime)
    client = application(runtime).test_client()
    assert client.get("/health/live").json == {"status": "alive"}
    assert client.get("/health/ready").json == {"status": "ready", "limited": []}


@pytest.mark.parametrize(("what", "limited"), [("search_url", "search"), ("queue_url", "jobs")])
def test_what_is_away_is_said_while_the_rest_is_served(
    tmp_path: Path, clock: HandMovedClock, what: str, limited: str
) -> None:
    settings = replace(embedded_settings(tmp_path), **{what: NOBODY[what]})
    with opened(embedded_settings(tmp_path), clock) as whole:
        settle(whole)
        runtime = Runtime(settings, clock)
        answer = application(runtime).test_client().get("/health/ready")
        assert (answer.status_code, answer.json) == (200, {"status": "limited", "limited": [limited]})
        runtime.close()


def test_an_index_that_cannot_be_read_limits_search(tmp_path: Path, clock: HandMovedClock) -> None:
    with opened(embedded_settings(tmp_path), clock) as whole:
        settle(whole)
        (tmp_path / "file").write_text("", encoding="utf-8")
        runtime = Runtime(replace(whole.settings, search_url=f"tantivy:{tmp_path}/file"), clock)
        answer = application(runtime).test_client().get("/health/ready")
        assert (answer.status_code, answer.json) == (200, {"status": "limited", "limited": ["search"]})
        runtime.close()


def test_without_its_database_it_is_not_ready_but_alive(tmp_path: Path, clock: HandMovedClock) -> None:
    runtime = without("database_url", tmp_path, clock)
    client = application(runtime).test_client()
    assert client.get("/health/live").status_code == 200
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json) == (503, {"status": "away", "limited": ["database"]})
    with pytest.raises(DatabaseAway):
        health.look_at(runtime)
    assert figures(runtime)["giao_database_up"] == 0
    runtime.close()


def test_the_figures_are_those_of_the_exchange(runtime: Runtime, clock: HandMovedClock) -> None:
    publish(runtime, content("offer", "Máy sấy lúa"), content("offer", "Máy gặt lúa"))
    assert figures(runtime)["giao_feed_unnumbered"] == 2
    settle(runtime)
    publish(runtime, content("offer", "Máy cày"), start=5)
    followers(runtime)[0].turn()
    with begin(runtime) as work:
        waiting, dead = work.ask("send_letter"), work.ask("send_letter")
        held = jobs.claim(work.session, work.now, job_id=dead)
        assert held
        jobs.fail(work.session, replace(held, is_last=True), work.now, error="no", jitter=0)
    clock.move(timedelta(seconds=30))
    seen = figures(runtime)
    assert seen["giao_feed_head"] == 3
    assert seen['giao_reader_lag{reader="indexing"}'] == 1
    assert seen['giao_jobs{state="dead"}'] == 1
    assert seen['giao_jobs{state="waiting"}'] == seen["giao_jobs_due"] == 1
    assert seen["giao_jobs_oldest_seconds"] == 30
    assert (seen["giao_search_up"], seen["giao_queue_up"], seen["giao_database_up"]) == (1, 1, 1)
    assert seen["giao_timekeeper_up"] == 0
    Timekeeping(runtime).look()
    assert figures(runtime)["giao_timekeeper_up"] == 1
    assert waiting


def test_the_circuit_to_a_search_engine_that_failed_repeatedly_is_seen_open(embedded: Runtime) -> None:
    def circuit() -> dict[str, float]:
        read = figures(embedded)
        return {name: read[f'giao_search_circuit{{state="{name}"}}'] for name in metrics.CIRCUITS}

    assert circuit() == {"closed": 1, "half-open": 0, "open": 0}, "the embedded engine has nothing to open"
    time = Time()
    speaking = calls("http://127.0.0.1:9", time)
    embedded.engine = ElasticEngine(speaking, "giao")
    assert circuit() == {"closed": 1, "half-open": 0, "open": 0}, "it has failed, not yet repeatedly"
    assert circuit() == {"closed": 0, "half-open": 0, "open": 1}
    time.now += REST
    assert speaking.breaker.passes(), "somebody tries whether it answers again"
    assert circuit() == {"closed": 0, "half-open": 1, "open": 0}


def test_a_search_engine_that_says_nothing_keeps_no_probe_waiting(embedded: Runtime) -> None:
    """compose.yaml gives the pages four seconds, and a worker, whose figures are asked for, eight."""
    settle(embedded)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        embedded.engine = elastic.open_engine(f"http://127.0.0.1:{silent.getsockname()[1]}")
        begun = time.monotonic()
        answer = application(embedded).test_client().get("/health/ready")
        assert (answer.status_code, answer.json) == (200, {"status": "limited", "limited": ["search"]})
        assert time.monotonic() - begun < 3
        assert figures(embedded)["giao_search_up"] == 0
        assert time.monotonic() - begun < 6
        embedded.engine.close()


def test_requests_are_counted_by_route_and_never_by_address(embedded: Runtime) -> None:
    counted = Counted()
    client = application(embedded, counted).test_client()
    for n in range(3):
        client.get(f"/vi/nothing/{n}")
    client.get("/vi/help")
    seen = figures(embedded, counted)
    assert seen['giao_request_seconds_count{method="GET",route="nowhere",status="4xx"}'] == 3
    assert seen['giao_request_seconds_count{method="GET",route="pages.help",status="2xx"}'] == 1


def test_nobody_reads_the_figures_among_the_pages(embedded: Runtime) -> None:
    client = application(embedded).test_client()
    assert [client.get(path).status_code for path in ("/metrics", "/vi/metrics", "/health/metrics")] == [
        404
    ] * 3
    with metrics.serving(embedded, Counted()) as port:
        assert port == 0, "without an address they are served nowhere"


def test_an_address_that_is_taken_is_said(embedded: Runtime) -> None:
    embedded.settings = replace(embedded.settings, metrics_address="127.0.0.1:0")
    with metrics.serving(embedded, Counted()) as port:
        embedded.settings = replace(embedded.settings, metrics_address=f"127.0.0.1:{port}")
        with (
            pytest.raises(SettingsError, match="METRICS_ADDRESS names"),
            metrics.serving(embedded, Counted()),
        ):
            pass


@pytest.mark.parametrize("role", ["local", "national"])
def test_every_reader_has_its_lag_among_the_figures(embedded: Runtime, role: str) -> None:
    embedded.settings = replace(embedded.settings, role=role)
    names = {one.reader.name for one in followers(embedded) if isinstance(one, Follower)}
    assert names - {"rematching"} == set(health.readers(embedded.settings))
    told = {name for name in figures(embedded) if name.startswith("giao_reader_lag")}
    assert told == {f'giao_reader_lag{{reader="{name}"}}' for name in health.readers(embedded.settings)}
