"""The queue over Redis, for several workers on several machines. The only place that knows RQ.

RQ carries nothing but a job's id. Claim, lease, retries and back-off are the table's, as with the embedded
queue, so that the two behave alike and an emptied Redis only delays: a sweep rings again for every row that
is due.

The workers are threads and do not fork, because a process with an index, a database pool and readers open
must not be forked. A job that takes its process with it is claimed anew once its lease has run out, and is
dead after its last attempt. It also makes RQ faster: 255 small jobs a second in one process against 80 with
forks (RQ 3.0, two cores).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as Once
from rq import Queue as Rings
from rq import Retry, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job as Ring
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty
from rq.worker import WorkerStatus
from sqlalchemy.orm import Session, sessionmaker

from marketplace import jobs
from marketplace.carrier import Carrier
from marketplace.clock import Clock
from marketplace.db import for_writing
from marketplace.errors import Unavailable
from marketplace.loop import GRACE, Loop, stop_all
from marketplace.queue import HANDS, Queue, Run

log = logging.getLogger(__name__)

SWEEP = 5.0
"""Seconds between two looks at the table, and so the most that a lost ring delays a job."""

RING: dict[str, Any] = {"job_timeout": -1, "result_ttl": 0, "failure_ttl": 3600, "retry": Retry(max=3)}
"""No time limit, for a job proves by its lease that it lives. The retries are for a database that blinked."""

_carrier: ContextVar[Carrier] = ContextVar("carrier")


def answer(job_id: str) -> None:
    """What RQ calls, by its name, when a ring arrives. The thread has said beforehand for whom it works."""
    _carrier.get().carry(job_id)


class Hand(SimpleWorker):
    """An RQ worker that lives in a thread and stops when told."""

    # The usual one needs signals, which only the main thread receives.
    death_penalty_class = TimerDeathPenalty
    # Redis away: look again after a few seconds, not after a minute, which is the default.
    max_connection_wait_time = 5.0

    def __init__(self, rings: Rings, stopping: threading.Event) -> None:
        # A worker that died is noticed after this interval and a minute; the default is ten minutes.
        super().__init__(
            [rings], connection=rings.connection, serializer=JSONSerializer, maintenance_interval=30
        )
        self._stopping = stopping

    @property
    def dequeue_timeout(self) -> int:
        return 1

    def bootstrap(self, *_: Any, **__: Any) -> None:
        """Without RQ's log handlers, and without its command channel, which would kill this process."""
        self.register_birth()  # type: ignore[no-untyped-call]
        self.set_state(WorkerStatus.STARTED)

    def _install_signal_handlers(self) -> None:
        """Signals belong to the process that runs us."""

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Ring, Rings] | None:
        while not self._stopping.is_set():
            found = super().dequeue_job_and_maintain_ttl(timeout, max_idle_time=1)
            if found or timeout is None:
                return found
        raise StopRequested


class RqQueue:
    """The queue whose bell is a list in Redis. `name` keeps exchanges apart that share one Redis."""

    def __init__(
        self,
        url: str,
        sessions: sessionmaker[Session],
        clock: Clock,
        *,
        name: str = "giao",
        sweep_every: float = SWEEP,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._sweep_every = sweep_every
        # A page must not hang on a Redis that is away; the sweep makes good what is not rung.
        hasty = Redis.from_url(
            url, socket_timeout=2.0, socket_connect_timeout=2.0, retry=Once(NoBackoff(), 0)
        )
        self._bell = Rings(name, connection=hasty, serializer=JSONSerializer)
        self._rings = Rings(name, connection=Redis.from_url(url), serializer=JSONSerializer)
        self._stopping = threading.Event()
        self._loops: list[Loop] = []

    def ring(self, job_id: str) -> None:
        try:
            self._bell.enqueue(answer, job_id, job_id=job_id, **RING)
        except RedisError as error:
            log.warning("Redis did not take the ring for job %s; the sweep rings again: %s", job_id, error)

    def state(self) -> tuple[str, int]:
        try:
            version: str = self._bell.connection.info("server")["redis_version"]
            # A server whose memory is full, or that only copies another, answers and takes no ring.
            self._bell.connection.set(f"rq:takes-rings:{self._bell.name}", "", ex=60)
            return f"redis {version}", self._bell.count
        except RedisError as error:
            raise Unavailable("queue_away") from error

    def start(self, run: Run) -> None:
        if self._loops:
            raise RuntimeError("the queue has been started already")
        self._stopping.clear()
        carrier = Carrier(self._sessions, self._clock, run)
        self._loops = [Loop("jobs-sweep", lambda: _patiently(self.sweep), every=self._sweep_every)]
        for number in range(HANDS):
            hand = Loop(f"jobs-{number + 1}", lambda: _patiently(lambda: self._serve(carrier)), every=SWEEP)
            self._loops.append(hand)
        for loop in self._loops:
            loop.start()

    def work_off(self, run: Run) -> None:
        carrier = Carrier(self._sessions, self._clock, run)
        while self._due():
            self.sweep()
            self._serve(carrier, burst=True)

    def sweep(self) -> None:
        """Ring for every job that is due and has no ring waiting in Redis."""
        if waiting := self._due():
            rung = set(self._bell.get_job_ids())
            for job_id in waiting:
                if job_id not in rung:
                    self.ring(job_id)

    def stop(self, seconds: float = GRACE) -> None:
        self._stopping.set()
        stop_all(self._loops, seconds)
        self._loops = []

    def close(self) -> None:
        self.stop()
        self._bell.connection.close()
        self._rings.connection.close()

    def _serve(self, carrier: Carrier, *, burst: bool = False) -> None:
        """Answer rings until told to stop, or with `burst` until there are none."""
        before = _carrier.set(carrier)
        try:
            Hand(self._rings, threading.Event() if burst else self._stopping).work(burst=burst)
        finally:
            _carrier.reset(before)

    def _due(self) -> list[str]:
        with self._sessions.begin() as session:
            return jobs.due(for_writing(session), self._clock())


def _patiently(step: Callable[[], None]) -> None:
    """One line in the log when Redis is away, not a page: it is tried again soon."""
    try:
        step()
    except RedisError as error:
        log.warning("Redis is away, jobs wait: %s", error)


def open_queue(url: str, sessions: sessionmaker[Session], clock: Clock) -> Queue:
    """`redis://host:6379/0`, or `…/0?queue=NAME` when several exchanges share one Redis."""
    logging.getLogger("rq").setLevel(logging.WARNING)  # It would say four lines for every job.
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    name = options.pop("queue", "giao")
    return RqQueue(urlunsplit(parts._replace(query=urlencode(options))), sessions, clock, name=name)
