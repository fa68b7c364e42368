"""What people are told on their desk, each thing once however often its cause is handled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, select, update

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


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told, once to each person under one key: the message `notice.<what>`, and the listing it is about."""

    key: str
    what: str
    target: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a person's notices, and how many there are."""

    notices: tuple[Notice, ...]
    total: int
    unread: int
    page: int
    pages: int


def tell(work: Work, user_id: str, **news: Any) -> bool:
    """Leave one notice, in the words of `News`. False when this person was told under the same key before."""
    return _leave(work, [(user_id, News(**news))]) == 1


def tell_organisation(work: Work, organisation_id: str, **news: Any) -> None:
    """Tell every member who works on its listings."""
    _tell_organisations(work, [(organisation_id, News(**news))])


def _tell_organisations(work: Work, told: Sequence[tuple[str, News]]) -> None:
    members = select(Membership.organisation_id, Membership.user_id).where(
        Membership.organisation_id.in_({organisation_id for organisation_id, _ in told}),
        Membership.role.in_(MEMBERS),
    )
    people: dict[str, list[str]] = {}
    for organisation_id, user_id in work.session.execute(members.distinct()):
        people.setdefault(organisation_id, []).append(user_id)
    _leave(work, [(user_id, news) for home, news in told for user_id in people.get(home, ())])


def _leave(work: Work, told: Sequence[tuple[str, News]]) -> int:
    """The number of notices really left: none is left twice."""
    wanted = {(user_id, news.key): news for user_id, news in told}
    known = select(Notice.user_id, Notice.key).where(
        Notice.key.in_({key for _, key in wanted}), Notice.user_id.in_({user_id for user_id, _ in wanted})
    )
    before = {(user_id, key) for user_id, key in work.session.execute(known)}
    fresh = [
        {
            "id": new_id(),
            "user_id": user_id,
            "key": news.key,
            "what": news.what,
            "params": dict(news.params),
            "target": news.target,
            "created_at": work.now,
        }
        for (user_id, _), news in wanted.items()
        if (user_id, news.key) not in before
    ]
    if fresh:
        work.session.execute(insert(Notice), fresh)
    return len(fresh)


def tell_of_matches(work: Work, rows: Iterable[Row]) -> None:
    """After matching: tell the owner of each published listing what was found, and those whose listing it fits."""
    listed = [row for row in rows if row.live and row.kind in LISTED]
    matched = _matched(work, [row.uid for row in listed])
    for row in listed:
        if row.uid in matched:
            _tell_of_matches(work, row)


def _matched(work: Work, uids: Sequence[str]) -> frozenset[str]:
    """Those that have a pair over the bar: of many thousands that arrive at once most have none."""
    found: set[str] = set()
    for side in (Match.demand_uid, Match.offer_uid):
        found.update(work.session.scalars(select(side).where(side.in_(uids), Match.total >= BAR).distinct()))
    return frozenset(found)


def _tell_of_matches(work: Work, row: Row) -> None:
    partners = _new_partners(work, row)
    home = _home(work, [row.uid]).get(row.uid)
    imported = home is not None and home[1] is not None
    title = from_record(row.body["content"]).title
    if partners and home and not imported:
        # One notice per import is enough; it is written by the import itself.
        tell_organisation(work, home[0], key=f"matches:{row.uid}:{row.rev}", what="matches_found", target=row.uid,
                          params={"title": title, "n": len(partners)})  # fmt: skip
    # A whole file of offers on one day is one piece of news for the owner of a demand, not a thousand.
    day = f"{work.now:%Y-%m-%d}"
    _tell_organisations(
        work,
        [
            (
                organisation_id,
                News(
                    f"match-day:{uid}:{day}" if imported else f"match:{uid}:{row.uid}",
                    "new_match",
                    uid,
                    {"title": title},
                ),
            )
            for uid, (organisation_id, _) in _home(work, partners).items()
        ],
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


_UNREAD = (
    select(func.count())
    .select_from(Notice)
    .where(Notice.user_id == bindparam("user_id"), Notice.read_at.is_(None))
)
"""Built once: every page says how many."""


def unread(work: Work, actor: Actor) -> int:
    return work.session.scalar(_UNREAD, {"user_id": actor.user_id}) or 0


def latest(work: Work, actor: Actor, *, most: int) -> list[Notice]:
    """What the person was told last."""
    return list(work.session.scalars(_own(actor).limit(most)))


def page(work: Work, actor: Actor, *, number: int = 1) -> Page:
    """All that the person was told, the latest first; a number past the end is the last page."""
    mine = select(func.count()).select_from(Notice).where(Notice.user_id == actor.user_id)
    total = work.session.scalar(mine) or 0
    pages = max(1, -(-total // PAGE))
    number = min(max(number, 1), pages)
    rows = work.session.scalars(_own(actor).offset((number - 1) * PAGE).limit(PAGE))
    return Page(tuple(rows), total, unread(work, actor), number, pages)


def _own(actor: Actor) -> Select[Notice]:
    own = select(Notice).where(Notice.user_id == actor.user_id)
    return own.order_by(Notice.created_at.desc(), Notice.id.desc())


def mark_read(work: Work, actor: Actor, ids: Sequence[str]) -> None:
    """The person has been shown these; of those of others nothing changes."""
    mine = update(Notice).where(Notice.user_id == actor.user_id, Notice.read_at.is_(None))
    work.session.execute(mine.where(Notice.id.in_(ids[:PAGE])).values(read_at=work.now))
