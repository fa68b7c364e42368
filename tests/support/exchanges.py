"""Exchanges for tests: on the embedded back ends, or on the servers that `make services` has started."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import make_url, text

from marketplace import schema
from marketplace.db import Table, open_database
from marketplace.models import jobs  # noqa: F401 - with its neighbours: the metadata must be complete
from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.settings import SealedKey, Settings
from marketplace.work import begin
from tests.services import service_url
from tests.support.clock import HandMovedClock
from tests.support.statements import share


def embedded_settings(folder: Path) -> Settings:
    return Settings(
        data_dir=folder,
        database_url=f"sqlite:///{folder}/giao.db",
        search_url=f"tantivy:{folder}/index",
        queue_url="database:",
        mail_url="console:",
        mail_from="exchange@example.org",
        base_url="http://127.0.0.1:8000",
        node_id="test",
        role="local",
        exchange_name="Sàn thử nghiệm",
        sync_key_file="",
        secret_keys=(b"s" * 32,),
        sealed_keys=(SealedKey("k1", b"k" * 32),),
    )


def server_settings(folder: Path, database_url: str) -> Settings:
    """The same exchange on the real three."""
    return on_servers(embedded_settings(folder), database_url)


def on_servers(settings: Settings, database_url: str) -> Settings:
    """These settings with the real three; skips, or fails where they are required, when one is missing."""
    prefix = own_prefix()
    return replace(
        settings,
        database_url=database_url,
        search_url=f"{service_url('SEARCH_URL').rstrip('/')}/{prefix}",
        queue_url=f"{service_url('QUEUE_URL')}?queue={prefix}",
    )


def own_prefix() -> str:
    return f"giao_test_{secrets.token_hex(6)}"


@contextmanager
def own_database(*, with_tables: bool = True, tablespace: str = "pg_default") -> Iterator[str]:
    """An empty database on the server, for one process of tests; dropped at the end.

    With tables it is opened under a role that may do what serving takes and no more, as in production; without, by whoever
    owns it and may make them.
    """
    url = at(service_url("DATABASE_URL"), database=own_prefix())
    with own_role() if with_tables else nullcontext() as role:
        _administer(f'CREATE DATABASE "{make_url(url).database}" TABLESPACE "{tablespace}"')
        try:
            if role:
                database = open_database(url)
                Table.metadata.create_all(database)
                schema.grant(database, role)
                database.dispose()
            yield at(url, username=role, password=role) if role else url
        finally:
            _administer(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')


@contextmanager
def own_role() -> Iterator[str]:
    """A role that may sign in, with its name as its password, and nothing else.

    It is dropped at the end; the databases in which it was given something must be gone by then.
    """
    name = own_prefix()
    _administer(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{name}'")
    try:
        yield name
    finally:
        _administer(f'DROP ROLE "{name}"')


def as_owner(url: str) -> str:
    """The same database under the role that owns its tables."""
    owner = make_url(service_url("DATABASE_URL"))
    return at(url, username=owner.username, password=owner.password)


def at(url: str, **parts: Any) -> str:
    """The URL with these parts in place of its own: `database`, `username`, `password`."""
    return make_url(url).set(**parts).render_as_string(hide_password=False)


@contextmanager
def opened(settings: Settings, clock: HandMovedClock) -> Iterator[Runtime]:
    """A new exchange with an empty, complete database; what it made on servers is gone at the end."""
    if settings.database_url.startswith("sqlite"):
        _furnish(Path(settings.database_url.removeprefix("sqlite:///")))
    runtime = Runtime(settings, clock)
    share(runtime.database)
    with begin(runtime) as work:
        feed.begin_first_epoch(work)
    try:
        yield runtime
    finally:
        _remove(runtime)


def _furnish(file: Path) -> None:
    """All tables, where there are none yet."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_empty())


@cache
def _empty() -> bytes:
    """A file with all tables: to copy it takes a millisecond, to make it fifty."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "empty.db")
        database = open_database(f"sqlite:///{file}")
        Table.metadata.create_all(database)
        database.dispose()
        return file.read_bytes()


def _remove(runtime: Runtime) -> None:
    if "engine" in runtime.__dict__ and not runtime.settings.search_url.startswith("tantivy:"):
        runtime.engine.drop()
    if runtime.settings.database_url.startswith("postgresql"):
        # Emptying takes some milliseconds, a new database half a second. Only the owner may take evidence away.
        database = open_database(as_owner(runtime.settings.database_url))
        with database.begin() as connection:
            for table in reversed(Table.metadata.sorted_tables):
                connection.execute(table.delete())
        database.dispose()
    runtime.close()


def _administer(statement: str) -> None:
    administer(at(service_url("DATABASE_URL"), database="postgres"), statement)


def administer(url: str, statement: str) -> None:
    database = open_database(url)
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    database.dispose()
