"""One process at a time: a row that says who may, and until when.

Whoever holds it renews it; when it has run out, was given back, or its holder is seen to be gone (`presence`), another
takes it. It is a courtesy, not a lock: a process that stood still may come back and believe it still holds, so what is
done under it must bear two.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.models.jobs import Lease
from marketplace.presence import Presence

TIMETABLE = "timetable"
"""The lease of whoever asks for periodic jobs."""
LASTS = timedelta(seconds=45)
SKEW = timedelta(minutes=5)
"""A lease that ends later than our clocks may differ was written by one that had jumped, and is worth nothing."""


def a_name() -> str:
    """Who this is, for people who look for the process, and different for each."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


class Claim:
    """What one process of an exchange has to one lease: a name, and a sign of life for those who wait for the same."""

    def __init__(self, lease: str, data_dir: Path) -> None:
        self.lease = lease
        self.holder = a_name()
        self._presence = Presence(data_dir, self.holder)

    def hold(self, session: Session, now: datetime) -> bool:
        """Take the lease or renew it. False while another holds it."""
        self._presence.show()
        return hold(session, self.lease, self.holder, now, is_gone=self._presence.is_gone)

    def give_back(self, session: Session, now: datetime) -> None:
        """Let another have it at once."""
        give_back(session, self.lease, self.holder, now)
        self._presence.withdraw()


def nobody_can_tell(_holder: str) -> bool:
    return False


def hold(
    session: Session,
    name: str,
    holder: str,
    now: datetime,
    *,
    is_gone: Callable[[str], bool] = nobody_can_tell,
) -> bool:
    """Take the lease or renew it. False while another holds it that is not seen to be gone."""
    free = or_(Lease.until < now, Lease.until > now + LASTS + SKEW)
    renewed = update(Lease).where(Lease.name == name, Lease.holder == holder).values(until=now + LASTS)
    taken = update(Lease).where(Lease.name == name, free)
    taken = taken.values(holder=holder, since=now, until=now + LASTS)
    for step in (renewed, taken):
        if session.scalar(step.returning(Lease.name)) is not None:
            return True
    other = session.scalar(select(Lease.holder).where(Lease.name == name))
    if other is None:
        return _first(session, name, holder, now)
    if not is_gone(other):
        return False
    inherited = update(Lease).where(Lease.name == name, Lease.holder == other)
    inherited = inherited.values(holder=holder, since=now, until=now + LASTS)
    return session.scalar(inherited.returning(Lease.name)) is not None


def give_back(session: Session, name: str, holder: str, now: datetime) -> None:
    """Let another have it at once."""
    mine = update(Lease).where(Lease.name == name, Lease.holder == holder)
    session.execute(mine.values(until=now - timedelta(microseconds=1)))


def holder_of(session: Session, name: str, now: datetime) -> str:
    """Who holds it now; empty when nobody does."""
    return session.scalar(select(Lease.holder).where(Lease.name == name, Lease.until >= now)) or ""


def holders(session: Session, now: datetime) -> list[str]:
    """Who holds any lease now."""
    held = select(Lease.holder).where(Lease.until >= now, Lease.until <= now + LASTS + SKEW)
    return list(session.scalars(held.distinct().order_by(Lease.holder)))


def _first(session: Session, name: str, holder: str, now: datetime) -> bool:
    try:
        with session.begin_nested():
            session.add(Lease(name=name, holder=holder, since=now, until=now + LASTS))
    except IntegrityError:
        return False  # Another process, starting at the same moment, was quicker.
    return True
