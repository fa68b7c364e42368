"""Who sits in a deal room, on which side, and what each side may do there: one table for every action.

Somebody without a seat is told nothing at all, not even that there is a room. Somebody who belongs to both sides
sits on neither: nobody negotiates with himself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from marketplace.errors import Conflict, Forbidden, NotFound, SignInNeeded, Stale
from marketplace.models.accounts import Membership
from marketplace.models.brokers import Broker
from marketplace.models.deals import Deal, Party
from marketplace.services.policy import WRITERS, Actor
from marketplace.work import Work

SIDES = ("demand", "offer", "broker", "funder", "adviser")
EVERYBODY = frozenset(SIDES)
PRINCIPALS = frozenset({"demand", "offer"})
LEADING = PRINCIPALS | {"broker"}
GUESTS = ("funder", "adviser")

ALLOWED: Mapping[str, frozenset[str]] = {
    "read": EVERYBODY,
    "agree": PRINCIPALS,
    "direct": PRINCIPALS,
    "step": LEADING,
    "refuse": frozenset({"broker"}),
    "replace": PRINCIPALS,
    "invite": LEADING,
    "message": EVERYBODY,
    "file": EVERYBODY,
    "task": EVERYBODY,
    "propose": PRINCIPALS,
    "answer": PRINCIPALS,
    "meet": LEADING,
    "protect": EVERYBODY,
    "allow": PRINCIPALS,
    "revoke": PRINCIPALS,
    "looks": PRINCIPALS,
    "claim": LEADING,
    "attest": LEADING,
    "survey": EVERYBODY,
    "archive": LEADING,
}
"""Action -> the sides that may. A test tries every action from every side and from outside."""

TOGETHER = frozenset({"message", "file", "task", "propose", "answer", "meet", "protect", "invite", "archive"})
"""What needs both sides to have agreed to be introduced: until then neither sees the other's people, nor what an archive
says of them."""
OPEN_ENDED = frozenset({"read", "file", "revoke", "looks", "claim", "attest", "survey", "archive", "step"})
"""What goes on, or begins, when a case has ended."""

STAFFED = and_(
    Membership.organisation_id == Broker.organisation_id,
    Membership.role == "broker",
    or_(Broker.user_id.is_(None), Broker.user_id == Membership.user_id),
)
"""Whose entry of the register this is to work under: the person's while he is a broker of his organisation, an
organisation's for each of its brokers."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Where the actor sits in this case."""

    deal: Deal
    side: str

    @property
    def together(self) -> bool:
        return together(self.deal)


def together(deal: Deal) -> bool:
    """Both sides have agreed to be introduced."""
    return deal.demand_agreed_at is not None and deal.offer_agreed_at is not None


def organisation_of(deal: Deal, side: str) -> str:
    return deal.demand_organisation_id if side == "demand" else deal.offer_organisation_id


def uid_of(deal: Deal, side: str) -> str:
    return deal.demand_uid if side == "demand" else deal.offer_uid


def seat(work: Work, actor: Actor, deal_id: str, action: str) -> Seat:
    """The actor's seat in this case, for `action`.

    Raises `SignInNeeded`; `NotFound` without a seat; `Forbidden` when the side may not, or the actor sits on two;
    `Conflict` when the case is not, or no longer, at the point where anybody may.
    """
    if not actor.signed_in:
        raise SignInNeeded
    deal = work.session.get(Deal, deal_id)
    sides = sides_of(work, actor, deal) if deal is not None else []
    if deal is None or not sides:
        raise NotFound("not_found")
    if len(sides) > 1:
        raise Forbidden("both_sides")
    if sides[0] not in ALLOWED[action]:
        raise Forbidden
    _timely(deal, action)
    return Seat(deal, sides[0])


def hold(work: Work, actor: Actor, deal_id: str, action: str, *, version: int | None = None) -> Seat:
    """The same, with the case locked to the end of the transaction. Raises `Stale` when it is not at `version`."""
    found = seat(work, actor, deal_id, action)
    work.session.refresh(found.deal, with_for_update=True)
    if version is not None and version != found.deal.version:
        raise Stale(found.deal.version)
    # The case may have moved while we waited for it.
    return seat(work, actor, deal_id, action)


def sides_of(work: Work, actor: Actor, deal: Deal) -> list[str]:
    """Every side on which the actor sits; more than one is a conflict."""
    found = [side for side in ("demand", "offer") if actor.roles_in(organisation_of(deal, side)) & WRITERS]
    if deal.broker_id is not None and is_broker(work, actor, deal.broker_id):
        found.append("broker")
    invited = select(Party.side).where(
        Party.deal_id == deal.id, Party.user_id == actor.user_id, Party.removed_at.is_(None)
    )
    return [*found, *work.session.scalars(invited)]


def beside_the_broker(actor: Actor) -> ColumnElement[bool]:
    """The cases in which the actor sits on one of the two sides, or was invited."""
    own = [of for of, roles in actor.roles.items() if roles & WRITERS]
    invited = select(Party.deal_id).where(Party.user_id == actor.user_id, Party.removed_at.is_(None))
    return or_(
        Deal.demand_organisation_id.in_(own), Deal.offer_organisation_id.in_(own), Deal.id.in_(invited)
    )


def seated(actor: Actor) -> ColumnElement[bool]:
    """The cases in which the actor sits, on whatever side."""
    brokered = Deal.broker_id.in_(select(Broker.id).where(brokers_as(actor)))
    return or_(beside_the_broker(actor), brokered)


def brokers_as(actor: Actor) -> ColumnElement[bool]:
    """The entries of the register whose cases are the actor's to work on: his own, and those of the organisations
    whose broker he is. Who leads a network has no seat in the cases of the brokers it leads, nor has in his own who is
    no broker of his organisation any more."""
    as_broker = [of for of, roles in actor.roles.items() if "broker" in roles]
    theirs = or_(Broker.user_id == actor.user_id, Broker.user_id.is_(None))
    return and_(theirs, Broker.organisation_id.in_(as_broker))


def is_broker(work: Work, actor: Actor, broker_id: str) -> bool:
    """Whether the actor is this broker, or one of the brokers of this organisation."""
    own = select(Broker.id).where(Broker.id == broker_id, brokers_as(actor))
    return work.session.scalar(own) is not None


def people(work: Work, deal: Deal, side: str) -> list[str]:
    """The ids of everybody on one side."""
    if side in PRINCIPALS:
        members = select(Membership.user_id).where(
            Membership.organisation_id == organisation_of(deal, side), Membership.role.in_(WRITERS)
        )
        return sorted(set(work.session.scalars(members)))
    if side == "broker":
        return _brokers(work, deal.broker_id)
    invited = select(Party.user_id).where(
        Party.deal_id == deal.id, Party.side == side, Party.removed_at.is_(None)
    )
    return sorted(work.session.scalars(invited))


def _brokers(work: Work, broker_id: str | None) -> list[str]:
    if broker_id is None:
        return []
    members = select(Membership.user_id).join(Broker, STAFFED).where(Broker.id == broker_id)
    return sorted(set(work.session.scalars(members)))


def _timely(deal: Deal, action: str) -> None:
    if action in TOGETHER and not together(deal):
        raise Conflict("not_introduced")
    if deal.stage in ("closed", "transferred") and action not in OPEN_ENDED:
        raise Conflict("deal_ended")
