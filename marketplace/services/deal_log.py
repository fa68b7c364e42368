"""What happened in a case: one line of its timeline, and a notice to everybody else who sits in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from marketplace.db import new_id
from marketplace.models.accounts import User
from marketplace.models.deals import Deal, DealEvent
from marketplace.services import notices, parties
from marketplace.services.policy import Actor
from marketplace.work import Work


def tell(
    work: Work, actor: Actor, deal: Deal, what: str, *, side: str = "", to: Iterable[str] = parties.SIDES,
    **params: Any,
) -> DealEvent:  # fmt: skip
    """Write the line `deal.event_<what>` and leave the notice `deal_<what>` with the sides of `to`."""
    event = DealEvent(
        id=new_id(), deal_id=deal.id, at=work.now, what=what, side=side, actor_id=actor.user_id or None,
        params=params,
    )  # fmt: skip
    work.session.add(event)
    for one in to:
        for user_id in parties.people(work, deal, one):
            if user_id != actor.user_id:
                notices.tell(
                    work, user_id, key=f"deal:{event.id}", what=f"deal_{what}", target=f"deal:{deal.id}",
                    params={"demand": deal.demand_title, "offer": deal.offer_title, **params},
                )  # fmt: skip
    return event


def events(work: Work, deal: Deal) -> list[tuple[DealEvent, str]]:
    """The case's timeline, newest first, each line with the name of who did it."""
    joined = select(DealEvent, User.name).outerjoin(User, User.id == DealEvent.actor_id)
    rows = work.session.execute(
        joined.where(DealEvent.deal_id == deal.id).order_by(DealEvent.at.desc(), DealEvent.id.desc())
    )
    return [(event, name or "") for event, name in rows]
