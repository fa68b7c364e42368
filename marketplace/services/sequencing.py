"""Giving committed rows of the feed their place, one at a time over all processes of this database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select, text, update

from marketplace.models.feed import FeedState, Published
from marketplace.services import feed
from marketplace.work import Work

NUMBERED_AT_ONCE = 2_000
SEQUENCER_LOCK = 4_711_001  # any number, the same for every process of this database

_WAITING = select(feed.TABLE.c.id).where(feed.TABLE.c.pub_seq.is_(None)).limit(1)
"""Built once: it is asked with each turn."""


def waiting(work: Work) -> bool:
    """Whether a committed row still has no number. Cheap: an index holds only such rows."""
    return work.session.scalar(_WAITING) is not None


def number(work: Work) -> int:
    """Give committed rows their place, at most `NUMBERED_AT_ONCE`; how many got one."""
    _lock(work)
    statement = (
        select(Published.id).where(Published.pub_seq.is_(None)).order_by(Published.published_at, Published.id)
    )
    return _place(work, work.session.scalars(statement.limit(NUMBERED_AT_ONCE)).all())


def number_these(work: Work, uids: Sequence[str]) -> None:
    """Give these records, written in this transaction, their place at once: nobody has ever seen them without one.

    Nobody else numbers anything until it is committed, so it should be at its end.
    """
    _lock(work)
    _place(work, uids)


def _place(work: Work, uids: Sequence[str]) -> int:
    if not uids:
        return 0
    feed.begin_first_epoch(work)
    head = feed.state(work).head
    places = [{"row_id": uid, "place": head + n} for n, uid in enumerate(uids, start=1)]
    numbered = (
        update(feed.TABLE).where(Published.id == bindparam("row_id")).values(pub_seq=bindparam("place"))
    )
    work.session.connection().execute(numbered, places)
    work.session.execute(update(FeedState).values(head=head + len(uids)))
    return len(uids)


def _lock(work: Work) -> None:
    """On SQLite the transaction already holds the writer's lock."""
    if work.session.get_bind().dialect.name == "postgresql":
        work.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SEQUENCER_LOCK})
