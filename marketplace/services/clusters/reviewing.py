"""The reviewers' desk of the national exchange: pairs that the homes do not settle, and everything that was decided."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, or_, select

from exchange.candidates import REVIEWER, State, Step
from exchange.clusters import SILENCE, Op
from marketplace.errors import Conflict, NotFound
from marketplace.models.accounts import User
from marketplace.models.clusters import Candidate, MergeLine
from marketplace.services import audit, catalogue, review, wording
from marketplace.services.catalogue import Public
from marketplace.services.clusters import judging, log, telling
from marketplace.services.locks import alone
from marketplace.services.policy import Actor, permit
from marketplace.work import Work

ACTION = "clusters.review"
PAGE = 25
LONGEST_NOTE = 500
SILENT = timedelta(seconds=SILENCE)
Filter = Literal["waiting", "asked", "linked", "parted"]
FILTERS: tuple[Filter, ...] = ("waiting", "asked", "linked", "parted")
"""For us; still with the homes; decided one way and the other."""
Decision = Literal["link", "part", "undo"]
DECISIONS: tuple[Decision, ...] = ("link", "part", "undo")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records; `listing` is None while it is not public."""

    uid: str
    home: str
    title: str
    listing: Public | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A pair in the queue."""

    id: str
    sides: tuple[Side, Side]
    score: int
    """Thousandths."""
    reasons: tuple[Mapping[str, Any], ...]
    state: str
    by: str
    asked_at: datetime
    due_at: datetime | None
    """Until when a reviewer should have decided; None while nobody waits for him."""
    owner: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class Page:
    lines: tuple[Line, ...]
    counts: Mapping[str, int]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log as people read it."""

    n: int
    op: str
    actor: str
    """rule, homes, or the name of a reviewer."""
    evidence: tuple[str, ...]
    note: str
    at: datetime
    reverses: int | None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a home says."""

    answer: str
    by: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    line: Line
    answers: Mapping[str, Answered]
    """By home."""
    history: tuple[Entry, ...]
    decisions: tuple[Decision, ...] = field(default=())
    """What can be done now."""


def queue(work: Work, actor: Actor, *, which: Filter = "waiting", page: int = 1) -> Page:
    """Pairs of one state, the oldest question first; of decided ones the last decision first. Raises `Forbidden`."""
    permit(actor, ACTION)
    counts: dict[str, int] = {name: _count(work, name) for name in FILTERS}
    pages = max(1, -(-counts[which] // PAGE))
    page = min(max(1, page), pages)
    order = (
        (Candidate.asked_at, Candidate.id)
        if which in ("waiting", "asked")
        else (Candidate.changed_at.desc(), Candidate.id)
    )
    statement = select(Candidate).where(_where(work, which)).order_by(*order)
    found = work.session.scalars(statement.limit(PAGE).offset((page - 1) * PAGE)).all()
    return Page(tuple(_lines(work, found)), counts, page, pages)


def case(work: Work, actor: Actor, candidate_id: str) -> Case:
    """One pair with all there is to decide it. Raises `Forbidden` or `NotFound`."""
    permit(actor, ACTION)
    one = _find(work, candidate_id)
    (line,) = _lines(work, [one])
    answers = {
        home: Answered(said["answer"], said["by"], said["note"], datetime.fromisoformat(said["at"]))
        for home, said in one.answers.items()
    }
    return Case(line, answers, tuple(_history(work, one)), _open_to(work, one))


def decide(work: Work, actor: Actor, candidate_id: str, decision: Decision, note: str = "") -> None:
    """Link the two, part them, or take back what was decided. Raises `Forbidden`, `NotFound`, `Conflict`, `Invalid`."""
    permit(actor, ACTION)
    note = wording.taken("note", note, LONGEST_NOTE)
    alone(work, judging.LOCK)
    one = _find(work, candidate_id)
    if decision not in _open_to(work, one):
        raise Conflict("cluster_decided")
    who = actor.user_id or actor.name
    before = log.decided(work, one.a, one.b)
    if decision == "link" and before is not None and before.op is Op.PART:
        # A no stands until it is taken back, and the log says so.
        judging.take(work, one, Step(State.REVIEW, one.by, Op.UNLINK), actor=who)
    judging.take(work, one, _STEPS[decision], actor=who, note=note)
    log.settle(work, {one.a, one.b})
    telling.suggestions(work, [one])
    audit.record(work, actor, f"cluster.{decision}", one.id, a=one.a, b=one.b, note=note)


_STEPS: Mapping[Decision, Step] = {
    "link": Step(State.LINKED, REVIEWER, Op.LINK),
    "part": Step(State.PARTED, REVIEWER, Op.PART),
    "undo": Step(State.REVIEW, "", Op.UNLINK),
}


def _open_to(work: Work, one: Candidate) -> tuple[Decision, ...]:
    """Nothing of a pair of which one is not public; what stands already cannot be decided again, but taken back."""
    if one.state == State.GONE:
        return ()
    stands = log.decided(work, one.a, one.b)
    confirmed = one.by == REVIEWER and one.state != State.REVIEW
    closed = {"undo"} if stands is None else {str(_NAMES[stands.op])} if confirmed else set()
    if _would_name(work, one):
        closed.add("link")
    return tuple(name for name in DECISIONS if name not in closed)


_NAMES: Mapping[Op, Decision] = {Op.LINK: "link", Op.PART: "part"}


def _would_name(work: Work, one: Candidate) -> bool:
    """Whether a link would show a listing whose organisation is hidden beside one that is named, without its home having
    said that they are one: readers would know whose it is."""
    public = catalogue.published(work, [one.a, one.b])
    hidden = [uid for uid in (one.a, one.b) if uid in public and not public[uid].organisation]
    agreed = {home for home, said in one.answers.items() if said["answer"] == "accept"}
    return len(hidden) == 1 and hidden[0].partition(":")[0] not in agreed


def _find(work: Work, candidate_id: str) -> Candidate:
    one = work.session.get(Candidate, candidate_id)
    if one is None:
        raise NotFound("not_found")
    return one


def _where(work: Work, which: Filter) -> ColumnElement[bool]:
    silent = work.now - SILENT
    is_open = Candidate.state == State.OPEN
    if which == "waiting":
        return or_(Candidate.state == State.REVIEW, and_(is_open, Candidate.asked_at <= silent))
    if which == "asked":
        return and_(is_open, Candidate.asked_at > silent)
    return Candidate.state == which


def _count(work: Work, which: Filter) -> int:
    return work.session.scalar(select(func.count()).select_from(Candidate).where(_where(work, which))) or 0


def _lines(work: Work, found: Sequence[Candidate]) -> Iterable[Line]:
    public = catalogue.published(work, [uid for one in found for uid in (one.a, one.b)])
    reviewers = review.moderators(work)
    names = _names(work, reviewers)
    for one in found:
        due = _due(work, one)
        owner = names.get(_owner(one.id, reviewers), "") if due else ""
        yield Line(
            one.id, (_side(one.a, public), _side(one.b, public)), one.score, tuple(one.reasons), one.state, one.by,
            one.asked_at, due, owner, due is not None and due < work.now,
        )  # fmt: skip


def _side(uid: str, public: Mapping[str, Public]) -> Side:
    listing = public.get(uid)
    return Side(uid, uid.partition(":")[0], listing.content.title if listing else "", listing)


def _due(work: Work, one: Candidate) -> datetime | None:
    """Three working days after the homes were silent for too long, or after somebody contested."""
    if one.state == State.REVIEW:
        return review.working_days_after(one.changed_at, review.WORKING_DAYS)
    if one.state == State.OPEN and one.asked_at <= work.now - SILENT:
        return review.working_days_after(one.asked_at + SILENT, review.WORKING_DAYS)
    return None


def _owner(candidate_id: str, reviewers: Collection[str]) -> str:
    """Every pair has one reviewer, and each about as many: by a digest, so that nothing is to be handed out."""
    return max(
        reviewers, key=lambda one: hashlib.sha256(f"{candidate_id}{one}".encode()).digest(), default=""
    )


def _history(work: Work, one: Candidate) -> Iterable[Entry]:
    pair = [one.a, one.b]
    lines = list(
        work.session.scalars(
            select(MergeLine).where(MergeLine.a.in_(pair), MergeLine.b.in_(pair)).order_by(MergeLine.n)
        )
    )
    names = _names(work, [line.actor for line in lines])
    for line in lines:
        yield Entry(
            line.n, line.op, names.get(line.actor, line.actor), tuple(line.evidence.split()), line.note, line.at,
            line.reverses,
        )  # fmt: skip


def _names(work: Work, ids: Collection[str]) -> dict[str, str]:
    return dict(work.session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())
