"""A member's desk: what waits for them first, then all listings of their organisations, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from marketplace.models.accounts import Organisation
from marketplace.models.listings import Listing, Revision
from marketplace.models.notices import Notice
from marketplace.services import answers_due, matches
from marketplace.services.lifecycle import SECOND_THOUGHTS, STEPS, WARNING, Standing, steps_from
from marketplace.services.policy import MEMBERS, Actor, may, permit
from marketplace.services.reasons import Reason
from marketplace.work import Work

PAGE = 20
MOST_TO_DO = 10
"""Things of one sort shown to be done; the table below has them all."""

NEXT_STEPS: Mapping[str, str] = {"expired": "renew", "paused": "resume", "withdrawn": "unwithdraw"}
"""Status -> what its owner is likely to do next; a revision that waits to be sent or mended comes before it."""


NO_REASON = Reason()


@dataclass(frozen=True, slots=True)
class Line:
    """One listing in the table."""

    uid: str
    kind: str
    title: str
    language: str
    organisation: str
    status: str
    revision_state: str
    version: int
    updated_at: datetime
    expires_at: datetime | None
    next_step: str
    """A step of `lifecycle.STEPS`; empty when there is nothing to do but wait or read."""
    matches: int = 0


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something that waits: `what` is returned, expiring, draft or matches, or of a case, whose id `uid` is then, consent,
    terms or outcome (the message `todo.<what>`)."""

    what: str
    uid: str
    title: str
    language: str
    at: datetime | None = None
    reason: Reason = NO_REASON
    count: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    to_do: tuple[ToDo, ...]
    lines: tuple[Line, ...]
    total: int
    page: int
    pages: int


