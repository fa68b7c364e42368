"""The database's schema, brought to where this code needs it by the migrations in `migrations/`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, inspect, text

from marketplace import models, privileges
from marketplace.db import WRITES, Table
from marketplace.deferred import loaded
from marketplace.settings import SettingsError

NEWEST = "good_matches"
"""The last migration, which a test holds to those in `migrations/`: whoever finds it in the database need load none."""

MIGRATING = "marketplace.migrating"
MIGRATION_LOCK = 4_711_002  # any number, the same for every process of this database

__all__ = [
    "ahead", "behind", "grant", "hindrance", "is_new", "make", "models", "move", "standing", "upgrade",
]  # fmt: skip


def upgrade(database: Engine) -> None:
    """Run what is missing. Nothing happens on a database that is up to date, or that a newer version has migrated.

    Raises `SettingsError` where something is missing and the role of this database may not migrate.
    """
    role = standing(database)
    if role and not role.migrates:
        if hindered := hindrance(database):
            raise SettingsError(hindered)
    elif not ahead(database):
        move(database, "head")


def make(database: Engine) -> None:
    """All tables at once, in an empty database that nobody will migrate, for it goes as it came: a sixth of what all
    migrations take."""
    Table.metadata.create_all(database)


def hindrance(database: Engine) -> str:
    """Why nothing can be served from the database as it is, and who must run what; empty when all is well."""
    role = standing(database)
    if role and role.lacks:
        return (
            f"DATABASE_URL names the role {role.role}, which lacks rights that serving takes, "
            f"the first {role.lacks[0]}: {role.remedy}."
        )
    if not behind(database):
        return ""
    if role and not role.migrates:
        return (
            "DATABASE_URL names a database that waits for migrations, "
            f"which its role {role.role} may not make: {role.remedy}."
        )
    return "DATABASE_URL names a database that waits for migrations; run `giao migrate`."


def standing(database: Engine) -> privileges.Standing | None:
    """What the role of this database may do; None where there are no roles."""
    if database.dialect.name != "postgresql":
        return None
    with database.connect() as connection:
        return privileges.standing(connection)


def grant(database: Engine, role: str) -> privileges.Standing:
    """Let `role` serve on this database and do no more; how it stands then. Twice changes nothing.

    Raises `SettingsError` where that cannot be done.
    """
    if database.dialect.name != "postgresql":
        raise SettingsError("DATABASE_URL names an SQLite database, which has no roles.")
    if ahead(database):
        raise SettingsError(
            "DATABASE_URL names a database that a newer version of Giao has migrated: grant with that one."
        )
    with _moving(database) as connection:
        privileges.grant(connection, role)
        return privileges.standing(connection, role)


def move(database: Engine, revision: str) -> None:
    """Up to `revision`, or down to it (`base` is the empty database). Of two who move at once the second waits.

    Raises `DatabaseBusy` when the tables are in use for longer than the limit for locks: a migration that waits for a
    lock makes everybody behind it wait as well, so it gives up and is tried again.
    """
    with _moving(database) as connection:
        current = _current(connection)
        if current != (NEWEST if revision == "head" else revision):
            loaded(f"{MIGRATING}:run")(connection, current, revision)
        privileges.renew(connection)


@contextmanager
def _moving(database: Engine) -> Iterator[Connection]:
    """A transaction in which nobody else migrates or grants."""
    with database.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        yield connection


def behind(database: Engine) -> bool:
    """Whether migrations wait for this database."""
    return _revision(database) != NEWEST and not ahead(database)


def ahead(database: Engine) -> bool:
    """Whether a newer version of Giao has migrated it. This one serves on: see «expand, then contract» in the guide."""
    revision = _revision(database)
    return revision not in (None, NEWEST) and revision not in loaded(f"{MIGRATING}:revisions")()


def is_new(database: Engine) -> bool:
    """Whether no migration has ever run here."""
    return _revision(database) is None


def _revision(database: Engine) -> str | None:
    with database.connect() as connection:
        return _current(connection)


def _current(connection: Connection) -> str | None:
    """What Alembic has noted here of the last migration that ran."""
    if not inspect(connection).has_table(privileges.REVISIONS):
        return None
    return connection.execute(text(f"SELECT version_num FROM {privileges.REVISIONS}")).scalar()
