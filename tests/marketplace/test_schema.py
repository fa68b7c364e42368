"""Migrations make exactly what the models say, on every database, and can be taken back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, Inspector, inspect, text

from marketplace import migrating, schema
from marketplace.db import open_database
from tests.support.exchanges import own_database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without a single table."""
    if request.param == "sqlite":
        database = open_database(f"sqlite:///{tmp_path}/empty.db")
        yield database
        database.dispose()
        return
    with own_database(with_tables=False) as url:
        database = open_database(url)
        yield database
        database.dispose()


def test_a_migrated_database_is_what_the_models_say(empty: Engine) -> None:
    assert schema.behind(empty)
    schema.upgrade(empty)
    assert not schema.behind(empty)
    assert migrating.differences(empty) == []


def test_the_newest_migration_is_known_without_loading_any() -> None:
    assert migrating.revisions()[-1] == schema.NEWEST


def test_migrating_twice_changes_nothing(empty: Engine) -> None:
    schema.upgrade(empty)
    before = sorted(inspect(empty).get_table_names())
    schema.upgrade(empty)
    assert sorted(inspect(empty).get_table_names()) == before


def test_migrations_can_be_taken_back(empty: Engine) -> None:
    schema.upgrade(empty)
    schema.move(empty, "base")
    assert inspect(empty).get_table_names() == ["alembic_version"]
    schema.upgrade(empty)
    assert migrating.differences(empty) == []


def shapes(inspector: Inspector) -> dict[str, dict[str, bool]]:
    """Table -> column -> whether a row may be added that does not name it."""
    return {
        table: {
            column["name"]: column["nullable"] or column["default"] is not None
            for column in inspector.get_columns(table)
        }
        for table in inspector.get_table_names()
    }


def test_code_of_the_revision_before_can_work_on_every_newer_schema(empty: Engine) -> None:
    """Expand, then contract: for a while the old code runs on the new tables.

    It still finds all its tables and columns, may leave out those it does not know, and need not give more than before.
    What is to go stays for one revision after the code has stopped using it; the migration that takes it away says
    `contracts = True`.
    """
    schema.move(empty, migrating.revisions()[0])
    before = shapes(inspect(empty))
    for revision in migrating.revisions()[1:]:
        schema.move(empty, revision)
        after = shapes(inspect(empty))
        if not migrating.contracts(revision):
            for table, columns in before.items():
                assert columns.keys() <= after[table].keys(), f"{revision} takes columns from {table}"
                strict = {name for name, free in after[table].items() if not free}
                known = {name for name, free in columns.items() if not free}
                assert strict <= known, f"{revision} asks the old code for {strict - known} of {table}"
        before = after


def test_what_another_exchange_had_published_for_partners_is_taken_out_of_the_feed(empty: Engine) -> None:
    schema.move(empty, "formats_of_sources")
    with empty.begin() as connection:
        peer = "INSERT INTO peers (node_id, role, status, name_vi, name_en, base_url, kinds, since) VALUES "
        connection.execute(text(peer + "('hue', 'local', 'active', '', '', '', '[]', '2026-11-30 00:00:00')"))
        row = (
            "INSERT INTO published (id, kind, origin, schema, rev, op, hash, body, audience, pub_seq, published_at) "
            "VALUES (:id, 'offer', :origin, 'offer/1.1', 1, 'upsert', '', '{}', :audience, :n, '2026-11-30 00:00:00')"
        )
        for n, (origin, audience) in enumerate((("hue", "partner"), ("hue", "public"), ("own", "hue")), 1):
            connection.execute(text(row), {"id": f"{n}", "origin": origin, "audience": audience, "n": n})
    schema.upgrade(empty)
    with empty.connect() as connection:
        found = connection.execute(text("SELECT op, body, pub_seq FROM published ORDER BY id")).all()
    assert [tuple(one) for one in found] == [
        ("delete", '"unshared"', None),
        ("upsert", "{}", 2),
        ("upsert", "{}", 3),
    ]


def test_an_older_version_serves_on_a_database_that_a_newer_one_has_migrated(empty: Engine) -> None:
    schema.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of_next_year'"))
        connection.execute(text("CREATE TABLE of_next_year (id INTEGER PRIMARY KEY)"))
    assert schema.ahead(empty)
    assert not schema.behind(empty)
    schema.upgrade(empty)
    assert "of_next_year" in inspect(empty).get_table_names()


def test_two_who_migrate_at_once_do_not_disturb_each_other(empty: Engine) -> None:
    together, failures = threading.Barrier(2), []

    def migrate() -> None:
        together.wait(20)
        try:
            schema.upgrade(empty)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=migrate) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert migrating.differences(empty) == []
