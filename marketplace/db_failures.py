"""What a database says when it cannot serve, in the shop's own words.

One place reads the codes of both databases, so that everybody above catches `Unavailable` and nobody an error of a
driver. What is the caller's own mistake (a constraint, a wrong statement) is left as it is.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.engine import ExceptionContext

from marketplace.errors import Collided, DatabaseAway, DatabaseBusy, DatabaseFull

# SQLSTATE codes of PostgreSQL 15, appendix A.
COLLISIONS = frozenset({"40001", "40P01"})
"""Serialisation failure and deadlock: the same again may well go through."""
LIMITS = frozenset({"55P03", "57014"})
"""Waited too long for a lock, ran too long."""
ENDED = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03"})
"""The server shuts down, has crashed, is starting; or has ended a session that was idle for too long."""
FULL = frozenset({"53100"})
"""No room left on the disk."""
LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def in_our_words(context: ExceptionContext) -> None:
    """Called by SQLAlchemy with every error of a driver; raises what takes its place, if anything does."""
    error = context.original_exception
    if isinstance(error, sqlite3.OperationalError):
        if error.sqlite_errorcode & 0xFF in LOCKED:  # The upper bytes tell one kind of lock from another.
            raise DatabaseBusy
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise DatabaseFull
        return
    state = str(getattr(error, "sqlstate", None) or "")
    if state in COLLISIONS:
        raise Collided
    if state in FULL:
        raise DatabaseFull
    if state in LIMITS:
        raise DatabaseBusy
    if context.is_disconnect or state in ENDED or state.startswith("08") or _is_unreached(context):
        raise DatabaseAway


def _is_unreached(context: ExceptionContext) -> bool:
    """Nobody answered at all, or had no connection left: the driver fails without a code of the server."""
    dialect = context.dialect.loaded_dbapi
    error = context.original_exception
    return isinstance(error, dialect.OperationalError) and not getattr(error, "sqlstate", None)
