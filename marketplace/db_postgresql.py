"""PostgreSQL, so opened that nothing waits for ever: neither the server for us nor we for the server."""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import Dialect

from marketplace.settings import Limits

IDLE_IN_TRANSACTION = 300
"""Seconds after which the server ends the session of a process that stands still and holds locks."""
GRACE = 5.0
"""Seconds that a server gets beyond its own limit for a statement, before we take it for gone."""

PING = 2.0
"""Seconds in which the server must take notice of us before a connection of the pool is used. Of a server that is frozen
whoever comes next hears after these, and not when a whole statement could have run."""


class Bounded(psycopg.Connection[Any]):
    """A connection that gives up on a server which has stopped answering without hanging up.

    A statement's own limit is kept by the server, and a server that is frozen keeps none.
    """

    patience: float = 0

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval=interval, timeout=timeout or self.patience or None)
        except psycopg.errors._WaitTimeout:
            if timeout is None:
                self.pgconn.finish()
                raise psycopg.OperationalError("the server has stopped answering") from None
            raise


def open_postgresql(url: str, limits: Limits) -> Engine:
    """The database at this URL, its limits kept by both sides."""
    engine = create_engine(
        url, pool_pre_ping=True, pool_size=limits.pool, max_overflow=0, pool_timeout=limits.wait,
        connect_args=_connecting(limits),
        # Parameters are hidden from logged errors: they may be somebody's sealed text.
        hide_parameters=True,
    )  # fmt: skip
    patience = max(limits.statement, limits.lock) + GRACE

    def connect(_dialect: Dialect, _record: object, args: list[Any], kwargs: Any) -> Bounded:
        return Bounded.connect(*args, **kwargs)

    # Between those two a connection is only asked whether it lives.
    def taken(connection: Bounded, *_: object) -> None:
        connection.patience = patience

    def given_back(connection: Bounded | None, *_: object) -> None:
        if connection is not None:
            connection.patience = PING

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", taken)
    event.listen(engine, "checkout", taken)
    event.listen(engine, "checkin", given_back)
    return engine


def _connecting(limits: Limits) -> dict[str, Any]:
    kept = {
        "statement_timeout": int(limits.statement * 1000),
        "lock_timeout": int(limits.lock * 1000),
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION * 1000,
    }
    return {
        "connect_timeout": int(limits.connect),
        "application_name": "giao",
        "options": " ".join(f"-c {name}={value}" for name, value in kept.items()),
        # A machine that vanished from the network is noticed within a minute.
        "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
    }  # fmt: skip
