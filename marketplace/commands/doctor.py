"""`giao doctor`: what is configured, what answers, what is missing, and how to mend it."""

from __future__ import annotations

import platform
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import version
from urllib.parse import urlsplit

import click
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from marketplace import leases, schema
from marketplace.commands.codes import NOT_POSSIBLE, SOMETHING_WRONG
from marketplace.commands.comparing import compared
from marketplace.commands.database_role import first_capital, of_role
from marketplace.commands.findings import Finding
from marketplace.commands.links import of_links
from marketplace.commands.saying import sentence
from marketplace.commands.sealed_keys import of_keys
from marketplace.commands.syncing_words import passed
from marketplace.errors import Unavailable
from marketplace.leases import TIMETABLE
from marketplace.models.feed import Cursor, ReaderFailure
from marketplace.models.jobs import Job
from marketplace.runtime import Runtime
from marketplace.services import feed, health, standing
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import source_sheets
from marketplace.settings import Settings, SettingsError
from marketplace.work import look
from search.engine import SearchError
from search.fields import INDEX_VERSION

PATIENCE = 3.0  # seconds in which a server must answer
PORTS = {"smtp": 587, "smtps": 465, "clamd": 3310}
OF_SOURCES = {
    "silent": "See whether the catalogue answers, then `giao sync harvest {node}`; or pause it on its page.",
    "suspicious_zero": "Confirm on its page that the records are gone, or leave it: a good pass ends the alarm.",
    "ids_changed": "Say on its page whether the new records are the missing ones.",
}
"""Alarms of a harvested catalogue that do not pass by themselves, and how to mend each."""
LATE = timedelta(seconds=300)
"""A job that could have run for so long has nobody to run it, or too few (docs/operations.md, «Watching»)."""
NEVER = datetime.min.replace(tzinfo=UTC)
DEAD = "Dead jobs have used up their attempts: mend the cause, then let them run again on the page /jobs."
START = "Start `giao run` or `giao worker`."
FOLLOW = f"{START[:-1]}; where one runs, its log says what this waits for."
AT_WORK = timedelta(minutes=1)
"""A reader that moved so lately is being moved, where somebody is at work: it moves with every batch, of some seconds."""


@click.command()
@click.option(
    "--compare", "comparing", is_flag=True, help="Compare the index with the database, record by record."
)
@click.option("--mend", is_flag=True, help="Mend what --compare finds, and compare again.")
def doctor(*, comparing: bool, mend: bool) -> None:
    """Say what is configured, what answers, what is missing, and how to mend it.

    Exit code 0: all is well. 1: something is not. 3: a setting is wrong, so nothing could be looked at.
    """
    try:
        runtime = Runtime(Settings.from_environment())
    except SettingsError as error:
        _tell(Finding("settings", False, str(error)))
        raise click.exceptions.Exit(NOT_POSSIBLE) from None
    with closing(runtime):
        findings = list(examine(runtime))
        if comparing or mend:
            findings.extend(examined(partial(compared, mend=mend), runtime))
    for finding in findings:
        _tell(finding)
    if not all(finding.well for finding in findings):
        raise click.exceptions.Exit(SOMETHING_WRONG)


def _tell(finding: Finding) -> None:
    click.echo(f"{'✓' if finding.well else '✕'} {finding.what}: {finding.detail}")
    if finding.mend and not finding.well:
        click.echo(f"    {finding.mend}")


def examine(runtime: Runtime) -> Iterator[Finding]:
    """Look at everything; what needs the database only where it answers and is up to date."""
    yield from _settings(runtime)
    yield from of_links(runtime.settings)
    yield from _terms(runtime)
    yield from _sentence_model(runtime)
    yield _queue(runtime)
    yield from _server("mail", runtime.settings.mail_url, "Start the server that MAIL_URL names.")
    mend = "Start the scanner that SCANNER_URL names: until then no file is taken."
    yield from _server("scanner", runtime.settings.scanner_url, mend)
    database = _database(runtime)
    yield database
    yield from _role(runtime) if database.well else ()
    engine = tuple(examined(_engine, runtime))
    yield from engine
    if not database.well:
        return
    if engine[0].well:  # One that is away is said to be so once.
        yield from examined(_index, runtime)
    for look_at in (of_keys, _readers, _sources, _jobs, _timetable):
        yield from look_at(runtime)


