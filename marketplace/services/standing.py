"""What stands published now, read without following the feed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Subquery, exists, func, select
from sqlalchemy.orm import aliased

from marketplace.models.clusters import NationalId
from marketplace.models.exchanges import Overlay
from marketplace.models.feed import Published
from marketplace.services.classification.layer import KIND
from marketplace.services.feed import LISTED
from marketplace.work import Work

_FOUND = ~exists().where(NationalId.uid == Published.id, NationalId.stands != NationalId.uid)
"""Not stood for by another exchange's record of the same technology."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The mark of a live record: where it stands in the feed, or what was last said beside it, and what it says."""

    uid: str
    sequence: int
    hash: str


def listed(work: Work, kinds: Collection[str]) -> Iterator[Listed]:
    """All live numbered records of these kinds that are found by themselves, by uid, as code points stand; some hundreds
    in memory at a time."""
    postgresql = work.session.get_bind().dialect.name == "postgresql"
    uid = Published.id.collate("C") if postgresql else Published.id
    beside = _layers()
    statement = (
        select(Published.id, Published.pub_seq, Published.hash, beside.c.place)
        .outerjoin(beside, beside.c.uid == Published.id)
        .where(Published.op == "upsert", Published.kind.in_(kinds), Published.pub_seq.is_not(None), _FOUND)
        .order_by(uid)
        .execution_options(yield_per=1_000)
    )
    rows = work.session.execute(statement)
    return (Listed(uid, max(place, laid or 0), digest) for uid, place, digest, laid in rows)


def _layers() -> Subquery:
    """Where the classification layers stand in the feed, by the record that is found for their listing."""
    said, listing = aliased(Published), aliased(Published)
    found = func.coalesce(NationalId.stands, Overlay.about)
    statement = (
        select(found.label("uid"), func.max(said.pub_seq).label("place"))
        .select_from(Overlay)
        .join(said, said.id == Overlay.uid)
        .join(listing, (listing.id == Overlay.about) & (listing.op == "upsert"))
        .outerjoin(NationalId, NationalId.uid == Overlay.about)
        .where(Overlay.layer == KIND)
    )
    return statement.group_by(found).subquery()


def count(work: Work) -> int:
    """How many listings are found; one technology of several exchanges counts once."""
    listed = select(func.count()).where(Published.op == "upsert", Published.kind.in_(LISTED), _FOUND)
    return work.session.scalar(listed) or 0
