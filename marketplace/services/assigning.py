"""Giving cases to brokers: by the rule, by taking one, and on to another when he cannot or is not wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from sqlalchemy import ColumnElement, and_, false, or_, select

from marketplace.db import new_id
from marketplace.errors import Conflict, Forbidden, NotFound
from marketplace.models.deals import Assignment, Deal
from marketplace.models.listings import Listing, Revision
from marketplace.services import assignment, audit, broker_desks, broker_register, deal_log, parties, stages
from marketplace.services.assignment import Candidate, Choice, Need
from marketplace.services.locks import alone
from marketplace.services.policy import SYSTEM, Actor
from marketplace.services.wording import taken
from marketplace.work import Work
from vocabulary.listing import from_record

LONGEST_REASON = 500
LOCK = "assignment"
"""Who gives cases to brokers does it alone: two who look at the same desk would fill it twice."""
NOTHING = Need(frozenset(), frozenset(), frozenset())
"""What every case asks of a broker."""
_LEFT = Assignment.ended_why.in_(("refuse", "replace"))
"""He refused the case, or a side asked for another."""


def assign(work: Work, deal: Deal) -> Choice | None:
    """Give the case to the broker the rule chooses; None when nobody can be asked, and a broker may take it."""
    alone(work, LOCK)
    chosen = assignment.choose(broker_desks.candidates(work), need(work, deal), work.now.date())
    if chosen is not None:
        give(work, deal, chosen.broker_id, asdict(chosen))
    return chosen


def take(work: Work, actor: Actor, deal_id: str) -> None:
    """A broker takes a case nobody has. Raises as `entry_for` does, and `Conflict` for the slower of two, who is told."""
    deal = work.session.get(Deal, deal_id, with_for_update=True, populate_existing=True)
    if deal is None or deal.direct or deal.stage not in stages.BOARD:
        raise NotFound("not_found")
    if deal.broker_id is not None:
        raise Conflict("deal_taken")
    if parties.sides_of(work, actor, deal):
        raise Conflict("broker_sits_already")
    give(work, deal, entry_for(work, actor, need(work, deal)), {"closeness": "taken"})
    deal_log.tell(work, actor, deal, "taken", side="broker")
    audit.record(work, actor, "deal.take", deal_id)


def hand_on(work: Work, actor: Actor, deal_id: str, why: str, *, version: int | None = None) -> Choice | None:
    """The broker refuses the case, or a side asks for another: the rule chooses again, leaving him out.

    He hears of it while he still sits there; then whoever comes after him, or the sides, that there is nobody. Raises
    `Stale` when the case is not at `version`: pressed twice it is the first broker who goes.
    """
    held = parties.hold(work, actor, deal_id, "read", version=version)
    action = "refuse" if held.side == "broker" else "replace"
    held = parties.seat(work, actor, deal_id, action)
    words = taken("why", why, LONGEST_REASON, needed=True)
    if held.deal.broker_id is None:
        raise Conflict("no_broker")
    deal_log.tell(work, actor, held.deal, f"broker_{action}", side=held.side, note=words)
    take_off(work, held.deal, action)
    chosen = assign(work, held.deal)
    deal_log.tell(work, SYSTEM, held.deal, "assigned" if chosen else "unassigned")
    audit.record(work, actor, f"deal.{action}", deal_id)
    return chosen


def need(work: Work, deal: Deal) -> Need:
    """What the case asks of a broker; of a listing that was erased nothing is known any more."""
    live = select(Revision.content).join(Listing, Listing.live_id == Revision.id)
    both = live.where(Listing.uid.in_((deal.demand_uid, deal.offer_uid)))
    contents = [from_record(content) for content in work.session.scalars(both)]
    refused = select(Assignment.broker_id).where(Assignment.deal_id == deal.id, _LEFT)
    return Need(
        fields=frozenset(code for one in contents for code in one.fields),
        provinces=frozenset(one.province for one in contents if one.province),
        organisations=frozenset({deal.demand_organisation_id, deal.offer_organisation_id}),
        refused=frozenset(work.session.scalars(refused)),
    )


def through(work: Work, deal_id: str) -> str:
    """Who introduces the sides: `broker`, `direct` when they do without, `nobody` while there is none yet."""
    deal = work.session.get_one(Deal, deal_id)
    return "direct" if deal.direct else "broker" if deal.broker_id else "nobody"


def given(work: Work, deal: Deal) -> Mapping[str, object]:
    """Why the present broker was chosen; empty where there is none."""
    last = select(Assignment).where(Assignment.deal_id == deal.id, Assignment.ended_at.is_(None))
    found = work.session.scalar(last)
    return dict(found.reason) if found is not None else {}


def entry_for(work: Work, actor: Actor, asked: Need) -> str:
    """The entry under which the actor may work on a case of his own accord: a full desk is for him to judge.

    Raises `Forbidden` for who has no entry, and `Conflict` with what is in the way of all he has.
    """
    if not broker_register.ids_of(work, actor):
        raise Forbidden("not_in_register")
    why = "inactive"
    for one in _own_entries(work, actor):
        if not (why := assignment.hindrance(one, asked, work.now.date())):
            return one.id
    raise Conflict(f"broker_{why}")


def could_broker(work: Work, actor: Actor, organisations: frozenset[str]) -> bool:
    """Whether `entry_for` finds the actor an entry for a new case of these organisations."""
    asked, today = Need(frozenset(), frozenset(), organisations), work.now.date()
    return any(not assignment.hindrance(one, asked, today) for one in _own_entries(work, actor))


def open_to(work: Work, actor: Actor) -> ColumnElement[bool]:
    """The cases that nobody brokers and the actor might take: what `take` asks of one, for a list."""
    suiting = map(_suits, able(work, actor))
    return and_(broker_desks.WAITING, ~parties.beside_the_broker(actor), or_(false(), *suiting))


def able(work: Work, actor: Actor) -> list[Candidate]:
    """The actor's entries under which he may take a case at all. Where there is none `entry_for` says why."""
    entries = _own_entries(work, actor)
    return [one for one in entries if not assignment.hindrance(one, NOTHING, work.now.date())]


