"""How full each broker's desk is, and in whom he has an interest: what the rule of assignment needs to know."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import and_, exists, func, select

from marketplace.models.accounts import Membership
from marketplace.models.brokers import Broker, Conflict
from marketplace.models.deals import Assignment, Deal
from marketplace.services import records
from marketplace.services.assignment import Candidate
from marketplace.services.parties import STAFFED
from marketplace.services.stages import BOARD
from marketplace.work import Work

WAITING = and_(Deal.broker_id.is_(None), ~Deal.direct, Deal.stage.in_(BOARD))
"""The cases that wait for a broker."""
FIND = "find_brokers"
"""The job that looks for brokers for them."""


def look_again(work: Work) -> None:
    """Have it looked for brokers at once, where a case waits for one: who can be asked has changed."""
    if work.session.scalar(select(Deal.id).where(WAITING).limit(1)) is not None:
        work.ask(FIND)


def candidates(work: Work) -> list[Candidate]:
    """Everybody who may be given a case, as the rule of assignment sees them."""
    full, waited, proven = load(work), _waited(work), records.proven(work)
    return [
        replace(one, load=full.get(one.id, 0), proven=proven.get(one.id, 0), waited=waited.get(one.id, 0))
        for one in entries(work)
    ]


def entries(work: Work, among: Collection[str] | None = None) -> list[Candidate]:
    """The active entries, all or those `among`, with their interests and certificates; nobody's desk is looked at.

    An organisation in which nobody is a broker is no candidate, nor is a person who is none any more: nobody would hear
    of the case.
    """
    wanted = select(Broker).where(Broker.active, exists().where(STAFFED))
    rows = work.session.scalars(wanted if among is None else wanted.where(Broker.id.in_(among))).all()
    interests = _interests(work, rows)
    return [
        Candidate(
            id=row.id,
            fields=frozenset(row.fields),
            provinces=frozenset(row.provinces),
            capacity=row.capacity,
            certified_until=row.certified_until,
            interests=interests[row.id],
        )
        for row in rows
    ]


def _interests(work: Work, rows: Sequence[Broker]) -> dict[str, frozenset[str]]:
    """Declared, and detected: the organisations a broker works for, one that runs this register's entry included."""
    found: dict[str, set[str]] = {row.id: {row.organisation_id} for row in rows}
    people = {row.user_id: row.id for row in rows if row.user_id}
    for user_id, of in work.session.execute(
        select(Membership.user_id, Membership.organisation_id).where(Membership.user_id.in_(people))
    ):
        found[people[user_id]].add(of)
    declared = select(Conflict.broker_id, Conflict.organisation_id).where(Conflict.broker_id.in_(found))
    for broker_id, of in work.session.execute(declared):
        found[broker_id].add(of)
    return {broker_id: frozenset(of) for broker_id, of in found.items()}


def load(work: Work) -> Mapping[str, int]:
    """Broker id -> live cases."""
    live = select(Deal.broker_id, func.count()).where(Deal.stage.in_(BOARD)).group_by(Deal.broker_id)
    return {broker_id: n for broker_id, n in work.session.execute(live) if broker_id}


def _waited(work: Work) -> Mapping[str, int]:
    last = select(Assignment.broker_id, func.max(Assignment.at)).group_by(Assignment.broker_id)
    return {broker_id: int(at.timestamp() * 1000) for broker_id, at in work.session.execute(last)}
