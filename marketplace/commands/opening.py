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
def exchange(*, unhurried: bool = True) -> Iterator[Runtime]:
    """The exchange of this folder, its database known to be up to date; closed at the end."""
    with opened(unhurried=unhurried) as runtime:
        require_current(runtime)
        yield runtime


@contextmanager
def opened(*, unhurried: bool = True) -> Iterator[Runtime]:
    """The same, as far as the settings alone tell. Unless it serves pages a statement may take its time.

    Raises `SettingsError` when the database does not answer.
    """
    settings = Settings.from_environment()
    runtime = Runtime(settings.unhurried() if unhurried else settings)
    try:
        require_answer(runtime)
        yield runtime
    finally:
        runtime.close()


def require_current(runtime: Runtime) -> None:
    """Raise `SettingsError` when migrations wait for the database, or its role may not do what serving takes."""
    if hindered := schema.hindrance(runtime.database):
        raise SettingsError(hindered)


def require_answer(runtime: Runtime, name: str = "DATABASE_URL") -> None:
    """Raise `SettingsError` when the database does not answer; `name` is where its address was given."""
    try:
        runtime.database.connect().close()
    except Unavailable as away:
        raise SettingsError(f"{name} names a database that cannot be opened: {away.why}") from None
    except (DBAPIError, ArgumentError, OSError) as error:
        said = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise SettingsError(f"{name} names a database that cannot be opened: {said}") from None
