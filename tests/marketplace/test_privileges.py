"""On PostgreSQL an exchange serves under a role that can neither make tables nor change what is evidence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from marketplace import migrating, schema
from marketplace.db import open_database
from marketplace.models import APPEND_ONLY
from marketplace.runtime import Runtime
from marketplace.services import audit
from marketplace.services.policy import SYSTEM
from marketplace.settings import SettingsError
from marketplace.work import begin, look
from tests.support.exchanges import administer, embedded_settings
from tests.support.roles import Place, two_roles

pytestmark = pytest.mark.services

RIGHTS = """
SELECT 'table ' || relname, item::text FROM pg_class, unnest(relacl) item WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT 'schema', item::text FROM pg_namespace, unnest(nspacl) item WHERE nspname = 'public'
UNION ALL SELECT 'database', item::text FROM pg_database, unnest(datacl) item WHERE datname = current_database()
UNION ALL SELECT 'later', item::text FROM pg_default_acl, unnest(defaclacl) item
"""


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    database = open_database(url)
    try:
        yield database
    finally:
        database.dispose()


def migrated(place: Place) -> Place:
    """Its tables made by the owner, who lets the other role serve."""
    with opened(place.owner) as database:
        schema.upgrade(database)
        schema.grant(database, place.role)
    return place


@pytest.fixture(scope="module")
def served() -> Iterator[Place]:
    """One database for all tests that leave nothing behind."""
    with two_roles() as place:
        yield migrated(place)


@pytest.fixture
def bare() -> Iterator[Place]:
    """A database without a table."""
    with two_roles() as place:
        yield place


def refused(url: str, statement: str) -> bool:
    """Whether this role has not the right to it; nothing is kept."""
    with opened(url) as database, database.connect() as connection:
        try:
            connection.execute(text(statement))
        except ProgrammingError as error:
            return getattr(error.orig, "sqlstate", "") == "42501"  # insufficient_privilege
        return False


def rights(place: Place) -> set[tuple[str, str]]:
    with opened(place.superuser) as database, database.connect() as connection:
        return {(row[0], row[1]) for row in connection.execute(text(RIGHTS))}


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id INTEGER)",
        "CREATE TEMPORARY TABLE audit_entries (id INTEGER)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE jobs ADD COLUMN mine INTEGER",
        "CREATE INDEX mine ON jobs (name)",
        "CREATE TRIGGER mine BEFORE INSERT ON audit_entries FOR EACH ROW "
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "DROP TABLE jobs",
        "TRUNCATE jobs",
        "UPDATE alembic_version SET version_num = 'of my own'",
    ],
)
def test_who_serves_can_make_and_change_no_table(served: Place, statement: str) -> None:
    assert refused(served.serving, statement)


def test_the_audit_trail_is_evidence() -> None:
    assert {"audit_entries", "ledger_entries", "disclosures"} <= APPEND_ONLY


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_who_serves_reads_evidence_and_can_neither_change_nor_remove_it(served: Place, table: str) -> None:
    assert not refused(served.serving, f"SELECT * FROM {table}")
    with opened(served.owner) as database, database.connect() as connection:
        column = connection.scalar(
            text("SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:table) AND attnum = 1"),
            {"table": table},
        )
    for statement in (
        f"UPDATE {table} SET {column} = {column}",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
        f"SELECT * FROM {table} FOR UPDATE",
    ):
        assert refused(served.serving, statement), statement


def test_who_serves_adds_to_the_audit_trail(served: Place, tmp_path: Path) -> None:
    runtime = Runtime(replace(embedded_settings(tmp_path), database_url=served.serving))
    with begin(runtime) as work:
        audit.record(work, SYSTEM, "listing.post", "a")
        audit.record(work, SYSTEM, "listing.post", "b")
    with look(runtime) as work:
        assert audit.verify(work) is None
        assert audit.head(work)[0] == 2
    runtime.close()


def test_granting_twice_changes_nothing(served: Place) -> None:
    before = rights(served)
    with opened(served.owner) as database:
        schema.grant(database, served.role)
    assert rights(served) == before


def test_a_table_that_is_made_later_may_be_used(served: Place) -> None:
    administer(served.owner, "CREATE TABLE of_next_year (id SERIAL PRIMARY KEY, said TEXT)")
    try:
        for statement in (
            "INSERT INTO of_next_year (said) VALUES ('x')",
            "UPDATE of_next_year SET said = 'y'",
            "DELETE FROM of_next_year",
        ):
            assert not refused(served.serving, statement), statement
        assert refused(served.serving, "TRUNCATE of_next_year")
    finally:
        administer(served.owner, "DROP TABLE of_next_year")


def test_later_migrations_remember_who_serves_and_what_is_evidence(bare: Place) -> None:
    with opened(bare.owner) as database:
        schema.move(database, migrating.revisions()[0])
        schema.grant(database, bare.role)
        assert schema.behind(database)
        schema.upgrade(database)
    assert not refused(bare.serving, "UPDATE jobs SET name = name")
    assert not refused(bare.serving, "SELECT * FROM merge_log")
    assert refused(bare.serving, "DELETE FROM merge_log"), "it came after the first migration"
    with opened(bare.serving) as database:
        assert schema.hindrance(database) == ""


def test_what_was_given_beyond_need_is_taken_back(bare: Place) -> None:
    migrated(bare)
    right = rights(bare)
    for statement in (
        f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{bare.role}"',
        f'GRANT UPDATE (hash) ON audit_entries TO "{bare.role}"',
        "GRANT TRIGGER, DELETE ON ALL TABLES IN SCHEMA public TO PUBLIC",
        f'GRANT CREATE ON SCHEMA public TO "{bare.role}"',
        f'GRANT CREATE, TEMPORARY ON DATABASE {bare.database} TO "{bare.role}"',
    ):
        administer(bare.owner, statement)
    assert not refused(bare.serving, "UPDATE audit_entries SET hash = ''")
    with opened(bare.owner) as database:
        schema.grant(database, bare.role)
    assert rights(bare) == right
    assert refused(bare.serving, "UPDATE audit_entries SET hash = ''")


def test_a_migration_takes_back_what_was_given_of_evidence(bare: Place) -> None:
    migrated(bare)
    administer(bare.owner, f'GRANT DELETE ON audit_entries TO "{bare.role}"')
    with opened(bare.owner) as database:
        schema.upgrade(database)
    assert refused(bare.serving, "DELETE FROM audit_entries")


def test_an_older_version_does_not_grant_on_tables_of_a_newer_one(bare: Place) -> None:
    migrated(bare)
    administer(bare.owner, "UPDATE alembic_version SET version_num = 'of_next_year'")
    with opened(bare.owner) as database, pytest.raises(SettingsError, match="newer version"):
        schema.grant(database, bare.role)
