"""Values of JSON made as plain as the cells of a table: texts, lists of texts, and rows of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.errors import Invalid
from marketplace.schemas.form import ROWS
from marketplace.schemas.listing import ListingSchema
from marketplace.schemas.values import Values
from vocabulary.amounts import written
from vocabulary.problems import Problem

_FIELDS = {field.data_key or name: field for name, field in ListingSchema().fields.items()}
FIELDS = frozenset(_FIELDS) - {"sealed_text", "reserve_price"} | {"currency"}
"""Columns of a listing, its texts left out. What is confidential is typed into the form, not kept in files."""
SEVERAL = frozenset(name for name, field in _FIELDS.items() if isinstance(field, Values))

Plain = str | list[str] | list[str | dict[str, str]]


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as `schemas.listing` reads them. Raises `Invalid` for what stands where it cannot."""
    return {name: _value(name, value) for name, value in values.items()}


def _value(name: str, value: Any) -> Plain:
    if not isinstance(value, list) or name not in {*ROWS, *SEVERAL}:
        return _text(name, value)
    said = [item for item in value if item not in (None, "")]
    if name in ROWS:
        return [_row(name, item) if isinstance(item, dict) else _text(name, item) for item in said]
    return [_text(name, item) for item in said]


def _row(name: str, row: Mapping[str, Any]) -> dict[str, str]:
    return {key: _text(f"{name}.{key}", value) for key, value in row.items()}


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return written(value)
    raise Invalid([Problem(name, "value.shape")])
