"""How a command opens the exchange."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError, DBAPIError

from marketplace import schema
from marketplace.errors import Unavailable
from marketplace.runtime import Runtime
from marketplace.settings import Settings, SettingsError


@contextmanager
def exchange() -> Iterator[Runtime]:
    """The exchange of this folder, its database known to be up to date; closed at the end."""
    with opened() as runtime:
        require_current(runtime)
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


def require_current(runtime: Runtime) -> None:
    """Raise `SettingsError` when migrations wait for the database."""
    if schema.behind(runtime.database):
        raise SettingsError("DATABASE_URL names a database that waits for migrations; run `giao migrate`.")


def said_by(away: Unavailable) -> str:
    """The first line of what the database's driver said."""
    return str(away.__cause__ or away).strip().splitlines()[0]


def _reach(runtime: Runtime) -> None:
    try:
        runtime.database.connect().close()
    except Unavailable as away:
        raise SettingsError(f"DATABASE_URL names a database that cannot be opened: {said_by(away)}") from None
    except (DBAPIError, ArgumentError, OSError) as error:
        said = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise SettingsError(f"DATABASE_URL names a database that cannot be opened: {said}") from None
