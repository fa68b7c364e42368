"""How the exchange does, in one look: what answers, who lags, what waits. For probes, metrics, the doctor and people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Thread
from typing import Any, TypeVar

from sqlalchemy import func, select

from marketplace import jobs, leases
from marketplace.errors import DatabaseAway, Unavailable
from marketplace.leases import TIMETABLE
from marketplace.models.feed import Published, ReaderFailure
from marketplace.models.jobs import Job
from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.settings import Settings
from marketplace.work import Work, look
from search.breaker import State
from search.engine import SearchError
from search.fields import INDEX_VERSION

READERS = ("indexing", "matchmaking", "notices")
"""Those whose lag people feel. A test holds them against the readers there are."""
NATIONAL_READERS = ("clustering", "classifying")
"""What a national exchange has beside."""
MODEL_READERS = ("placing",)
"""What an exchange with a sentence model has beside."""
IMPATIENCE = 1.5
"""Seconds each server has, all at the same time: whoever asks how we are gives up after four (compose.yaml), and an
exchange without search is to be found limited then, not dead."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Index:
    """The search index. `why_not` says in one sentence why it does not answer; empty when it does."""

    engine: str
    version: int
    epoch: str = ""
    position: int = 0
    why_not: str = ""
    circuit: State = "closed"
    """Whether this process asks its server at all: open after it failed again and again."""

    @property
    def answers(self) -> bool:
        return not self.why_not


@dataclass(frozen=True, slots=True)
class Bell:
    """The queue's server: whether it answers, its version, and the rings that wait in it."""

    answers: bool
    version: str
    rings: int


@dataclass(frozen=True, slots=True)
class Health:
    """One moment of the exchange."""

    epoch: str
    head: int
    unnumbered: int
    """Published changes that no sequencer has numbered yet."""
    lag: Mapping[str, int]
    """Reader -> changes it is behind the feed."""
    failures: Mapping[str, int]
    """Reader -> records put aside."""
    states: Mapping[str, int]
    """State -> jobs in it."""
    due: int
    """Jobs that could run now."""
    oldest: timedelta
    """How long the one that has been due longest waits."""
    timekeeper: str
    index: Index
    bell: Bell
    pool: int = field(default=0)
    """Database connections in use by this process."""


def readers(settings: Settings) -> tuple[str, ...]:
    """Those that this exchange has, in the order in which a listing passes through them."""
    national = NATIONAL_READERS if settings.role == "national" else ()
    return (*national, *READERS, *(MODEL_READERS if settings.model_folder else ()))


def limited(runtime: Runtime) -> tuple[str, ...]:
    """What people cannot have just now: search, jobs. Raises `Unavailable` when they can have nothing."""
    index, bell = _asked(partial(_index, runtime)), _asked(partial(_bell, runtime))
    epoch = _asked(partial(_epoch, runtime))
    all_three: list[Future[Any]] = [index, bell, epoch]
    done = wait(all_three, IMPATIENCE).done
    if epoch not in done:
        raise DatabaseAway
    present = epoch.result()
    poor = {
        "search": index not in done or index.result().epoch != present,
        "jobs": bell not in done or not bell.result().answers,
    }
    return tuple(name for name, missing in poor.items() if missing)


def in_time(question: Callable[[], T], seconds: float) -> T:
    """What the database answers. Raises `Unavailable` when it does not in so many seconds."""
    try:
        return _asked(question).result(seconds)
    except TimeoutError:
        raise DatabaseAway from None


def _asked(question: Callable[[], T]) -> Future[T]:
    """Asked in a thread of its own, which is left behind where the answer comes too late."""
    answer: Future[T] = Future()

    def ask() -> None:
        try:
            answer.set_result(question())
        except BaseException as error:
            answer.set_exception(error)

    Thread(target=ask, name="health", daemon=True).start()
    return answer


def _epoch(runtime: Runtime) -> str:
    with look(runtime) as work:
        return feed.state(work).epoch


def look_at(runtime: Runtime) -> Health:
    """Ask everything once. Raises `Unavailable` when the database does not answer: without it there is no exchange."""
    index, bell = _index(runtime), _bell(runtime)
    with look(runtime) as work:
        state = feed.state(work)
        lag = {name: max(0, state.head - feed.position(work, name)) for name in readers(runtime.settings)}
        keeper = leases.holder_of(work.session, TIMETABLE, work.now)
        waiting, oldest = due(work)
        return Health(
            epoch=state.epoch, head=state.head, unnumbered=_unnumbered(work), lag=lag,
            failures=_counted(work, ReaderFailure.reader), states=_counted(work, Job.state), due=waiting, oldest=oldest,
            timekeeper=keeper, index=index, bell=bell,
            pool=runtime.database.pool.checkedout(),  # type: ignore[attr-defined]  # both databases have such a pool
        )  # fmt: skip


def _index(runtime: Runtime) -> Index:
    engine = runtime.engine
    try:
        epoch, position = engine.standing(IMPATIENCE)
    except SearchError as error:
        return Index(engine.name, INDEX_VERSION, why_not=str(error), circuit=engine.circuit)
    return Index(engine.name, INDEX_VERSION, epoch, position, circuit=engine.circuit)


def _bell(runtime: Runtime) -> Bell:
    try:
        version, rings = runtime.queue.state()
    except Unavailable:
        return Bell(False, "", 0)
    return Bell(True, version, rings)


def _counted(work: Work, column: Any) -> dict[str, int]:
    rows = work.session.execute(select(column, func.count()).group_by(column).order_by(column))
    return dict(rows.all())


def _unnumbered(work: Work) -> int:
    wanted = select(func.count()).select_from(Published).where(Published.pub_seq.is_(None))
    return work.session.scalar(wanted) or 0


def due(work: Work) -> tuple[int, timedelta]:
    """Jobs that could run now, and how long the oldest of them has waited."""
    wanted = select(func.count(), func.min(Job.run_at)).where(jobs.is_due(work.now))
    count, since = work.session.execute(wanted).one()
    return count, max(timedelta(), work.now - since) if since else timedelta()
