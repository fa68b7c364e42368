"""The broker's board: a column a stage with its most urgent cases, or all of them as a paged table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from marketplace.models.accounts import Organisation, User
from marketplace.models.brokers import Broker
from marketplace.models.deals import Deal
from marketplace.services import assigning, broker_register, parties, readiness
from marketplace.services.policy import Actor, permit
from marketplace.services.stages import BOARD, RUNNING, STAGES, steps_from
from marketplace.work import Work

IN_COLUMN = 20
"""Cases a column shows; the others are one click away, in the table."""
PAGE = 50
Show = Literal["all", "overdue", "agreed", "waiting"]
SHOWS: tuple[Show, ...] = ("all", "overdue", "agreed", "waiting")
"""All; overdue; both sides agreed and to be introduced; one side has yet to answer."""


@dataclass(frozen=True, slots=True)
class Line:
    """One case on the board. `next_step` is the first step the reader can take by a button, empty when there is none."""

    id: str
    demand_uid: str
    offer_uid: str
    demand_title: str
    offer_title: str
    stage: str
    since: datetime
    due_at: datetime | None
    overdue: bool
    broker: str
    direct: bool
    demand_agreed: bool
    offer_agreed: bool
    next_step: str
    version: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """`count` is exact, however many of them are shown."""

    stage: str
    count: int
    overdue: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Page:
    lines: tuple[Line, ...]
    total: int
    page: int
    pages: int


def columns(work: Work, actor: Actor, *, show: Show = "all", words: str = "") -> tuple[Column, ...]:
    """The board of the actor's cases as a broker, and of those that nobody has taken yet."""
    permit(actor, "board.read")
    mine = (_brokered(work, actor), *_asked(work, show, words))
    place = func.row_number().over(partition_by=Deal.stage, order_by=(Deal.due_at, Deal.id))
    ranked = select(Deal.id, place.label("place")).where(Deal.stage.in_(BOARD), *mine).subquery()
    urgent = _lines().join(ranked, ranked.c.id == Deal.id).where(ranked.c.place <= IN_COLUMN)
    lines = _shown(work, urgent.order_by(Deal.due_at, Deal.id), "broker")
    counts = _counts(work, mine)
    return tuple(
        Column(stage, *counts.get(stage, (0, 0)), tuple(line for line in lines if line.stage == stage))
        for stage in BOARD
    )


def table(
    work: Work, actor: Actor, *, stage: str = "", show: Show = "all", words: str = "", page: int = 1
) -> Page:
    """The same cases as a table, what is due first on top; of ended stages the latest."""
    permit(actor, "board.read")
    wanted = [_brokered(work, actor), *_asked(work, show, words)]
    wanted.append(Deal.stage == stage if stage in STAGES else Deal.stage.in_(BOARD))
    return _page(work, wanted, page, "broker")


def of_sides(work: Work, actor: Actor, *, page: int = 1) -> Page:
    """The cases of the organisations the actor writes for and those he was invited into, live ones first."""
    return _page(work, [parties.beside_the_broker(actor)], page, "")


def running(work: Work, actor: Actor, demand_uid: str, offer_uid: str) -> str:
    """The id of the case of this pair that is under way and that the actor sits in; empty when there is none."""
    pair = (Deal.demand_uid == demand_uid, Deal.offer_uid == offer_uid)
    found = select(Deal.id).where(*pair, Deal.stage.in_(RUNNING), parties.seated(actor))
    return work.session.scalar(found.limit(1)) or ""


def _brokered(work: Work, actor: Actor) -> ColumnElement[bool]:
    """The broker's own cases in which he sits on no other side, and those he might take."""
    own = Deal.broker_id.in_(broker_register.ids_of(work, actor))
    return or_(and_(own, ~parties.beside_the_broker(actor)), assigning.open_to(work, actor))


def _asked(work: Work, show: Show, words: str) -> list[ColumnElement[bool]]:
    agreed = and_(Deal.demand_agreed_at.is_not(None), Deal.offer_agreed_at.is_not(None))
    before = Deal.stage.in_(("suggested", "shortlisted"))
    conditions: Mapping[Show, list[ColumnElement[bool]]] = {
        "all": [],
        "overdue": [Deal.due_at < work.now],
        "agreed": [agreed, before],
        "waiting": [~agreed, before],
    }
    named = [
        or_(
            Deal.demand_title.icontains(words, autoescape=True),
            Deal.offer_title.icontains(words, autoescape=True),
        )
    ]
    return [*conditions[show], *(named if words else [])]


def _counts(work: Work, mine: Sequence[ColumnElement[bool]]) -> dict[str, tuple[int, int]]:
    late = func.count().filter(Deal.due_at < work.now)
    rows = select(Deal.stage, func.count(), late).where(Deal.stage.in_(BOARD), *mine).group_by(Deal.stage)
    return {stage: (count, overdue) for stage, count, overdue in work.session.execute(rows)}


def _page(work: Work, wanted: Sequence[ColumnElement[bool]], page: int, side: str) -> Page:
    total = work.session.scalar(select(func.count()).select_from(Deal).where(*wanted)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    order = (Deal.due_at.is_(None), Deal.due_at, Deal.stage_since.desc(), Deal.id)
    rows = _lines().where(*wanted).order_by(*order).offset((page - 1) * PAGE).limit(PAGE)
    return Page(_shown(work, rows, side), total, page, pages)


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Deal.id, Deal.demand_uid, Deal.offer_uid, Deal.demand_title, Deal.offer_title, Deal.stage,
            Deal.stage_since, Deal.due_at, Deal.direct, Deal.broker_id, Deal.demand_agreed_at,
            Deal.offer_agreed_at, Deal.version, Deal.reason,
            func.coalesce(User.name, Organisation.name).label("broker"),
        )
        .outerjoin(Broker, Broker.id == Deal.broker_id)
        .outerjoin(User, User.id == Broker.user_id)
        .outerjoin(Organisation, Organisation.id == Broker.organisation_id)
    )  # fmt: skip


def _shown(work: Work, wanted: Select[*tuple[Any, ...]], side: str) -> tuple[Line, ...]:
    rows = work.session.execute(wanted).all()
    lacking = readiness.lacking(work, rows) if side else {}
    return tuple(_line(work, row, _next_step(row, side, lacking[row.id]) if side else "") for row in rows)


def _next_step(row: Any, side: str, lacking: frozenset[str]) -> str:
    """Closing asks for its reason, so no button of a card does it."""
    steps = steps_from(row.stage, side, direct=row.direct, lacking=lacking) if row.broker_id else ()
    return next((step for step in steps if step != "close"), "")


def _line(work: Work, row: Any, next_step: str) -> Line:
    return Line(
        id=row.id,
        demand_uid=row.demand_uid,
        offer_uid=row.offer_uid,
        demand_title=row.demand_title,
        offer_title=row.offer_title,
        stage=row.stage,
        since=row.stage_since,
        due_at=row.due_at,
        overdue=row.due_at is not None and row.due_at < work.now,
        broker=row.broker or "",
        direct=row.direct,
        demand_agreed=row.demand_agreed_at is not None,
        offer_agreed=row.offer_agreed_at is not None,
        next_step=next_step,
        version=row.version,
        reason=row.reason,
    )
