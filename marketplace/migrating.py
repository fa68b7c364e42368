"""The migrations in `migrations/`, by Alembic. Loaded only where one is to run or to be asked about: Alembic brings a
language of templates and its colours with it, a tenth of what a command takes to start."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from marketplace.db import Table

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def run(connection: Connection, current: str | None, revision: str) -> None:
    """From `current` up to `revision`, or down to it, in the transaction of this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    if _is_below(revision, current):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def revisions() -> list[str]:
    """All revisions this version knows, the oldest first."""
    return [script.revision for script in _scripts().walk_revisions()][::-1]


def contracts(revision: str) -> bool:
    """Whether this migration takes away what the code before it no longer uses. Such a one must not run beside code
    that is older still."""
    script = _scripts().get_revision(revision)
    return bool(script and getattr(script.module, "contracts", False))


def differences(database: Engine) -> list[object]:
    """What the migrated schema and the models disagree on; empty when all is well."""
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Table.metadata))


@cache
def _scripts() -> ScriptDirectory:
    """Read once in a process: each of the questions above would load all migrations anew."""
    return ScriptDirectory(str(MIGRATIONS))


def _is_below(revision: str, current: str | None) -> bool:
    known = ["base", *revisions(), "head"]
    return current is not None and known.index(revision) < known.index(current)
