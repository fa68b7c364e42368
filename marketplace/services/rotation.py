"""Writing everything that is sealed anew with the current key, so that an older key can be thrown away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, undefer

from marketplace.models.accounts import SecondFactor
from marketplace.models.files import SealedFile
from marketplace.models.listings import Autosave, Revision
from marketplace.models.rooms import DealFile
from marketplace.seal import CannotOpen, SealedValue
from marketplace.services import codes, drafts, sealed, sealed_files
from marketplace.work import Work

T = TypeVar("T")
AT_ONCE = 20
"""Rows of one transaction; a file may have ten megabytes."""


def rotate(work: Work) -> int:
    """Seal at most `AT_ONCE` values of each sort with the current key; how many, 0 when all are done.

    Each call is a transaction of its own, so a rotation that was interrupted goes on where it was. Raises
    `CannotOpen` when a key that is still needed is not among `SEALED_KEYS`: nothing is lost then.
    """
    return sum(kind(work) for kind in _KINDS)


def _revisions(work: Work) -> int:
    old = select(Revision).where(Revision.sealed_key.not_in(("", work.runtime.seal.current)))
    found = work.session.scalars(old.limit(AT_ONCE).with_for_update()).all()
    for revision in found:
        sealed.put(work, revision, sealed.read(work, revision))
    return len(found)


def _autosaves(work: Work) -> int:
    old = select(Autosave).where(Autosave.sealed_key != work.runtime.seal.current)
    found = work.session.scalars(old.limit(AT_ONCE).with_for_update()).all()
    for row in found:
        row.sealed = _renewed(work, row.sealed_key, row.sealed, drafts.place(row.id))
        row.sealed_key = work.runtime.seal.current
    return len(found)


def _files(work: Work) -> int:
    old = select(SealedFile).where(SealedFile.sealed_key != work.runtime.seal.current)
    whole = old.options(undefer(SealedFile.sealed)).limit(AT_ONCE).with_for_update()
    found = work.session.scalars(whole).all()
    for row in found:
        row.sealed_name = _renewed(work, row.sealed_key, row.sealed_name, sealed_files.name_place(row.id))
        row.sealed = _renewed(work, row.sealed_key, row.sealed, sealed_files.place(row.id))
        row.sealed_key = work.runtime.seal.current
    return len(found)


def _second_factors(work: Work) -> int:
    old = select(SecondFactor).where(SecondFactor.sealed_key != work.runtime.seal.current)
    found = work.session.scalars(old.limit(AT_ONCE).with_for_update()).all()
    for row in found:
        row.sealed = _renewed(work, row.sealed_key, row.sealed, codes.place(row.user_id))
        row.sealed_key = work.runtime.seal.current
    return len(found)


def _deal_files(work: Work) -> int:
    old = select(DealFile).where(DealFile.sealed_key != work.runtime.seal.current)
    whole = old.options(undefer(DealFile.sealed)).limit(AT_ONCE).with_for_update()
    found = work.session.scalars(whole).all()
    for row in found:
        row.sealed = _renewed(work, row.sealed_key, row.sealed, sealed_files.place(row.id))
        row.sealed_key = work.runtime.seal.current
    return len(found)


def _renewed(work: Work, key: str, data: bytes, place: str) -> bytes:
    seal = work.runtime.seal
    return seal.close(seal.open(SealedValue(key, data), place), place).data


@dataclass(frozen=True, slots=True)
class _Sort:
    """Rows with something sealed, the key of each, and how one is opened."""

    rows: Select[Any]
    key: InstrumentedAttribute[str]
    opened: Callable[[Work, Any], object]


def _as_sealed(place: Callable[[Any], str]) -> Callable[[Work, Any], object]:
    return lambda work, row: work.runtime.seal.open(SealedValue(row.sealed_key, row.sealed), place(row))


_SORTS = (
    _Sort(select(Revision).where(Revision.sealed_key != ""), Revision.sealed_key, sealed.read),
    _Sort(select(Autosave), Autosave.sealed_key, _as_sealed(lambda row: drafts.place(row.id))),
    _Sort(
        select(SealedFile).options(undefer(SealedFile.sealed)), SealedFile.sealed_key,
        _as_sealed(lambda row: sealed_files.place(row.id)),
    ),
    _Sort(
        select(DealFile).options(undefer(DealFile.sealed)), DealFile.sealed_key,
        _as_sealed(lambda row: sealed_files.place(row.id)),
    ),
    _Sort(select(SecondFactor), SecondFactor.sealed_key, _as_sealed(lambda row: codes.place(row.user_id))),
)  # fmt: skip


def open_all(work: Work) -> int:
    """Open everything that is sealed, as proof that its keys are there and nothing was changed; how many values.

    Raises `CannotOpen`.
    """
    opened = 0
    for sort in _SORTS:
        for row in _each(work, sort.rows):
            sort.opened(work, row)
            opened += 1
    return opened


def shut(work: Work) -> frozenset[str]:
    """The keys whose values do not open: one value of each sort and key is tried."""
    found: set[str] = set()
    for sort in _SORTS:
        keys = work.session.scalars(select(sort.key).where(sort.key != "").distinct()).all()
        for key in keys:
            try:
                sort.opened(work, work.session.scalars(sort.rows.where(sort.key == key).limit(1)).one())
            except CannotOpen:
                found.add(key)
    return frozenset(found)


def _each(work: Work, wanted: Select[T]) -> Iterator[T]:
    """One row after the other; a file may have ten megabytes."""
    return iter(work.session.scalars(wanted.execution_options(yield_per=AT_ONCE)))


_KINDS: tuple[Callable[[Work], int], ...] = (_revisions, _autosaves, _files, _deal_files, _second_factors)
