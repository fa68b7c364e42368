"""A disk that has no room for what an exchange writes: by a limit of SQLite, by a trigger on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import event, text

from marketplace.runtime import Runtime
from tests.support.exchanges import administer, as_owner

ROOM = 5
"""Records of the feed that PostgreSQL still takes, so that it fails in the midst of a transaction."""
TAKES_NO_MORE = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM published) >= {most} THEN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER no_room BEFORE INSERT ON published FOR EACH ROW EXECUTE FUNCTION no_room()
"""
TAKES_AGAIN = "DROP TRIGGER no_room ON published; DROP FUNCTION no_room"


def full(runtime: Runtime) -> AbstractContextManager[None]:
    """While the block lasts the database of this exchange refuses what needs more room."""
    on_postgresql = runtime.database.dialect.name == "postgresql"
    return _refusing(runtime) if on_postgresql else _limited(runtime)


@contextmanager
def _limited(runtime: Runtime) -> Iterator[None]:
    """SQLite may not use one page more."""

    def allow(connection: Any, pages: int) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def limit(connection: Any) -> None:
        allow(connection, 1)  # SQLite takes the present size where that is more.

    event.listen(runtime.database, "begin", limit)
    yield
    event.remove(runtime.database, "begin", limit)
    with runtime.database.connect() as connection:
        allow(connection, 2**30)


@contextmanager
def _refusing(runtime: Runtime) -> Iterator[None]:
    """The server itself raises what it raises on a full disk (53100), for a real one would need root: `small_disk`."""
    url = as_owner(runtime.settings.database_url)
    with runtime.database.begin() as connection:
        most = (connection.scalar(text("SELECT count(*) FROM published")) or 0) + ROOM
    administer(url, TAKES_NO_MORE.format(most=most))
    try:
        yield
    finally:
        administer(url, TAKES_AGAIN)