def _own_entries(work: Work, actor: Actor) -> list[Candidate]:
    """The actor's active entries, his own organisations among their interests: nobody sits on two sides."""
    found = broker_desks.entries(work, broker_register.ids_of(work, actor))
    return [replace(one, interests=one.interests | actor.roles.keys()) for one in found]


def _suits(entry: Candidate) -> ColumnElement[bool]:
    """As `assignment.hindrance` judges interests and refusals, over the cases of the database."""
    left = select(Assignment.deal_id).where(Assignment.broker_id == entry.id, _LEFT)
    return and_(
        Deal.demand_organisation_id.not_in(entry.interests),
        Deal.offer_organisation_id.not_in(entry.interests),
        Deal.id.not_in(left),
    )


def give(work: Work, deal: Deal, broker_id: str, reason: Mapping[str, object]) -> None:
    """Put the case on this broker's desk, with why it is his."""
    deal.broker_id = broker_id
    deal.version += 1
    given = Assignment(id=new_id(), deal_id=deal.id, broker_id=broker_id, at=work.now, reason=dict(reason))
    work.session.add(given)
    work.session.flush()


def take_off(work: Work, deal: Deal, why: str) -> None:
    """Take the case off its broker's desk: he refused it (`refuse`), a side wants another (`replace`), he is none any more
    (`left`)."""
    running = select(Assignment).where(Assignment.deal_id == deal.id, Assignment.ended_at.is_(None))
    for one in work.session.scalars(running):
        one.ended_at, one.ended_why = work.now, why
    deal.broker_id = None
    deal.version += 1
    work.session.flush()
