"""What stands published now, read without following the feed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import exists, func, select

from marketplace.models.clusters import NationalId
from marketplace.models.feed import Published
from marketplace.services.feed import LISTED
from marketplace.work import Work

_FOUND = ~exists().where(NationalId.uid == Published.id, NationalId.stands != NationalId.uid)
"""Not stood for by another exchange's record of the same technology."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The mark of a live record: where it stands in the feed, and what it says."""

    uid: str
    sequence: int
    hash: str


def listed(work: Work, kinds: Collection[str]) -> Iterator[Listed]:
    """All live numbered records of these kinds that are found by themselves, by uid, as code points stand; some hundreds
    in memory at a time."""
    postgresql = work.session.get_bind().dialect.name == "postgresql"
    uid = Published.id.collate("C") if postgresql else Published.id
    statement = (
        select(Published.id, Published.pub_seq, Published.hash)
        .where(Published.op == "upsert", Published.kind.in_(kinds), Published.pub_seq.is_not(None), _FOUND)
        .order_by(uid)
        .execution_options(yield_per=1_000)
    )
    return (Listed(uid, place or 0, digest) for uid, place, digest in work.session.execute(statement))


def count(work: Work) -> int:
    """How many listings are found; one technology of several exchanges counts once."""
    listed = select(func.count()).where(Published.op == "upsert", Published.kind.in_(LISTED), _FOUND)
    return work.session.scalar(listed) or 0
