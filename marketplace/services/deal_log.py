"""What happened in a case: one line of its timeline, and a notice to everybody else who sits in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from marketplace.db import new_id
from marketplace.models.accounts import User
from marketplace.models.deals import Deal, DealEvent
from marketplace.services import notices, parties
from marketplace.services.policy import Actor
from marketplace.work import Work

TO_THE_BROKER: Mapping[str, str] = {
    "asked": "deal", "assigned": "deal", "broker_refuse": "board", "broker_replace": "board",
}  # fmt: skip
"""What the broker is told in words of his own, the notice `deal_<what>_broker`, and whether it leads into the room or,
since the case is no longer his, to his board."""


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
                _notice(work, user_id, deal, event, own=one == "broker")
    return event


def _notice(work: Work, user_id: str, deal: Deal, event: DealEvent, *, own: bool) -> None:
    named = {"demand": deal.demand_title, "offer": deal.offer_title, **event.params}
    place = TO_THE_BROKER.get(event.what, "") if own else ""
    notices.tell(
        work, user_id, key=f"deal:{event.id}", what=f"deal_{event.what}{'_broker' if place else ''}",
        target="board" if place == "board" else f"deal:{deal.id}", params=named,
    )  # fmt: skip


def events(work: Work, deal: Deal) -> list[tuple[DealEvent, str]]:
    """The case's timeline, newest first, each line with the name of who did it."""
    joined = select(DealEvent, User.name).outerjoin(User, User.id == DealEvent.actor_id)
    rows = work.session.execute(
        joined.where(DealEvent.deal_id == deal.id).order_by(DealEvent.at.desc(), DealEvent.id.desc())
    )
    return [(event, name or "") for event, name in rows]
