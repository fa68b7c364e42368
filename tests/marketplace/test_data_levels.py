"""Every column has its level of sensitivity, and what a level promises holds of all its columns."""

from __future__ import annotations

import tomllib
from pathlib import Path

from sqlalchemy import Column, LargeBinary

from marketplace import models
from marketplace.db import Table as Base
from marketplace.services.own_subjects import LEFT_OUT
from marketplace.services.rotation import SEALED
from tests.marketplace.test_own_data_is_whole import of_people, told

assert models  # All tables are known once these are imported.

FILE = Path(__file__).resolve().parents[2] / "docs/data-levels.toml"
LEVELS = ("public", "workings", "confidential", "personal", "sealed", "secret")
COLUMNS: dict[str, Column[object]] = {
    f"{table.name}.{column.name}": column
    for table in Base.metadata.tables.values()
    for column in table.columns
}


def levels() -> list[tuple[str, str]]:
    """Column and level, as they stand in the file."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return [
        (f"{table}.{column}", level)
        for table, said in tables.items()
        for level, columns in said.items()
        for column in columns.split()
    ]


def of_level(*wanted: str) -> set[str]:
    return {column for column, level in levels() if level in wanted}


def test_every_column_has_one_level() -> None:
    assert {level for _, level in levels()} == set(LEVELS)
    assert sorted(column for column, _ in levels()) == sorted(COLUMNS)


def test_what_is_sealed_has_its_key_beside_it_and_is_renewed() -> None:
    sealed = of_level("sealed")
    assert all(isinstance(COLUMNS[one].type, LargeBinary) for one in sealed)
    tables = {one.partition(".")[0] for one in sealed}
    assert tables == {one.partition(".")[0] for one in COLUMNS if one.endswith(".sealed_key")}
    assert sealed == {f"{one.class_.__tablename__}.{one.key}" for one in SEALED}


def test_what_could_name_a_person_is_personal_or_left_out_for_a_reason() -> None:
    named = {one for table in Base.metadata.tables.values() for one in of_people(table)}
    tables = {one for one in named if one.partition(".")[0] in LEFT_OUT}
    assert named - of_level("personal") - set(LEFT_OUT) - tables == set()


def test_a_table_that_says_something_personal_is_told_or_left_out_for_a_reason() -> None:
    personal = {one.partition(".")[0] for one in of_level("personal")}
    assert personal - {one.partition(".")[0] for one in told()} - set(LEFT_OUT) == set()


def test_no_secret_is_told_and_nothing_that_is_still_sealed() -> None:
    assert told() & of_level("secret", "sealed") == set()
