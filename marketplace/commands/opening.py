"""How every command opens the exchange, and how it says that it was refused something."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError, DBAPIError

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
    with opened() as runtime:
        if schema.behind(runtime.database):
            raise SettingsError(
                "DATABASE_URL names a database that waits for migrations; run `giao migrate`."
            )
        yield runtime


@contextmanager
def opened() -> Iterator[Runtime]:
    """The same, as far as the settings alone tell. Raises `SettingsError` when the database does not answer."""
    runtime = Runtime(Settings.from_environment())
    try:
        _reach(runtime)
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


def _reach(runtime: Runtime) -> None:
    try:
        runtime.database.connect().close()
    except (DBAPIError, ArgumentError, OSError) as error:
        said = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise SettingsError(f"DATABASE_URL names a database that cannot be opened: {said}") from None


def log_to_terminal() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)


def sentence(key: str, params: Mapping[str, object], language: str = "en") -> str:
    """A message of the language files; a terminal speaks English."""
    return catalogue(language).gettext(key, **params)


def refusal(error: GiaoError) -> str:
    """What an error says: the sentence of the language files, and every problem with its place."""
    lines = [sentence(f"error.{error.code}", error.params)]
    for problem in error.problems if isinstance(error, Invalid) else ():
        place = f"{problem.path}: " if problem.path else ""
        lines.append(f"  {place}{sentence(f'problem.{problem.code}', problem.params)}")
    return "\n".join(lines)
