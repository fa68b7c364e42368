"""An audit log that takes no entry: on PostgreSQL the role that serves may not add to it, on SQLite a trigger refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url, text

from marketplace.runtime import Runtime
from tests.support.exchanges import administer, as_owner

REFUSES = "CREATE TRIGGER no_audit BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'no entry'); END"


@contextmanager
def unaudited(runtime: Runtime) -> Iterator[None]:
    """While the block lasts nothing can be written into the audit."""
    url = runtime.settings.database_url
    if runtime.database.dialect.name == "postgresql":
        owner, role = as_owner(url), make_url(url).username
        refuse, take = (
            f'REVOKE INSERT ON audit_entries FROM "{role}"',
            f'GRANT INSERT ON audit_entries TO "{role}"',
        )
        administer(owner, refuse)
        try:
            yield
        finally:
            administer(owner, take)
        return
    with runtime.database.begin() as connection:
        connection.execute(text(REFUSES))
    yield
    with runtime.database.begin() as connection:
        connection.execute(text("DROP TRIGGER no_audit"))
