"""The records of a side as a comparison reads them: id, revision and hash, in order of their ids as code points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, collate, select

from exchange.reconcile import Line
from marketplace.models.exchanges import Acknowledged, Replica
from marketplace.services.sync import probes
from marketplace.work import Work

AT_ONCE = 2_000


def held(work: Work, origin: str) -> Iterator[Line]:
    """All that is kept here of an exchange, tombstones too."""
    statement = select(Replica.uid, Replica.rev, Replica.hash).where(Replica.origin == origin)
    return _read(work, statement.order_by(_by_code_point(work, Replica.uid)))


def held_with(work: Work, origin: str, probe: Line | None) -> Iterator[Line]:
    """The same with the probe as it was once: there is a new one every minute, which changes nothing that people have."""
    then = probes.uid(origin)
    for line in held(work, origin):
        if line.uid != then:
            yield line
        elif probe is not None:
            yield probe


def believed(work: Work) -> Iterator[Line]:
    """What we believe the national exchange to have."""
    statement = select(Acknowledged.uid, Acknowledged.rev, Acknowledged.hash).where(Acknowledged.rev > 0)
    return _read(work, statement.order_by(_by_code_point(work, Acknowledged.uid)))


def _read(work: Work, statement: Select[str, int, str]) -> Iterator[Line]:
    for uid, rev, digest in work.session.execute(statement.execution_options(yield_per=AT_ONCE)):
        yield Line(uid, rev, digest)


def _by_code_point(work: Work, column: Any) -> ColumnElement[Any]:
    """A digest needs the same order everywhere; PostgreSQL sorts by its own language unless told."""
    ordered: ColumnElement[Any] = (
        collate(column, "C") if work.session.get_bind().dialect.name == "postgresql" else column
    )
    return ordered
