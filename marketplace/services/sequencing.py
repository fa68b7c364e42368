"""Giving committed rows of the feed their place, one at a time over all processes of this database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select, update

from marketplace.models.feed import Published
from marketplace.services import feed
from marketplace.work import Work

NUMBERED_AT_ONCE = 2_000


def waiting(work: Work) -> bool:
    """Whether a committed row still has no number. Cheap: an index holds only such rows."""
    return work.session.scalar(select(Published.id).where(Published.pub_seq.is_(None)).limit(1)) is not None


def number(work: Work) -> int:
    """Give committed rows their place, at most `NUMBERED_AT_ONCE`; how many got one."""
    feed.number_alone(work)
    statement = (
        select(Published.id).where(Published.pub_seq.is_(None)).order_by(Published.published_at, Published.id)
    )
    return _place(work, work.session.scalars(statement.limit(NUMBERED_AT_ONCE)).all())


def number_these(work: Work, uids: Sequence[str]) -> None:
    """Give these records, written in this transaction, their place at once: nobody has ever seen them without one.

    Nobody else numbers anything until it is committed, so it should be at its end.
    """
    feed.number_alone(work)
    _place(work, uids)


def _place(work: Work, uids: Sequence[str]) -> int:
    if not uids:
        return 0
    places = [
        {"row_id": uid, "place": place} for uid, place in zip(uids, feed.places(work, len(uids)), strict=True)
    ]
    numbered = (
        update(feed.TABLE).where(Published.id == bindparam("row_id")).values(pub_seq=bindparam("place"))
    )
    work.session.connection().execute(numbered, places)
    return len(uids)
