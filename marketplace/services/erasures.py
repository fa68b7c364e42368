"""The requests to erase listings as the staff reads them: what waits, and what became of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from marketplace.errors import NotFound
from marketplace.models.accounts import Organisation, User
from marketplace.models.erasures import ErasureRequest
from marketplace.models.listings import Listing, Revision
from marketplace.services.erasure_requests import ACTION, is_own
from marketplace.services.policy import Actor, permit
from marketplace.work import Work

PAGE = 25
Filter = Literal["open", "decided"]
FILTERS: tuple[Filter, ...] = ("open", "decided")
ASKER, DECIDER = aliased(User), aliased(User)


@dataclass(frozen=True, slots=True)
class Named:
    """What the listing is, as long as it is there."""

    kind: str
    status: str
    title: str
    language: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Line:
    """A request. `asked_by` is empty when it was asked for at the command line; `listing` is None once it is erased."""

    id: str
    uid: str
    ground: str
    asked_by: str
    asked_at: datetime
    decision: str
    decided_by: str
    decided_at: datetime | None
    reason: str
    is_own: bool
    """The reader has asked, and so may not decide."""
    listing: Named | None


@dataclass(frozen=True, slots=True)
class Page:
    items: tuple[Line, ...]
    counts: Mapping[str, int]
    """Requests under each filter."""
    page: int
    pages: int


def all_requests(work: Work, actor: Actor, *, which: Filter = "open", page: int = 1) -> Page:
    """Of those that wait the oldest first, of the others what was decided last. Raises `Forbidden`."""
    permit(actor, ACTION)
    counts = {str(name): _count(work, _condition(name)) for name in FILTERS}
    pages = max(1, -(-counts[which] // PAGE))
    page = min(max(page, 1), pages)
    order = ErasureRequest.asked_at if which == "open" else ErasureRequest.decided_at.desc()
    matching = _lines().where(_condition(which)).order_by(order, ErasureRequest.id)
    rows = work.session.execute(matching.offset((page - 1) * PAGE).limit(PAGE))
    return Page(tuple(_line(actor, row) for row in rows), counts, page, pages)


def one_request(work: Work, actor: Actor, request_id: str) -> Line:
    """One request with all there is to decide it. Raises `Forbidden` or `NotFound`."""
    permit(actor, ACTION)
    row = work.session.execute(_lines().where(ErasureRequest.id == request_id)).one_or_none()
    if row is None:
        raise NotFound("not_found")
    return _line(actor, row)


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(
            ErasureRequest, ASKER.name.label("asked_by"), DECIDER.name.label("decided_by"), Listing.kind,
            Listing.status, Revision.title, Revision.content, Organisation.name.label("organisation"),
        )
        .outerjoin(ASKER, ASKER.id == ErasureRequest.asked_by)
        .outerjoin(DECIDER, DECIDER.id == ErasureRequest.decided_by)
        .outerjoin(Listing, Listing.uid == ErasureRequest.uid)
        .outerjoin(Revision, Revision.id == Listing.working_id)
        .outerjoin(Organisation, Organisation.id == Listing.organisation_id)
    )  # fmt: skip


def _condition(which: Filter) -> ColumnElement[bool]:
    return ErasureRequest.decided_at.is_(None) if which == "open" else ErasureRequest.decided_at.is_not(None)


def _count(work: Work, condition: ColumnElement[bool]) -> int:
    return work.session.scalar(select(func.count()).select_from(ErasureRequest).where(condition)) or 0


def _line(actor: Actor, row: Any) -> Line:
    asked: ErasureRequest = row.ErasureRequest
    named = row.kind and Named(
        row.kind, row.status, row.title, row.content.get("language", "vi"), row.organisation
    )
    return Line(
        id=asked.id, uid=asked.uid, ground=asked.ground, asked_by=row.asked_by or "", asked_at=asked.asked_at,
        decision=asked.decision, decided_by=row.decided_by or "", decided_at=asked.decided_at, reason=asked.reason,
        is_own=is_own(asked, actor), listing=named or None,
    )  # fmt: skip
