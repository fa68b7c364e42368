"""Rows of the database that concern one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from marketplace.models.listings import Listing


@dataclass(frozen=True, slots=True)
class Subject:
    """Rows that concern a person: those where the column `whose` is the id. Of `params` only these keys are told, if any
    are named."""

    rows: Select[*tuple[Any, ...]]
    whose: InstrumentedAttribute[Any]
    params: tuple[str, ...] = ()


def of(whose: InstrumentedAttribute[Any], *columns: InstrumentedAttribute[Any]) -> Subject:
    """Rows of one table, in the order of the first column."""
    return Subject(select(*columns).order_by(columns[0]), whose)


def of_listing(
    whose: InstrumentedAttribute[Any], to: InstrumentedAttribute[Any], *columns: InstrumentedAttribute[Any]
) -> Subject:
    """The same with the uid of the listing that the column `to` names."""
    joined = select(Listing.uid, *columns).join(Listing, Listing.id == to)
    return Subject(joined.order_by(columns[0]), whose)
