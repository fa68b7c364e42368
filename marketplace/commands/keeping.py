"""`giao doctor`, `giao reindex` and `giao seal rotate`: looking after an exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click
from sqlalchemy import func, select

from marketplace import schema
from marketplace.commands.opening import exchange
from marketplace.followers import catch_up
from marketplace.models.feed import Cursor, ReaderFailure
from marketplace.models.jobs import Job
from marketplace.runtime import Runtime
from marketplace.services import feed, rotation
from marketplace.settings import Settings, SettingsError
from marketplace.work import begin, look
from search.engine import SearchError

UNWELL = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was looked at, whether it is well, and how to mend it."""

    what: str
    well: bool
    detail: str
    mend: str = ""


@click.command()
def doctor() -> None:
    """Say what is configured, what answers, what is missing, and how to mend it."""
    try:
        runtime = Runtime(Settings.from_environment())
    except SettingsError as error:
        click.echo(f"✕ settings: {error}")
        raise click.exceptions.Exit(3) from None
    findings = [finding for look_at in EXAMINATIONS for finding in _examined(look_at, runtime)]
    for finding in findings:
        click.echo(f"{'✓' if finding.well else '✕'} {finding.what}: {finding.detail}")
        if finding.mend and not finding.well:
            click.echo(f"    {finding.mend}")
    runtime.close()
    if not all(finding.well for finding in findings):
        raise click.exceptions.Exit(UNWELL)


def _examined(look_at: Callable[[Runtime], Iterator[Finding]], runtime: Runtime) -> list[Finding]:
    try:
        return list(look_at(runtime))
    except SearchError as error:
        return [Finding("search", False, str(error), "Start the engine that SEARCH_URL names, or run `giao reindex`.")]
    except Exception as error:
        # Whatever a server that is away raises, the doctor goes on to the next one.
        return [Finding(look_at.__name__.strip("_"), False, f"{type(error).__name__}: {str(error).splitlines()[0]}")]


def _settings(runtime: Runtime) -> Iterator[Finding]:
    settings = runtime.settings
    yield Finding("exchange", True, f"{settings.node_id} ({settings.role}) at {settings.base_url}")
    yield Finding("sealed key", True, f"{settings.sealed_keys[0].id}, {len(settings.sealed_keys)} known")


def _database(runtime: Runtime) -> Iterator[Finding]:
    behind = schema.behind(runtime.database)
    dialect = runtime.database.dialect
    with runtime.database.connect() as connection:
        version = ".".join(map(str, dialect.server_version_info or ()))
        del connection
    yield Finding("database", not behind, f"{dialect.name} {version}" + (", waits for migrations" if behind else ""),
                  "Run `giao migrate`.")  # fmt: skip


def _index(runtime: Runtime) -> Iterator[Finding]:
    engine = runtime.engine
    with look(runtime) as work:
        state, listed = feed.state(work), feed.count(work)
    lag = state.head - engine.position
    yield Finding("search", engine.epoch == state.epoch, f"{engine.name}, {engine.count()} listings of {listed} published",
                  "Run `giao reindex`.")  # fmt: skip
    yield Finding("indexing", lag == 0, f"{lag} changes behind", "Start `giao run` or `giao worker`.")


def _readers(runtime: Runtime) -> Iterator[Finding]:
    with look(runtime) as work:
        head = feed.state(work).head
        for cursor in work.session.scalars(select(Cursor).order_by(Cursor.reader)):
            yield Finding(cursor.reader, cursor.position == head, f"{head - cursor.position} changes behind",
                          "Start `giao run` or `giao worker`.")  # fmt: skip
        failed = work.session.scalar(select(func.count()).select_from(ReaderFailure)) or 0
    yield Finding("put aside", not failed, f"{failed} records no reader could handle", "See the log for their errors.")


def _jobs(runtime: Runtime) -> Iterator[Finding]:
    with look(runtime) as work:
        counted = select(Job.state, func.count()).group_by(Job.state)
        counts: dict[str, int] = {state: count for state, count in work.session.execute(counted)}
    dead = counts.get("dead", 0)
    yield Finding("jobs", not dead, ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "none",
                  "Dead jobs have used up their attempts; their rows hold the error.")  # fmt: skip


EXAMINATIONS = (_settings, _database, _index, _readers, _jobs)


@click.command()
def reindex() -> None:
    """Fill the search index again from the database."""
    with exchange() as runtime, _bar("Indexing") as done:
        with look(runtime) as work:
            epoch = feed.state(work).epoch
        runtime.engine.start(epoch)
        if not catch_up(runtime):
            raise click.ClickException("Another process keeps the index; stop it first.")
        done()
        count = runtime.engine.count()
    click.echo(f"{count} listings are searchable.")


@contextmanager
def _bar(label: str) -> Iterator[Callable[[], None]]:
    with click.progressbar(length=1, label=label) as bar:
        yield lambda: bar.update(1)


@click.group()
def seal() -> None:
    """What is confidential and encrypted."""


@seal.command()
def rotate() -> None:
    """Encrypt everything anew with the first key of SEALED_KEYS. May be stopped and run again."""
    with exchange() as runtime:
        total = 0
        while True:
            with begin(runtime) as work:
                count = rotation.rotate(work)
            total += count
            if not count:
                break
    click.echo(f"{total} sealed values were written with the current key.")