def desk(work: Work, actor: Actor, *, page: int = 1) -> Desk:
    """What the person works on, over all their organisations."""
    permit(actor, "desk.read")
    own = tuple(organisation for organisation, roles in actor.roles.items() if roles & MEMBERS)
    total = work.session.scalar(
        select(func.count()).select_from(Listing).where(Listing.organisation_id.in_(own))
    )
    pages = max(1, -(-(total or 0) // PAGE))
    page = min(max(page, 1), pages)
    return Desk(_to_do(work, actor, own), _table(work, actor, own, page), total or 0, page, pages)


def _table(work: Work, actor: Actor, own: tuple[str, ...], page: int) -> tuple[Line, ...]:
    newest_first = (Listing.updated_at.desc(), Listing.id.desc())
    # Only what is shown is read whole: an importer has a hundred thousand of them.
    all_of_them = select(Listing.id).where(Listing.organisation_id.in_(own)).order_by(*newest_first)
    ids = work.session.scalars(all_of_them.offset((page - 1) * PAGE).limit(PAGE)).all()
    rows = work.session.execute(_lines(own).where(Listing.id.in_(ids)).order_by(*newest_first)).all()
    good = matches.good(work, [row.uid for row in rows])
    return tuple(_line(work, actor, row, good.get(row.uid, 0)) for row in rows)


def _lines(own: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    columns = select(
        Listing.uid, Listing.kind, Listing.status, Listing.version, Listing.updated_at, Listing.expires_at,
        Listing.organisation_id, Organisation.name, Revision.title, Revision.state, Revision.reason,
        Revision.decided_at, Revision.content,
    )  # fmt: skip
    working = columns.join(Revision, Revision.id == Listing.working_id)
    return working.join(Organisation, Organisation.id == Listing.organisation_id).where(
        Listing.organisation_id.in_(own)
    )


def _line(work: Work, actor: Actor, row: Any, matches: int) -> Line:
    return Line(
        uid=row.uid,
        kind=row.kind,
        title=row.title,
        language=_language(row),
        organisation=row.name,
        status=row.status,
        revision_state=row.state,
        version=row.version,
        updated_at=row.updated_at,
        expires_at=row.expires_at,
        next_step=_next_step(work, actor, row),
        matches=matches,
    )


def _next_step(work: Work, actor: Actor, row: Any) -> str:
    wanted = {"draft": "submit", "returned": "revise", "rejected": "revise"}.get(row.state)
    step = wanted if row.status != "withdrawn" and wanted else NEXT_STEPS.get(row.status, "")
    if not step or step not in steps_from(Standing(row.status, row.state)):
        return ""
    if step == "unwithdraw" and work.now - row.updated_at > SECOND_THOUGHTS:
        return ""
    return step if may(actor, STEPS[step].action, row.organisation_id) else ""


# -- what waits ---------------------------------------------------------------------------------------------


def _to_do(work: Work, actor: Actor, own: tuple[str, ...]) -> tuple[ToDo, ...]:
    asked = [
        ToDo(one.what, one.deal_id, one.title, "", one.at) for one in answers_due.due(work, actor, MOST_TO_DO)
    ]
    return (
        *asked,
        *_returned(work, own),
        *_expiring(work, own),
        *_drafts(work, own),
        *_matches(work, actor, own),
    )


def _returned(work: Work, own: tuple[str, ...]) -> list[ToDo]:
    back = _lines(own).where(
        Revision.state.in_(("returned", "rejected")), Listing.status.not_in(("withdrawn", "rejected"))
    )
    rows = work.session.execute(back.order_by(Revision.decided_at).limit(MOST_TO_DO))
    return [
        ToDo("returned", row.uid, row.title, _language(row), row.decided_at, Reason.read(row.reason))
        for row in rows
    ]


def _expiring(work: Work, own: tuple[str, ...]) -> list[ToDo]:
    soon = _lines(own).where(
        or_(
            and_(Listing.status.in_(("published", "paused")), Listing.expires_at <= work.now + WARNING),
            Listing.status == "expired",
        )
    )
    rows = work.session.execute(soon.order_by(Listing.expires_at).limit(MOST_TO_DO))
    return [
        ToDo(
            "expired" if row.status == "expired" else "expiring",
            row.uid,
            row.title,
            _language(row),
            row.expires_at,
        )
        for row in rows
    ]


def _drafts(work: Work, own: tuple[str, ...]) -> list[ToDo]:
    waiting = _lines(own).where(Revision.state == "draft", Listing.status != "withdrawn")
    rows = work.session.execute(waiting.order_by(Listing.updated_at.desc()).limit(MOST_TO_DO))
    return [ToDo("draft", row.uid, row.title, _language(row), row.updated_at) for row in rows]


def _matches(work: Work, actor: Actor, own: tuple[str, ...]) -> list[ToDo]:
    """Own listings of which notices not yet read tell new matches, with all the matches their lists show."""
    told_of = select(Notice.target, func.max(Notice.created_at)).join(Listing, Listing.uid == Notice.target)
    unread = told_of.where(
        Listing.organisation_id.in_(own),
        Notice.user_id == actor.user_id,
        Notice.what.in_(("matches_found", "new_match")),
        Notice.read_at.is_(None),
    )
    newest = unread.group_by(Notice.target).order_by(func.max(Notice.created_at).desc()).limit(MOST_TO_DO)
    told: dict[str, datetime] = dict(work.session.execute(newest).all())
    counts, named = matches.good(work, told), _titles(work, list(told))
    return [
        ToDo("matches", uid, *named[uid], at, count=counts[uid])
        for uid, at in told.items()
        if uid in named and uid in counts
    ]


def _titles(work: Work, uids: list[str]) -> dict[str, tuple[str, str]]:
    told = select(Listing.uid, Revision.title, Revision.content).join(
        Revision, Revision.id == Listing.working_id
    )
    return {
        uid: (title, content.get("language", "vi"))
        for uid, title, content in work.session.execute(told.where(Listing.uid.in_(uids)))
    }


def _language(row: Any) -> str:
    language: str = row.content.get("language", "vi")
    return language
