"""The database's schema, brought to where this code needs it by the migrations in `migrations/`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from marketplace import models
from marketplace.db import WRITES, Table

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"

__all__ = ["behind", "differences", "is_new", "models", "move", "upgrade"]


def upgrade(database: Engine) -> None:
    """Run what is missing. Nothing happens on a database that is up to date."""
    move(database, "head")


def move(database: Engine, revision: str) -> None:
    """Up to `revision`, or down to it (`base` is the empty database)."""
    with database.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        config = _config(connection)
        if revision == "head":
            command.upgrade(config, "head")
        else:
            command.downgrade(config, revision)


def behind(database: Engine) -> bool:
    """Whether migrations wait for this database."""
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    with database.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() != newest


def is_new(database: Engine) -> bool:
    """Whether no migration has ever run here."""
    with database.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() is None


def differences(database: Engine) -> list[object]:
    """What the migrated schema and the models disagree on; empty when all is well."""
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Table.metadata))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
