"""What a job's name means: each task takes the runtime and the job's own arguments, and bears being run twice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from marketplace import harvesting, jobs
from marketplace.errors import Conflict, NotFound
from marketplace.jobs import Stopped
from marketplace.models.jobs import Job
from marketplace.runtime import Runtime
from marketplace.schedule import Period
from marketplace.services import (
    broker_desks,
    embeddings,
    expiry,
    facts,
    letters,
    matchmaking,
    organisations,
    profiles,
    rescoring,
    sessions,
    statistics,
    throttle,
    tokens,
    waiting_cases,
    weights,
)
from marketplace.services.sync import choosing, lag, probes, projecting, replays, sources
from marketplace.tracing import trace, tracing
from marketplace.work import again, begin, look

log = logging.getLogger("giao.jobs")

Task = Callable[..., None]


def refresh_statistics(runtime: Runtime) -> None:
    """A new snapshot of word statistics, when the exchange has outgrown the current one."""
    with look(runtime) as work:
        if not statistics.outgrown(work):
            return
        snapshot = statistics.collected(work)
    with begin(runtime) as work:
        statistics.store(work, snapshot)


def rescore_matches(runtime: Runtime) -> None:
    """Weigh every stored match anew that is not at the live and shadow weights, some at a time.

    Those of other rules than this code has are matched again: their texts must be rated anew.
    """
    changed = True
    while changed:
        with begin(runtime) as work:
            changed = rescoring.rescore_some(work) > 0
    with begin(runtime) as work:
        if rescoring.outdated(work):
            statistics.rematch(work)


def rematch_all(runtime: Runtime) -> None:
    """Freeze what is known now, and let the reader that matches again begin at the start of the feed; where it is stands in
    its cursor."""
    with begin(runtime) as work:
        facts.renew(work)
        statistics.rematch(work)


def send_letter(runtime: Runtime, letter: str, **arguments: str) -> None:
    """Write a letter and hand it to the mailer. Sent after the commit: the link in it must be known by then."""
    with begin(runtime) as work:
        written = letters.write(work, letter, **arguments)
    if written is not None:
        runtime.mailer.send(written)


def forget_what_is_over(runtime: Runtime) -> None:
    """Remove links, sessions, counted tries, jobs and compiled listings that nothing looks at any more, what was made of
    listings that are gone, and bytes of batches sent long ago."""
    with begin(runtime) as work:
        replays.forget(work)
        probes.forget(work)
        tokens.sweep(work)
        sessions.sweep(work)
        throttle.sweep(work)
        matchmaking.sweep(work)
        embeddings.sweep(work)
        profiles.sweep(work, statistics.current(work))
        jobs.sweep(work.session, work.now)


def show_listings_again(runtime: Runtime, organisation_id: str) -> None:
    """Publish anew what names an organisation that has changed its name."""
    after, parts = " ", 0  # A blank sorts before every id.
    while after:
        with begin(runtime) as work:
            after = organisations.show_some_again(work, organisation_id, after=after)
        parts += 1
        report(runtime, done=parts)


def report(runtime: Runtime, *, done: int, total: int = 0, wrong: int = 0) -> None:
    """Say how far the job under way has come; called after each part of a long one.

    Raises `Stopped` when a person has stopped it: what is done stays, nothing more is begun.
    """
    with begin(runtime) as work:
        going = jobs.report(work.session, trace.get(), {"done": done, "total": total, "wrong": wrong})
    if trace.get() and not going:
        raise Stopped


def compare_exchanges(runtime: Runtime) -> None:
    """Every night the sender compares both sides down to the records, whatever its heartbeats have said."""
    with begin(runtime) as work:
        choosing.compare_nightly(work)


def watch_exchanges(runtime: Runtime) -> None:
    """Note how far behind it is with each other exchange, for the chart of the last 24 hours."""
    with begin(runtime) as work:
        lag.sample(work)


def project_again(runtime: Runtime) -> None:
    """Show what was held back until now, where a code list or a newer version has made it readable."""
    after = " "
    while after:
        with begin(runtime) as work:
            after = projecting.look_again(work, after=after)


def harvest_sources(runtime: Runtime) -> None:
    """A job for each source that is due: one that is slow holds no other up."""
    with begin(runtime) as work:
        for node_id in sources.due(work):
            work.ask(sources.JOB, node_id=node_id)


def harvest_source(runtime: Runtime, node_id: str) -> None:
    """Read a source to the end of its list; nothing is left to do where it was paused or another process reads it."""
    try:
        harvesting.harvest_source(runtime, node_id)
    except (Conflict, NotFound) as refused:
        log.info("a source is not read now: %s", refused.code)


def find_brokers(runtime: Runtime) -> None:
    """Look again for a broker for each case that has none, or whose broker is none any more."""
    more, after = True, " "
    while more:
        with begin(runtime) as work:
            more = waiting_cases.leave_some(work)
    while after:
        with begin(runtime) as work:
            after = waiting_cases.find_some(work, after=after)


TASKS: Mapping[str, Task] = {
    "refresh_statistics": refresh_statistics,
    weights.RESCORE: rescore_matches,
    "rematch_all": rematch_all,
    letters.TASK: send_letter,
    "forget_what_is_over": forget_what_is_over,
    organisations.SHOW_AGAIN: show_listings_again,
    "expire_listings": expiry.expire_listings,
    "tidy_desks": expiry.tidy_desks,
    "compare_exchanges": compare_exchanges,
    "project_again": project_again,
    "watch_exchanges": watch_exchanges,
    "harvest_sources": harvest_sources,
    sources.JOB: harvest_source,
    broker_desks.FIND: find_brokers,
}

SCHEDULE = (
    Period("expire_listings", every=timedelta(hours=1)),
    Period("tidy_desks", every=timedelta(hours=1), offset=timedelta(minutes=30)),
    Period("refresh_statistics", every=timedelta(minutes=10)),
    Period(weights.RESCORE, every=timedelta(hours=1), offset=timedelta(minutes=20)),
    Period("rematch_all", every=timedelta(days=1), offset=timedelta(hours=18)),
    Period("project_again", every=timedelta(hours=1), offset=timedelta(minutes=40)),
    Period("watch_exchanges", every=lag.EVERY),
    Period("compare_exchanges", every=timedelta(days=1), offset=timedelta(hours=19, minutes=30)),
    Period("harvest_sources", every=timedelta(hours=1), offset=timedelta(minutes=10)),
    Period(broker_desks.FIND, every=timedelta(hours=1), offset=timedelta(minutes=50)),
    Period("forget_what_is_over", every=timedelta(days=1), offset=timedelta(hours=19)),
)
"""Periodic jobs. The rows of the database are made to agree with this list at every start."""


def run(runtime: Runtime, job_id: str) -> None:
    """Do one job. Raises what the task raises, and `NotNow` for a job that this version does not know."""
    with tracing(job_id):
        with look(runtime) as work:
            job = work.session.get_one(Job, job_id)
            name, arguments = job.name, dict(job.arguments)
        task = jobs.known("job", TASKS, name, None, **arguments)
        again(lambda: task(runtime, **arguments))
        log.info("job done", extra={"action": f"job {name}", "object": job_id})
