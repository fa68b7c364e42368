"""Doing one thing at a time, over all processes of this database."""

from __future__ import annotations

import hashlib

from sqlalchemy import text

from marketplace.work import Work


def alone(work: Work, name: str) -> None:
    """From here to the end of the transaction nobody else passes with the same `name`.

    On SQLite a transaction that writes is alone already (`BEGIN IMMEDIATE`). Whoever takes several locks
    takes the audit's last: nearly everybody takes it, and two orders would be a deadlock.
    """
    if work.session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        work.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
