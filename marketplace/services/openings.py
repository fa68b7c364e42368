"""What a reader can do about a match: ask, take up, take over or open its case; by the checks of what does it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from marketplace.errors import Conflict
from marketplace.models.deals import Deal
from marketplace.services import assigning, board, introductions
from marketplace.services.introductions import Pair
from marketplace.services.policy import Actor, may
from marketplace.work import Work


@dataclass(frozen=True, slots=True)
class Opening:
    """Each is empty, or False, when the reader cannot."""

    case: str = ""
    """The id of the case in which he sits."""
    take: str = ""
    """The id of the case that nobody brokers and he may take."""
    side: str = ""
    """The side for which he may ask."""
    shortlist: bool = False
    """He may take the match up as a broker."""
    refused: str = ""
    """Why he cannot ask or take up what is his to ask about: the message `error.<refused>`."""


def opening(work: Work, actor: Actor, demand_uid: str, offer_uid: str) -> Opening:
    """Of this pair for this reader. Raises `NotFound` when one of them is not public."""
    if not actor.signed_in:
        return Opening()
    if case := board.running(work, actor, demand_uid, offer_uid):
        return Opening(case=case)
    if running := introductions.running(work, demand_uid, offer_uid):
        return Opening(take=_open_to(work, actor, running))
    try:
        found = introductions.pair(work, demand_uid, offer_uid)
    except Conflict as refusal:
        return Opening(refused=refusal.code)
    sides, brokers = introductions.sides(actor, found), _brokers(work, actor, found)
    asks = sides[0] if len(sides) == 1 else "broker" if brokers else ""
    if asks and found.closed_to(asks):
        return Opening(refused="not_open")
    return Opening(side=asks if asks in sides else "", shortlist=brokers)


def _open_to(work: Work, actor: Actor, deal_id: str) -> str:
    if not may(actor, "board.read"):
        return ""
    mine = select(Deal.id).where(Deal.id == deal_id, assigning.open_to(work, actor))
    return work.session.scalar(mine) or ""


def _brokers(work: Work, actor: Actor, found: Pair) -> bool:
    homes = frozenset({found.demand.organisation_id, found.offer.organisation_id})
    return may(actor, "board.read") and assigning.could_broker(work, actor, homes)
