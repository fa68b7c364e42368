"""No table and no column that could name a person is forgotten when somebody asks what is known about them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, Table
from sqlalchemy.sql import visitors

from marketplace import models
from marketplace.db import Table as Base
from marketplace.services.own_subjects import LEFT_OUT, SUBJECTS

assert models  # All tables are known once these are imported.

NAMES = frozenset({"actor", "actor_id", "author_id", "by", "email", "holder", "reporter", "user_id"})
"""Columns that name a person in words of their own; others refer to `users`, or end in `_by`."""


def of_people(table: Table) -> Iterator[str]:
    for column in table.columns:
        refers = any(key.column.table.name == "users" for key in column.foreign_keys)
        if refers or column.name in NAMES or column.name.endswith("_by"):
            yield f"{table.name}.{column.name}"


def told() -> set[str]:
    """Every column that a subject asks for or tells."""
    elements = (
        element
        for subject in SUBJECTS.values()
        for element in visitors.iterate(subject.rows.where(subject.whose == "x"))
    )
    return {
        f"{one.table.name}.{one.name}"
        for one in elements
        if isinstance(one, Column) and one.table is not None
    }


def test_every_table_is_told_or_left_out_for_a_reason() -> None:
    tables = {column.partition(".")[0] for column in told()}
    assert set(Base.metadata.tables) - tables - set(LEFT_OUT) == set()


def test_every_column_that_could_name_a_person_is_told_or_left_out_for_a_reason() -> None:
    known = told()
    forgotten = [
        column
        for table in Base.metadata.tables.values()
        for column in of_people(table)
        if column not in known and column not in LEFT_OUT and table.name not in LEFT_OUT
    ]
    assert forgotten == []


def test_nothing_is_left_out_that_is_told_or_does_not_exist() -> None:
    known = told()
    tables = {column.partition(".")[0] for column in known}
    columns = {f"{table.name}.{one.name}" for table in Base.metadata.tables.values() for one in table.columns}
    assert {one for one in LEFT_OUT if one in known or one in tables} == set()
    assert set(LEFT_OUT) <= columns | set(Base.metadata.tables)
    assert all(LEFT_OUT.values())
