"""The database: how it is opened, and the column types everybody uses.

SQLite runs in WAL mode; writers take the lock at BEGIN (`BEGIN IMMEDIATE`), which stands for the advisory locks
used on PostgreSQL.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from os import urandom
from pathlib import Path
from threading import Lock
from time import time_ns
from typing import Annotated, Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    Text,
    and_,
    create_engine,
    event,
    insert,
)
from sqlalchemy import Table as Rows
from sqlalchemy.engine import make_url
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, mapped_column, sessionmaker
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator, TypeEngine

from marketplace.db_failures import in_our_words
from marketplace.deferred import loaded
from marketplace.errors import DatabaseBusy
from marketplace.settings import Limits
from vocabulary.sorting import sort_key

LIMITS = Limits()

POSTGRESQL = "marketplace.db_postgresql:open_postgresql"
"""Loaded where it is used: its driver takes 9 MB, which a process on SQLite need not have."""

WRITES = "giao_writes"
"""Execution option of a connection that is going to write."""

# Constraints need names that are the same on every database, or a later migration cannot drop them.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. A naive datetime is a mistake and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite forgets the zone; what was written was UTC. PostgreSQL answers in the zone of its session.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Written:
    """Plain data that is JSON text already: a column takes it as it is."""

    text: str


class Json(TypeDecorator[Any]):
    """Plain data as JSON text, written the same way on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if isinstance(value, Written):
            return value.text
        return None if value is None else _written(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


Count = Annotated[int, mapped_column(BigInteger)]
"""A number that another exchange may choose, or a place in a feed, which grows with every change for as long as the
exchange lives: up to 2^53 - 1, which a column of 32 bits does not hold."""


class Table(DeclarativeBase):
    """What every table inherits."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Instant(), str: String()}  # noqa: RUF012 - SQLAlchemy reads it from the class


def rows_of(model: type[Table]) -> Rows:
    """The table itself, to write many rows past the mapper in a third of the time."""
    return cast(Rows, model.__table__)


def insert_rows(connection: Connection, table: Rows, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows, each with a value for every column: defaults are not filled in.

    SQLAlchemy would prepare row by row, which takes longer than the database does; here a column is converted as a whole.
    """
    if not rows:
        return
    dialect = connection.dialect
    statement = _insertion(table, dialect)
    columns = {one.name: _bound(one.type, dialect, [row[one.name] for row in rows]) for one in table.columns}
    order = statement.positiontup or list(columns)
    values = zip(*(columns[name] for name in order), strict=True)
    named = (dict(zip(order, each, strict=True)) for each in values)
    connection.exec_driver_sql(str(statement), list(values if statement.positional else named))


@lru_cache(maxsize=64)
def _insertion(table: Rows, dialect: Dialect) -> SQLCompiler:
    return insert(table).compile(dialect=dialect)


def _bound(column: TypeEngine[Any], dialect: Dialect, values: list[Any]) -> list[Any]:
    """The values of one column as the driver takes them."""
    convert = column.dialect_impl(dialect).bind_processor(dialect)
    if convert is None:
        return values
    if not isinstance(column, Instant):
        return list(map(convert, values))
    moments = {value: convert(value) for value in set(values)}
    return [moments[value] for value in values]


_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
_TWO_DIGITS = [high + low for high in _DIGITS for low in _DIGITS]
_PLACES = range(120, -1, -10)  # Two digits are ten bits.
_RANDOM_BITS = 80
_one_at_a_time = Lock()
_latest_id = 0


def in_pairs(
    first: InstrumentedAttribute[str], second: InstrumentedAttribute[str], pairs: Iterable[tuple[str, str]]
) -> ColumnElement[bool]:
    """True where the two columns hold one of these pairs, and where they hold values of two of them: the rows have to be
    looked through. Asked by `(a, b) IN …` SQLite uses no index and reads the whole table."""
    firsts, seconds = zip(*pairs, strict=True)
    return and_(first.in_(set(firsts)), second.in_(set(seconds)))


def new_id() -> str:
    """A ULID: 26 characters, sortable by time of creation, each greater than any this process has made before."""
    global _latest_id
    now = time_ns() // 1_000_000 << _RANDOM_BITS
    with _one_at_a_time:
        fresh = now > _latest_id
        number = _latest_id = now | int.from_bytes(urandom(_RANDOM_BITS // 8)) if fresh else _latest_id + 1
    return "".join([_TWO_DIGITS[number >> place & 1023] for place in _PLACES])


def open_database(url: str, limits: Limits = LIMITS) -> Engine:
    """The database at this URL. Errors of its driver come out as `in_our_words` says."""
    engine = _opener(url)(url, limits)
    event.listen(engine, "handle_error", in_our_words)
    return engine


def _opener(url: str) -> Callable[[str, Limits], Engine]:
    if make_url(url).get_backend_name() == "sqlite":
        return _open_sqlite
    opener: Callable[[str, Limits], Engine] = loaded(POSTGRESQL)
    return opener


def sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine, expire_on_commit=False)


def for_writing(session: Session) -> Session:
    """Begin a transaction that takes the writer's lock at once, instead of failing half-way on SQLite.

    Raises `DatabaseBusy` when no connection becomes free in time.
    """
    with _in_time():
        session.connection(execution_options={WRITES: True})
    return session


def for_reading(session: Session) -> Session:
    """Begin a transaction that sees one moment of the database, whatever others commit meanwhile.

    Raises `DatabaseBusy` when no connection becomes free in time.
    """
    repeatable = {"isolation_level": "REPEATABLE READ"}
    with _in_time():
        session.connection(
            execution_options=repeatable if session.get_bind().dialect.name == "postgresql" else {}
        )
    return session


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseBusy from error


def _open_sqlite(url: str, limits: Limits) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    # Its only lock is the writer's, and whoever has waited for it begins his one statement at once.
    patience = max(limits.statement, limits.lock)
    engine = create_engine(
        url, connect_args={"timeout": patience}, hide_parameters=True, pool_size=limits.pool,
        max_overflow=0, pool_timeout=limits.wait,
    )  # fmt: skip
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not open transactions by itself: `_begin_sqlite` says which kind.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_collation("vietnamese", _compare)


def _compare(left: str, right: str) -> int:
    first, second = sort_key(left), sort_key(right)
    return (first > second) - (first < second)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
