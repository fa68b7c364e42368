"""Giving cases to brokers: by the rule, by taking one, and on to another when he cannot or is not wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import select

from marketplace.db import new_id
from marketplace.errors import Conflict, NotFound
from marketplace.models.deals import Assignment, Deal
from marketplace.models.listings import Listing, Revision
from marketplace.services import assignment, audit, broker_desks, broker_register, deal_log, parties, stages
from marketplace.services.assignment import Choice, Need
from marketplace.services.locks import alone
from marketplace.services.policy import Actor
from marketplace.services.wording import taken
from marketplace.work import Work
from vocabulary.listing import Content, from_record

LONGEST_REASON = 500


def assign(work: Work, deal: Deal) -> Choice | None:
    """Give the case to the broker the rule chooses; None when nobody can be asked, and a broker may take it."""
    alone(work, "assignment")
    chosen = assignment.choose(broker_desks.candidates(work), need(work, deal), work.now.date())
    if chosen is not None:
        give(work, deal, chosen.broker_id, asdict(chosen))
    return chosen


def take(work: Work, actor: Actor, deal_id: str, broker_id: str) -> None:
    """A broker takes a case nobody has. Raises `Conflict` for the slower of two, who is told."""
    if broker_id not in broker_register.ids_of(work, actor):
        raise NotFound("not_found")
    deal = work.session.get(Deal, deal_id, with_for_update=True, populate_existing=True)
    if deal is None or deal.direct or deal.stage not in stages.BOARD:
        raise NotFound("not_found")
    if deal.broker_id is not None:
        raise Conflict("deal_taken")
    without_conflict(work, deal, broker_id)
    give(work, deal, broker_id, {"closeness": "taken"})
    deal_log.tell(work, actor, deal, "taken", side="broker")
    audit.record(work, actor, "deal.take", deal_id)


def hand_on(work: Work, actor: Actor, deal_id: str, why: str) -> Choice | None:
    """The broker refuses the case, or a side asks for another: the rule chooses again, leaving him out."""
    held = parties.hold(work, actor, deal_id, "read")
    action = "refuse" if held.side == "broker" else "replace"
    held = parties.seat(work, actor, deal_id, action)
    words = taken("why", why, LONGEST_REASON, needed=True)
    if held.deal.broker_id is None:
        raise Conflict("no_broker")
    _end(work, held.deal, action)
    held.deal.broker_id = None
    held.deal.version += 1
    work.session.flush()
    chosen = assign(work, held.deal)
    deal_log.tell(work, actor, held.deal, f"broker_{action}", side=held.side, note=words)
    audit.record(work, actor, f"deal.{action}", deal_id)
    return chosen


def need(work: Work, deal: Deal) -> Need:
    """What the case asks of a broker."""
    contents = [_live_content(work, uid) for uid in (deal.demand_uid, deal.offer_uid)]
    refused = select(Assignment.broker_id).where(
        Assignment.deal_id == deal.id, Assignment.ended_why.in_(("refuse", "replace"))
    )
    return Need(
        fields=frozenset(code for one in contents for code in one.fields),
        provinces=frozenset(one.province for one in contents if one.province),
        organisations=frozenset({deal.demand_organisation_id, deal.offer_organisation_id}),
        refused=frozenset(work.session.scalars(refused)),
    )


def given(work: Work, deal: Deal) -> Mapping[str, object]:
    """Why the present broker was chosen; empty where there is none."""
    last = select(Assignment).where(Assignment.deal_id == deal.id, Assignment.ended_at.is_(None))
    found = work.session.scalar(last)
    return dict(found.reason) if found is not None else {}


def _live_content(work: Work, uid: str) -> Content:
    live = select(Revision).join(Listing, Listing.live_id == Revision.id).where(Listing.uid == uid)
    return from_record(work.session.scalars(live).one().content)


def without_conflict(work: Work, deal: Deal, broker_id: str) -> None:
    """Nobody brokers a case in which he has an interest, nor one that was taken from him."""
    own = next((one for one in broker_desks.candidates(work) if one.id == broker_id), None)
    hindrance = assignment.hindrance(own, need(work, deal), work.now.date()) if own else "inactive"
    if hindrance and hindrance != "full":
        raise Conflict(f"broker_{hindrance}")


def give(work: Work, deal: Deal, broker_id: str, reason: Mapping[str, object]) -> None:
    """Put the case on this broker's desk, with why it is his."""
    deal.broker_id = broker_id
    deal.version += 1
    given = Assignment(id=new_id(), deal_id=deal.id, broker_id=broker_id, at=work.now, reason=dict(reason))
    work.session.add(given)
    work.session.flush()


def _end(work: Work, deal: Deal, why: str) -> None:
    running = select(Assignment).where(Assignment.deal_id == deal.id, Assignment.ended_at.is_(None))
    for one in work.session.scalars(running):
        one.ended_at, one.ended_why = work.now, why
