"""Migrations make exactly what the models say, on every database, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect

from marketplace import schema
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
    assert schema.differences(empty) == []


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
    assert schema.differences(empty) == []
