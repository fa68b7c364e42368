"""Figures for Prometheus: what this process counted of its requests, and how the exchange does at the moment of asking.

Served on an address of its own (`METRICS_ADDRESS`), never among the pages: what waits and what is broken is nobody's
business but the operator's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from marketplace.counted import Counted
from marketplace.errors import Unavailable
from marketplace.models.peers import STATUSES
from marketplace.runtime import Runtime
from marketplace.services import health
from marketplace.services.health import Health
from marketplace.services.sync import gauges
from marketplace.services.sync.gauges import KeyFigures, PeerFigures, SourceFigures
from marketplace.settings import SettingsError
from marketplace.work import look

PATIENCE = 7.0
"""Seconds for all figures. Prometheus gives up after ten and compose.yaml after eight: a database that stands still is to
be found away, and not the process dead."""
CIRCUITS = ("closed", "half-open", "open")
STATES = ("waiting", "running", "done", "stopped", "dead")


@contextmanager
def serving(runtime: Runtime, counted: Counted) -> Iterator[int]:
    """Answer on the address of the settings while the block lasts; the port. Where none is set, nothing is served.

    Raises `SettingsError` when the address cannot be had.
    """
    host, _, port = runtime.settings.metrics_address.rpartition(":")
    if not host:
        yield 0
        return
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), registry=Exchange(runtime, counted))
    except OSError as error:
        raise SettingsError(
            f"METRICS_ADDRESS names {host}:{port}, which cannot be had: {error.strerror}."
        ) from None
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Exchange(Collector):
    """All figures of one process; asks the database once a scrape."""

    runtime: Runtime
    counted: Counted

    def collect(self) -> Iterable[Metric]:
        yield from self.counted.registry.collect()
        try:
            stored = health.in_time(self._stored, PATIENCE)
        except Unavailable:
            yield gauge("giao_database_up", "1 while the database answers.", 0)
            return
        yield gauge("giao_database_up", "1 while the database answers.", 1)
        yield from stored

    def _stored(self) -> list[Metric]:
        """What only the database knows, and what answers beside it."""
        seen = health.look_at(self.runtime)
        with look(self.runtime) as work:
            peers, sources = of_peers(gauges.figures(work)), of_sources(gauges.sources(work))
            return [*figures(seen), *peers, *sources, *of_national_key(gauges.national_key(work))]


def figures(seen: Health) -> Iterator[Metric]:
    """One moment of the exchange as Prometheus reads it."""
    yield gauge("giao_search_up", "1 while the search engine answers.", int(seen.index.answers))
    circuit = {state: float(state == seen.index.circuit) for state in CIRCUITS}
    yield by("giao_search_circuit", "1 for the state of the circuit to the search engine.", "state", circuit)
    yield gauge("giao_queue_up", "1 while the queue's server answers.", int(seen.bell.answers))
    yield gauge("giao_timekeeper_up", "1 while a process keeps the timetable.", int(bool(seen.timekeeper)))
    yield gauge("giao_feed_head", "Number of the newest published change.", seen.head)
    yield gauge("giao_feed_unnumbered", "Published changes that have no number yet.", seen.unnumbered)
    yield by("giao_reader_lag", "Published changes a reader is behind.", "reader", seen.lag)
    failures = {reader: seen.failures.get(reader, 0) for reader in {*seen.lag, *seen.failures}}
    yield by("giao_reader_failures", "Records a reader has put aside.", "reader", failures)
    index = {"engine": seen.index.engine, "version": str(seen.index.version), "epoch": seen.index.epoch}
    yield labelled(
        "giao_index_position", "Change up to which the index is filled.", index, seen.index.position
    )
    states = {state: seen.states.get(state, 0) for state in {*STATES, *seen.states}}
    yield by("giao_jobs", "Jobs by their state; those that are dead need a person.", "state", states)
    yield gauge("giao_jobs_due", "Jobs that could run now.", seen.due)
    yield gauge(
        "giao_jobs_oldest_seconds",
        "How long the job waits that has been due longest.",
        seen.oldest.total_seconds(),
    )
    yield gauge("giao_queue_rings", "Rings that wait in the queue's server.", seen.bell.rings)
    yield gauge("giao_database_connections", "Database connections this process uses.", seen.pool)


OF_PEERS: Mapping[str, str] = {
    "waiting": "Changes on their way to or from another exchange.",
    "lag": "Seconds for which the oldest of them waits.",
    "held": "Records of which nothing is shown until they are mended or can be read.",
    "refused": "Records with something open against them.",
    "heard": "When the other exchange was last heard, in seconds since 1970.",
    "proved": "When both sides were last compared, in seconds since 1970.",
    "equal": "1 when the last comparison found them equal.",
    "key": "Until when the key it or we sign with is believed, in seconds since 1970.",
    "stopped": "1 when nothing goes on without a person.",
    "searchable_p95": "Seconds in which 95 of 100 changes of the last day could be found nationally.",
    "searchable_p99": "Seconds in which 99 of 100 changes of the last day could be found nationally.",
}


def of_peers(peers: Sequence[PeerFigures]) -> Iterator[Metric]:
    """How it stands with the other exchanges, each figure with the name of one as its label."""
    yield from _each("exchange", OF_PEERS, {one.peer: one for one in peers})


def _each(label: str, what: Mapping[str, str], told: Mapping[str, object]) -> Iterator[Metric]:
    """Each of these figures under the name of whom it is about; one that is not known is left out."""
    for name, meaning in what.items():
        said = {who: getattr(one, name) for who, one in told.items()}
        values = {who: float(value) for who, value in said.items() if value is not None}
        yield by(f"giao_{label}_{name}", meaning, label, values)


OF_SOURCES: Mapping[str, str] = {
    "passed": "When the list of a harvested catalogue was last read to its end, in seconds since 1970.",
    "records": "Records of it that are shown.",
    "held": "Records of it of which nothing is shown until they are mended there.",
    "taken": "Records that the last such pass brought new or changed.",
}


def of_sources(sources: Sequence[SourceFigures]) -> Iterator[Metric]:
    """How it stands with the catalogues that are harvested, each figure with the name of one as its label."""
    yield from _each("source", OF_SOURCES, {one.source: one for one in sources})
    states = {one.source: {state: state == one.status for state in STATUSES} for one in sources}
    yield by_two("giao_source_state", "1 for the state it is in.", ("source", "state"), states)
    alarms = {one.source: one.alarms for one in sources}
    yield by_two("giao_source_alarm", "1 for each alarm that is raised.", ("source", "alarm"), alarms)


def of_national_key(key: KeyFigures | None) -> Iterator[Metric]:
    if key is None:
        return
    day = "When the newest key of the national exchange has to be replaced, in seconds since 1970."
    yield gauge("giao_national_key", day, key.until)
    yield gauge("giao_national_key_handover", "1 while two keys of it are believed.", int(key.handover))
    yield gauge("giao_national_key_refused", "1 while what it signs is not believed.", int(key.refused))


def gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def by(name: str, what: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=[label])
    for one, value in sorted(values.items()):
        family.add_metric([one], value)
    return family


def by_two(name: str, what: str, labels: tuple[str, str], values: Mapping[str, Mapping[str, bool]]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=labels)
    for one, inner in sorted(values.items()):
        for other, holds in sorted(inner.items()):
            family.add_metric([one, other], float(holds))
    return family


def labelled(name: str, what: str, labels: Mapping[str, str], value: float) -> Metric:
    family = GaugeMetricFamily(name, what, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family
