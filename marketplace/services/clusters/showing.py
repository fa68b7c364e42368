"""Who stands for whom: a group is found once, and its page leads to every home."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import or_, select

from marketplace.errors import NotFound
from marketplace.models.clusters import NationalId
from marketplace.services import feed
from marketplace.services.feed import Row
from marketplace.work import Work

ASKED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Gathered:
    """Of some records those that others stand for, and of those who stand for others these others, as published."""

    hidden: frozenset[str] = frozenset()
    others: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)


ALONE = Gathered()


def _alone(work: Work) -> bool:
    """Only the national exchange groups; elsewhere nobody waits for the question, and the search page is asked often."""
    return work.runtime.settings.role != "national"


def gathered(work: Work, uids: Sequence[str]) -> Gathered:
    """How these records are found."""
    if _alone(work):
        return ALONE
    hidden: set[str] = set()
    others: dict[str, list[str]] = defaultdict(list)
    for start in range(0, len(uids), ASKED_AT_ONCE):
        asked = uids[start : start + ASKED_AT_ONCE]
        either = or_(NationalId.uid.in_(asked), NationalId.stands.in_(asked))
        statement = select(NationalId.uid, NationalId.stands).where(
            either, NationalId.uid != NationalId.stands
        )
        for uid, stands in work.session.execute(statement):
            hidden.add(uid)
            others[stands].append(uid)
    if not hidden:
        return ALONE
    rows = feed.rows(work, hidden)
    live = {
        uid: tuple(rows[one] for one in sorted(group) if one in rows and rows[one].live)
        for uid, group in others.items()
    }
    return Gathered(frozenset(hidden), live)


def stand_for(work: Work, uids: Collection[str]) -> frozenset[str]:
    """The records by which these are found, they themselves left out."""
    if _alone(work) or not uids:
        return frozenset()
    statement = select(NationalId.stands).where(NationalId.uid.in_(uids), NationalId.uid != NationalId.stands)
    return frozenset(work.session.scalars(statement))


def stood_for(work: Work, uids: Collection[str]) -> frozenset[str]:
    """Those of the records for which another one is found."""
    if _alone(work):
        return frozenset()
    statement = select(NationalId.uid).where(NationalId.uid.in_(uids), NationalId.uid != NationalId.stands)
    return frozenset(work.session.scalars(statement))


def mates(work: Work, uid: str) -> list[str]:
    """The records found as this one is, public or not, the oldest first; this one too, when it was ever seen."""
    if _alone(work):
        return []
    mine = select(NationalId.stands).where(NationalId.uid == uid).scalar_subquery()
    statement = select(NationalId.uid).where(NationalId.stands == mine).order_by(NationalId.first_seen)
    return list(work.session.scalars(statement))


def group(work: Work, uid: str) -> tuple[Row, ...]:
    """The public records of the technology of this one, the one that is found first; of a record alone, nothing."""
    uids = mates(work, uid)
    rows = feed.rows(work, uids) if len(uids) > 1 else {}
    live = tuple(rows[one] for one in uids if one in rows and rows[one].live)
    return live if len(live) > 1 else ()


def by_national_id(work: Work, national_id: str) -> str:
    """The record to which a national id leads now; an id that others have taken over leads where they do.

    Raises `NotFound`.
    """
    found = work.session.scalar(select(NationalId.stands).where(NationalId.national_id == national_id))
    if found is None:
        raise NotFound("listing_not_found")
    return found


def national_id(work: Work, uid: str) -> str:
    """By which id the technology of this record is known; empty when it was never seen."""
    return work.session.scalar(select(NationalId.known_as).where(NationalId.uid == uid)) or ""
