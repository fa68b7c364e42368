"""The moderators' queue as they read it: what is due first at its head, and one item with all there is to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, select

from marketplace.errors import NotFound
from marketplace.models.accounts import Organisation, User
from marketplace.models.listings import Listing, Revision
from marketplace.models.review import ReviewItem
from marketplace.services import duplicates, review, slices, timeline
from marketplace.services.duplicates import Likeness
from marketplace.services.policy import Actor, permit
from marketplace.services.slices import Party
from marketplace.services.timeline import Event
from marketplace.work import Work
from search.engine import SearchError
from vocabulary.listing import Content, from_record

PAGE = 20
Filter = Literal["open", "mine", "overdue", "decided"]
FILTERS: tuple[Filter, ...] = ("open", "mine", "overdue", "decided")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the queue. `kind` is first, revision or report; `owner` is empty when there is nobody."""

    id: str
    kind: str
    uid: str
    listing_kind: str
    title: str
    language: str
    organisation: str
    owner: str
    opened_at: datetime
    due_at: datetime
    overdue: bool
    report_reason: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    items: tuple[Waiting, ...]
    counts: Mapping[str, int]
    """Items under each filter."""
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Case:
    """All a moderator looks at before deciding. `duplicates` is None when search is away."""

    line: Waiting
    content: Content
    party: Party
    status: str
    revision_state: str
    mark: str
    mark_ground: str
    report_text: str
    reporter: str
    decided_by: str
    reason: str
    is_own: bool
    """The moderator belongs to the listing's organisation and may not decide."""
    live: Content | None = None
    """What is public, where the item is a revision of it."""
    duplicates: tuple[Likeness, ...] | None = None
    history: tuple[Event, ...] = ()
    colleagues: Mapping[str, str] = field(default_factory=dict)
    """Moderators it may be given to: id -> name."""


def queue(work: Work, actor: Actor, *, which: Filter = "open", page: int = 1) -> Queue:
    """A page of the queue, what is due first at its head (of what is decided, the latest)."""
    permit(actor, "review.work")
    conditions = _conditions(work, actor)
    counts = {str(name): _count(work, conditions[name]) for name in FILTERS}
    matching = _lines().where(*conditions[which])
    order = ReviewItem.decided_at.desc() if which == "decided" else ReviewItem.due_at
    pages = max(1, -(-counts[which] // PAGE))
    page = min(max(page, 1), pages)
    rows = work.session.execute(matching.order_by(order, ReviewItem.id).offset((page - 1) * PAGE).limit(PAGE))
    return Queue(tuple(_line(work, row) for row in rows), counts, page, pages)


def case(work: Work, actor: Actor, item_id: str) -> Case:
    """One item with everything to decide it. Raises `NotFound`."""
    permit(actor, "review.work")
    row = work.session.execute(_lines().where(ReviewItem.id == item_id)).one_or_none()
    if row is None:
        raise NotFound("review_item_not_found")
    item = work.session.get_one(ReviewItem, item_id)
    listing = work.session.get_one(Listing, item.listing_id)
    revision = work.session.get_one(Revision, item.revision_id)
    content = from_record(revision.content)
    names = _names(work, item)
    return Case(
        line=_line(work, row),
        content=content,
        party=slices.party(work.session.get_one(Organisation, listing.organisation_id)),
        status=listing.status,
        revision_state=revision.state,
        mark=listing.mark,
        mark_ground=listing.mark_ground,
        report_text=item.report_text,
        reporter=names.get(item.reporter, item.reporter),
        decided_by=names.get(item.decided_by or "", ""),
        reason=item.reason,
        is_own=listing.organisation_id in actor.roles,
        live=_live(work, listing, revision),
        duplicates=_duplicates(work, listing.uid, content),
        history=tuple(timeline.whole(work, listing)),
        colleagues={own: names[own] for own in review.moderators(work) if own != item.owner_id},
    )


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(
            ReviewItem.id, ReviewItem.kind, ReviewItem.opened_at, ReviewItem.due_at, ReviewItem.report_reason,
            ReviewItem.decision, ReviewItem.decided_at, Listing.uid, Listing.kind.label("listing_kind"),
            Revision.title, Revision.content, Organisation.name.label("organisation"),
            User.name.label("owner"),
        )
        .join(Listing, Listing.id == ReviewItem.listing_id)
        .join(Revision, Revision.id == ReviewItem.revision_id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .outerjoin(User, User.id == ReviewItem.owner_id)
    )  # fmt: skip


def _conditions(work: Work, actor: Actor) -> dict[Filter, tuple[ColumnElement[bool], ...]]:
    is_open = ReviewItem.decided_at.is_(None)
    return {
        "open": (is_open,),
        "mine": (is_open, ReviewItem.owner_id == actor.user_id),
        "overdue": (is_open, ReviewItem.due_at < work.now),
        "decided": (ReviewItem.decided_at.is_not(None),),
    }


def _count(work: Work, conditions: tuple[ColumnElement[bool], ...]) -> int:
    return work.session.scalar(select(func.count()).select_from(ReviewItem).where(*conditions)) or 0


def _line(work: Work, row: Any) -> Waiting:
    return Waiting(
        id=row.id,
        kind=row.kind,
        uid=row.uid,
        listing_kind=row.listing_kind,
        title=row.title,
        language=row.content.get("language", "vi"),
        organisation=row.organisation,
        owner=row.owner or "",
        opened_at=row.opened_at,
        due_at=row.due_at,
        overdue=row.decided_at is None and row.due_at < work.now,
        report_reason=row.report_reason,
        decision=row.decision,
    )


def _names(work: Work, item: ReviewItem) -> dict[str, str]:
    """Of the moderators, of who reported and of who decided."""
    wanted = [*review.moderators(work), item.reporter, item.decided_by or ""]
    rows = work.session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {own: name for own, name in rows}  # noqa: C416 - dict() of a Result loses the types


def _live(work: Work, listing: Listing, revision: Revision) -> Content | None:
    if listing.live_id is None or listing.live_id == revision.id:
        return None
    return from_record(work.session.get_one(Revision, listing.live_id).content)


def _duplicates(work: Work, uid: str, content: Content) -> tuple[Likeness, ...] | None:
    """A moderator can decide without them; search being away must not stop the queue."""
    try:
        return tuple(duplicates.likely(work, uid, content))
    except SearchError:
        return None
