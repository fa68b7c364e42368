"""How every command opens the exchange, and how it says that it was refused something."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import click

from marketplace import schema
from marketplace.demo import loading
from marketplace.errors import GiaoError, Invalid
from marketplace.languages import catalogue
from marketplace.runtime import Runtime
from marketplace.services import feed, statistics
from marketplace.settings import Settings, SettingsError
from marketplace.work import begin
from matching.statistics import DEFAULT


@contextmanager
def exchange() -> Iterator[Runtime]:
    """The exchange of this folder, its database known to be up to date; closed at the end."""
    runtime = Runtime(Settings.from_environment())
    try:
        if schema.behind(runtime.database):
            raise SettingsError("DATABASE_URL names a database that waits for migrations; run `giao migrate`.")
        yield runtime
    finally:
        runtime.close()


def migrated(runtime: Runtime) -> None:
    """Bring the database up to date; give a new one the first epoch of its feed and its first word statistics."""
    schema.upgrade(runtime.database)
    with begin(runtime) as work:
        feed.begin_first_epoch(work)
        if statistics.current(work) == DEFAULT:
            statistics.store(work, loading.first_statistics())


def log_to_terminal() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)


def sentence(key: str, params: Mapping[str, object]) -> str:
    """A message of the language files, in English: the language of the terminal."""
    return catalogue("en").gettext(key, **params)


def say_refusal(error: GiaoError) -> None:
    """The sentence of the language files, and every problem with its place."""
    click.echo(sentence(f"error.{error.code}", error.params), err=True)
    for problem in error.problems if isinstance(error, Invalid) else ():
        click.echo(f"  {problem.path}: {sentence(f'problem.{problem.code}', problem.params)}", err=True)
