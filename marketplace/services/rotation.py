"""Writing everything that is sealed anew with the current key, so that an older key can be thrown away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, undefer

from marketplace.models.accounts import SecondFactor
from marketplace.models.files import SealedFile
from marketplace.models.listings import Autosave, Revision
from marketplace.models.rooms import DealFile
from marketplace.seal import CannotOpen, SealedValue
from marketplace.services import codes, drafts, sealed, sealed_files
from marketplace.work import Work

AT_ONCE = 20
"""Rows of one transaction; a file may have ten megabytes."""

Place = Callable[[Any], str]
"""Row -> what its sealed value is bound to."""

SEALED: Mapping[InstrumentedAttribute[Any], Place] = {
    Revision.sealed: lambda row: sealed.place(row.id),
    Autosave.sealed: lambda row: drafts.place(row.id),
    SealedFile.sealed_name: lambda row: sealed_files.name_place(row.id),
    SealedFile.sealed: lambda row: sealed_files.place(row.id),
    DealFile.sealed: lambda row: sealed_files.place(row.id),
    SecondFactor.sealed: lambda row: codes.place(row.user_id),
}
"""Every sealed column. The id of the key of a row stands in its `sealed_key`."""


@dataclass(frozen=True, slots=True)
class _Sort:
    """The sealed columns of one table."""

    table: Any
    places: Mapping[str, Place]

    def rows(self) -> Select[Any]:
        """Those with something sealed."""
        whole = [undefer(getattr(self.table, name)) for name in self.places]
        return select(self.table).where(self.table.sealed_key != "").options(*whole)

    def opened(self, work: Work, row: Any) -> dict[str, bytes]:
        """Its sealed values by column. Raises `CannotOpen`."""
        seal, key = work.runtime.seal, row.sealed_key
        return {
            name: seal.open(SealedValue(key, getattr(row, name)), place(row))
            for name, place in self.places.items()
        }

    def renew(self, work: Work, row: Any) -> None:
        seal = work.runtime.seal
        for name, value in self.opened(work, row).items():
            setattr(row, name, seal.close(value, self.places[name](row)).data)
        row.sealed_key = seal.current


_SORTS = tuple(
    _Sort(table, {column.key: place for column, place in SEALED.items() if column.class_ is table})
    for table in dict.fromkeys(column.class_ for column in SEALED)
)


def rotate(work: Work) -> int:
    """Seal at most `AT_ONCE` rows of each table with the current key; how many, 0 when all are done.

    Each call is a transaction of its own, so a rotation that was interrupted goes on where it was. Raises
    `CannotOpen` when a key that is still needed is not among `SEALED_KEYS`: nothing is lost then.
    """
    renewed = 0
    for sort in _SORTS:
        old = sort.rows().where(sort.table.sealed_key != work.runtime.seal.current)
        for row in work.session.scalars(old.limit(AT_ONCE).with_for_update()).all():
            sort.renew(work, row)
            renewed += 1
    return renewed


def open_all(work: Work) -> int:
    """Open everything that is sealed, as proof that its keys are there and nothing was changed; how many rows.

    Raises `CannotOpen`.
    """
    opened = 0
    for sort in _SORTS:
        for row in _each(work, sort.rows()):
            sort.opened(work, row)
            opened += 1
    return opened


def shut(work: Work) -> frozenset[str]:
    """The keys whose values do not open: one row of each table and key is tried."""
    found: set[str] = set()
    for sort in _SORTS:
        key = sort.table.sealed_key
        for one in work.session.scalars(select(key).where(key != "").distinct()).all():
            try:
                sort.opened(work, work.session.scalars(sort.rows().where(key == one).limit(1)).one())
            except CannotOpen:
                found.add(one)
    return frozenset(found)


def _each(work: Work, wanted: Select[Any]) -> Iterator[Any]:
    """One row after the other; a file may have ten megabytes."""
    return iter(work.session.scalars(wanted.execution_options(yield_per=AT_ONCE)))
