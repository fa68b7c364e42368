"""Making an exchange, and bringing one to what this version needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from marketplace import schema
from marketplace.commands.opening import opened, require_current
from marketplace.demo import loading
from marketplace.runtime import Runtime
from marketplace.services import feed, statistics
from marketplace.settings import Settings, write_missing_secrets
from marketplace.work import begin


def migrated(runtime: Runtime) -> None:
    """Bring the database up to date; give a new one the first epoch of its feed and its first word statistics."""
    schema.upgrade(runtime.database)
    with begin(runtime) as work:
        feed.begin_first_epoch(work)
        if not statistics.documents(work):
            statistics.store(work, loading.first_statistics())


@contextmanager
def exchange_or_new() -> Iterator[Runtime]:
    """The exchange of this folder; where there is none yet, and only this machine would reach it, a new one."""
    folder = Settings.data_folder()
    if not folder.exists() or not any(folder.iterdir()):
        write_missing_secrets(folder)
    with opened() as runtime:
        if runtime.settings.loopback and schema.is_new(runtime.database):
            migrated(runtime)
            click.echo(f"A new exchange was set up in {folder}.", err=True)
        require_current(runtime)
        yield runtime