def examined(look_at: Callable[[Runtime], Iterator[Finding]], runtime: Runtime) -> Iterator[Finding]:
    try:
        yield from look_at(runtime)
    except SearchError as error:
        mend = "Start the engine that SEARCH_URL names, or do as is said; an index is filled again by `giao reindex`."
        yield Finding("search", False, str(error), mend)


def _settings(runtime: Runtime) -> Iterator[Finding]:
    settings = runtime.settings
    yield Finding("version", True, f"Giao {version('giao')}, Python {platform.python_version()}")
    yield Finding("exchange", True, f"{settings.node_id} ({settings.role}) at {settings.base_url}")
    yield from _contact(settings)
    staff = "a second factor" if settings.staff_need_second_factor else "a password only, on this machine"
    yield Finding("staff", True, f"sign in with {staff}")
    yield Finding("sealed key", True, f"{settings.sealed_keys[0].id}, {len(settings.sealed_keys)} known")


def _contact(settings: Settings) -> Iterator[Finding]:
    """On one's own machine there is nobody who had to reach anybody."""
    if settings.contact.reachable:
        told = (settings.contact.run_by, settings.contact.email, settings.contact.phone)
        yield Finding("contact", True, ", ".join(filter(None, told)))
    elif not settings.loopback:
        mend = "Set CONTACT_EMAIL or CONTACT_PHONE, and RUN_BY."
        yield Finding("contact", False, "no page says how to reach who runs this exchange", mend)


def _terms(runtime: Runtime) -> Iterator[Finding]:
    try:
        _ = runtime.own_terms
    except SettingsError as error:
        yield Finding("terms", False, str(error))


def _sentence_model(runtime: Runtime) -> Iterator[Finding]:
    """Nothing where none is named."""
    if not runtime.settings.model_folder:
        return
    model = runtime.sentence_model
    if model is None:
        mend = "Matching goes on without it. Mend the folder that MODEL_FOLDER names, or name none."
        yield Finding("sentence model", False, runtime.model_refused, mend)
    else:
        yield Finding("sentence model", True, f"{model.version}, asked about {', '.join(model.languages)}")
        yield _vectors(runtime, model.version)


def _vectors(runtime: Runtime, model: str) -> Finding:
    """What finds listings by their meaning, beside the index."""
    try:
        filled = runtime.engine.vectors.filled()
    except SearchError as error:
        return Finding("vectors", False, str(error), "Start the engine that SEARCH_URL names.")
    if filled.model != model:
        return Finding("vectors", True, "none of this model yet: the worker makes them")
    return Finding("vectors", True, f"of all listings up to {filled.position} of the feed")


def _queue(runtime: Runtime) -> Finding:
    """The server that rings for jobs; without one the table itself is looked at."""
    try:
        server, rings = runtime.queue.state()
    except Unavailable as away:
        said = f"{away.__cause__}; jobs wait, nothing is lost"
        return Finding("queue", False, said, "Start the server that QUEUE_URL names, or do as it says.")
    return Finding("queue", True, f"{server}, {rings} rings wait" if server else "in the database")


def _server(what: str, url: str, mend: str) -> Iterator[Finding]:
    """Whether somebody answers where a URL points; nothing for what this process does by itself."""
    place = urlsplit(url)
    if place.scheme not in PORTS:
        return
    host, port = place.hostname or "localhost", place.port or PORTS[place.scheme]
    try:
        socket.create_connection((host, port), PATIENCE).close()
    except OSError as error:
        yield Finding(what, False, f"{host}:{port} does not answer: {error.strerror or error}", mend)
    else:
        yield Finding(what, True, f"{host}:{port} answers")


def _database(runtime: Runtime) -> Finding:
    dialect = runtime.database.dialect
    try:
        role = schema.standing(runtime.database)
        behind = not (role and role.lacks) and schema.behind(runtime.database)
    except Unavailable as away:
        return Finding(
            "database", False, away.why, "Start the server that DATABASE_URL names, or correct it."
        )
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", error)).strip().splitlines()[0]
        return Finding("database", False, said, "Start the server that DATABASE_URL names, or correct it.")
    number = ".".join(map(str, dialect.server_version_info or ()))
    remedy = "Run `giao migrate`." if role is None or role.migrates else f"{first_capital(role.remedy)}."
    if role and role.lacks:
        lacking = f", whose role {role.role} lacks {len(role.lacks)} rights, the first {role.lacks[0]}"
        return Finding("database", False, f"{dialect.name} {number}{lacking}", remedy)
    state = ", waits for migrations" if behind else ""
    if schema.ahead(runtime.database):
        state = ", migrated by a newer version of Giao, beside which this one still works"
    return Finding("database", not behind, f"{dialect.name} {number}{state}", remedy)


