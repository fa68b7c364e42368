"""What people are told on their desk, each thing once however often its cause is handled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select, update

from marketplace.db import new_id
from marketplace.models.accounts import Membership
from marketplace.models.listings import Listing
from marketplace.models.matches import Match
from marketplace.models.notices import Notice
from marketplace.services.feed import LISTED, Row
from marketplace.services.policy import MEMBERS, Actor
from marketplace.work import Work
from matching.model import BAR
from vocabulary.listing import from_record

PAGE = 20


def tell(
    work: Work,
    user_id: str,
    *,
    key: str,
    what: str,
    target: str = "",
    params: Mapping[str, Any] | None = None,
) -> bool:
    """Leave one notice. False when this person was told under the same key before."""
    told = select(Notice.id).where(Notice.user_id == user_id, Notice.key == key)
    if work.session.scalar(told) is not None:
        return False
    work.session.add(
        Notice(
            id=new_id(),
            user_id=user_id,
            key=key,
            what=what,
            params=dict(params or {}),
            target=target,
            created_at=work.now,
        )
    )
    return True


def tell_organisation(work: Work, organisation_id: str, **notice: Any) -> None:
    """Tell every member who works on its listings."""
    members = select(Membership.user_id).where(
        Membership.organisation_id == organisation_id, Membership.role.in_(MEMBERS)
    )
    for user_id in work.session.scalars(members.distinct()):
        tell(work, user_id, **notice)


def tell_of_matches(work: Work, rows: Iterable[Row]) -> None:
    """After matching: tell the owner of each published listing what was found, and those whose listing it fits."""
    for row in rows:
        if row.live and row.kind in LISTED:
            _tell_of_matches(work, row)


def _tell_of_matches(work: Work, row: Row) -> None:
    partners = _new_partners(work, row)
    home = _home(work, [row.uid]).get(row.uid)
    imported = home is not None and home[1] is not None
    title = from_record(row.body["content"]).title
    if partners and home and not imported:
        # One notice per import is enough; it is written by the import itself.
        tell_organisation(work, home[0], key=f"matches:{row.uid}:{row.rev}", what="matches_found", target=row.uid,
                          params={"title": title, "n": len(partners)})  # fmt: skip
    for uid, (organisation_id, _) in _home(work, partners).items():
        # A whole file of offers on one day is one piece of news for the owner of a demand, not a thousand.
        key = f"match-day:{uid}:{work.now:%Y-%m-%d}" if imported else f"match:{uid}:{row.uid}"
        tell_organisation(
            work, organisation_id, key=key, what="new_match", target=uid, params={"title": title}
        )


def _new_partners(work: Work, row: Row) -> list[str]:
    """Listings on the other side that came over the bar with this revision."""
    mine, theirs = (
        (Match.demand_uid, Match.offer_uid) if row.kind == "demand" else (Match.offer_uid, Match.demand_uid)
    )
    statement = select(theirs).where(mine == row.uid, Match.total >= BAR, Match.found_at >= row.published_at)
    return list(work.session.scalars(statement.order_by(Match.total.desc())))


def _home(work: Work, uids: Iterable[str]) -> dict[str, tuple[str, str | None]]:
    statement = select(Listing.uid, Listing.organisation_id, Listing.source_id).where(
        Listing.uid.in_(list(uids))
    )
    return {
        uid: (organisation_id, source_id)
        for uid, organisation_id, source_id in work.session.execute(statement)
    }


def unread(work: Work, actor: Actor) -> int:
    statement = (
        select(func.count())
        .select_from(Notice)
        .where(Notice.user_id == actor.user_id, Notice.read_at.is_(None))
    )
    return work.session.scalar(statement) or 0


def latest(work: Work, actor: Actor, *, page: int = 1) -> list[Notice]:
    statement = (
        select(Notice)
        .where(Notice.user_id == actor.user_id)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
    )
    return list(work.session.scalars(statement.offset((page - 1) * PAGE).limit(PAGE)))


def mark_read(work: Work, actor: Actor) -> None:
    mine = update(Notice).where(Notice.user_id == actor.user_id, Notice.read_at.is_(None))
    work.session.execute(mine.values(read_at=work.now))