def _role(runtime: Runtime) -> Iterator[Finding]:
    """Under which role of PostgreSQL it serves; nothing on SQLite, which has none."""
    if role := schema.standing(runtime.database):
        yield of_role(role)


def _engine(runtime: Runtime) -> Iterator[Finding]:
    """Its version and its faults; it is asked whatever has become of the database."""
    condition = runtime.engine.condition()
    yield Finding("engine", True, condition.told)
    for fault in condition.faults:
        yield Finding("index", False, fault)


def _index(runtime: Runtime) -> Iterator[Finding]:
    engine = runtime.engine
    with look(runtime) as work:
        state, listed = feed.state(work), standing.count(work)
    if engine.epoch != state.epoch:
        told = "there is no index of this database yet, or it is damaged"
        yield Finding("search", False, f"{engine.name}: {told}", f"It is filled by itself. {FOLLOW}")
        return
    yield Finding("search", True, f"{engine.name}, {engine.count()} listings of {listed} published")
    place = (
        f"version {INDEX_VERSION}, epoch {state.epoch}, filled up to change {engine.position} of {state.head}"
    )
    yield Finding("index", True, place)
    if engine.writer:
        yield Finding("writer", True, f"process {engine.writer} is writing the index")


def _readers(runtime: Runtime) -> Iterator[Finding]:
    with look(runtime) as work:
        head = feed.state(work).head
        moves = work.session.execute(select(Cursor.reader, Cursor.moved_at))
        moved = {row.reader: row.moved_at for row in moves}
        somebody = leases.holder_of(work.session, TIMETABLE, work.now)
        for reader in health.readers(runtime.settings):
            lag = head - feed.position(work, reader)
            ago = work.now - moved.get(reader, NEVER)
            seconds = max(0, round(ago.total_seconds()))
            at_it = f", and at it: it moved {seconds} s ago" if lag and somebody and ago < AT_WORK else ""
            yield Finding(reader, not lag or bool(at_it), f"{lag} changes behind{at_it}", FOLLOW)
        failed = work.session.scalar(select(func.count()).select_from(ReaderFailure)) or 0
    yield Finding(
        "put aside", not failed, f"{failed} records no reader could handle", "The log has their errors."
    )


def _sources(runtime: Runtime) -> Iterator[Finding]:
    """Catalogues that are harvested; one that could not be read today is tried again and no finding yet."""
    with look(runtime) as work:
        standings = source_sheets.standings(work, SYSTEM)
    for one in standings:
        waits = [alarm for alarm in one.alarms if alarm in OF_SOURCES and one.status == "active"]
        said = (sentence(f"source.alarm_{alarm}", {}) for alarm in one.alarms)
        told = "; ".join((f"{one.status}, {one.records} shown, {passed(one)}", *said))
        detail = f" ({one.detail})" if one.detail else ""
        mends = " ".join(OF_SOURCES[alarm].format(node=one.node_id) for alarm in waits)
        yield Finding(f"source {one.node_id}", not waits, f"{told}{detail}", mends)


def _jobs(runtime: Runtime) -> Iterator[Finding]:
    with look(runtime) as work:
        counted = work.session.execute(
            select(Job.state, func.count()).group_by(Job.state).order_by(Job.state)
        )
        counts = {row.state: row[1] for row in counted}
        due, oldest = health.due(work)
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    if due:
        told += f"; {due} could run now, the oldest for {oldest.total_seconds():.0f} s"
    mends = [DEAD] if counts.get("dead") else []
    if oldest > LATE:
        mends.append(f"{START[:-1]}; where they run, start more workers.")
    yield Finding("jobs", not mends, told or "none", " ".join(mends))


def _timetable(runtime: Runtime) -> Iterator[Finding]:
    with look(runtime) as work:
        keeper = leases.holder_of(work.session, TIMETABLE, work.now)
    told = f"{keeper} keeps it" if keeper else "nobody keeps it: periodic jobs wait"
    yield Finding("timetable", bool(keeper), told, START)
