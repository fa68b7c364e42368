"""A deal room as one of its parties sees it: everything on its page, and nothing this side may not know yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from marketplace.models.accounts import Organisation, User
from marketplace.models.brokers import Broker
from marketplace.models.deals import Deal, DealEvent, Party
from marketplace.models.listings import Listing, Revision
from marketplace.models.outcomes import Agreement, Disclosure
from marketplace.models.rooms import DealFile, DealTask, Meeting, Message, Proposal
from marketplace.services import (
    assigning,
    deal_log,
    disclosure,
    licences,
    outcomes,
    parties,
    readiness,
    room_files,
    stages,
    surveys,
    term_sheets,
)
from marketplace.services.grading import Outcome
from marketplace.services.parties import Seat
from marketplace.services.policy import Actor
from marketplace.work import Work

_Row = TypeVar("_Row", Message, DealTask, Meeting)
MESSAGES = 50
"""The newest messages of the page; the archive holds all."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the room. `guest` may be shown out again."""

    id: str
    name: str
    side: str
    guest: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """What the page shows. Lists are empty where this side may not see them, or there is nothing yet."""

    deal: Deal
    side: str
    together: bool
    agreed: bool
    steps: tuple[str, ...]
    """Those this side can take now."""
    waiting: tuple[str, ...]
    """Those it could take if the case did not lack something for them."""
    organisations: Mapping[str, str]
    """Side -> the organisation's name; empty while it is hidden from this reader."""
    people: tuple[Person, ...]
    names: Mapping[str, str]
    """User id -> name, of everybody this reader may know."""
    broker: str
    assigned: Mapping[str, Any]
    events: Sequence[tuple[DealEvent, str]]
    messages: Sequence[Message]
    files: Sequence[DealFile]
    tasks: Sequence[DealTask]
    meetings: Sequence[Meeting]
    proposals: Sequence[Proposal]
    in_the_way: Sequence[Mapping[str, str]]
    agreements: Sequence[Agreement]
    agreement: Agreement | None
    sealed: tuple[str, ...]
    """The sides whose sealed part there is to be read, under an agreement."""
    withheld: frozenset[str]
    """Those of them that have not let this guest read yet."""
    to_allow: frozenset[str]
    """The guests' agreements under which this side has not let its sealed part be read yet."""
    looks: Sequence[tuple[Disclosure, str]]
    outcome: Outcome | None
    asked_how_it_was: bool

    def may(self, action: str) -> bool:
        return self.side in parties.ALLOWED[action]

    @property
    def ended(self) -> bool:
        return self.deal.stage in stages.ENDED


def room(work: Work, actor: Actor, deal_id: str) -> Room:
    """The page of this case for `actor`. Raises as `parties.seat` does."""
    held = parties.seat(work, actor, deal_id, "read")
    deal, together = held.deal, held.together
    seen = _seen(held)
    people = _people(work, deal, seen)
    planned = stages.steps_from(deal.stage, held.side, direct=deal.direct)
    lacking = readiness.lacking(work, [deal])[deal.id]
    steps = stages.steps_from(deal.stage, held.side, direct=deal.direct, lacking=lacking)
    agreement = disclosure.under(work, actor, deal.id)
    proposals = term_sheets.proposals(work, deal.id) if together else []
    return Room(
        deal=deal,
        side=held.side,
        together=together,
        agreed=held.side in parties.PRINCIPALS and getattr(deal, f"{held.side}_agreed_at") is not None,
        steps=steps,
        waiting=tuple(step for step in planned if step not in steps),
        organisations=_organisations(work, held),
        people=people,
        names={person.id: person.name for person in people} | _authors(work, deal, seen),
        broker=_broker(work, deal),
        assigned=assigning.given(work, deal),
        events=_events(work, deal, seen),
        messages=_rows(work, Message, deal.id)[-MESSAGES:],
        files=room_files.files(work, deal.id),
        tasks=_rows(work, DealTask, deal.id),
        meetings=_rows(work, Meeting, deal.id),
        proposals=proposals,
        in_the_way=licences.in_the_way(work, deal, proposals[0].terms) if proposals else [],
        agreements=disclosure.agreements(work, deal.id) if together else [],
        agreement=agreement,
        sealed=_sealed(work, held) if together else (),
        withheld=_withheld(work, held, agreement),
        to_allow=_to_allow(work, held),
        looks=disclosure.looks(work, actor, deal.id) if held.side in parties.ALLOWED["looks"] else [],
        outcome=outcomes.outcome(work, deal),
        asked_how_it_was=deal.stage in stages.ENDED and not surveys.answered(work, deal.id, held.side),
    )


def _seen(held: Seat) -> frozenset[str]:
    """The sides whose people this reader may know."""
    if held.together or held.side == "broker":
        return parties.EVERYBODY
    return frozenset({held.side, "broker"})


def _people(work: Work, deal: Deal, seen: frozenset[str]) -> tuple[Person, ...]:
    sides = {
        user_id: side
        for side in parties.SIDES
        if side in seen
        for user_id in parties.people(work, deal, side)
    }
    guests = set(
        work.session.scalars(
            select(Party.user_id).where(Party.deal_id == deal.id, Party.removed_at.is_(None))
        )
    )
    rows = work.session.execute(select(User.id, User.name).where(User.id.in_(sides)))
    found = [Person(own, name, sides[own], own in guests) for own, name in rows]
    return tuple(sorted(found, key=lambda one: (parties.SIDES.index(one.side), one.name)))


def _authors(work: Work, deal: Deal, seen: frozenset[str]) -> dict[str, str]:
    """Those who wrote here and have left since keep their name beside what they wrote."""
    if seen != parties.EVERYBODY:
        return {}
    wrote = [
        select(model.__table__.c[column]).where(model.__table__.c.deal_id == deal.id)
        for model, column in ((Message, "author_id"), (DealFile, "added_by"), (Meeting, "called_by"))
    ]
    ids = {own for statement in wrote for own in work.session.scalars(statement)}
    rows = work.session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {own: name for own, name in rows}  # noqa: C416 - dict() of a Result loses the types


def _organisations(work: Work, held: Seat) -> dict[str, str]:
    shown = {}
    for side in ("demand", "offer"):
        organisation = work.session.get_one(Organisation, parties.organisation_of(held.deal, side))
        hidden = side != held.side and held.side != "broker" and not held.together
        shown[side] = (
            "" if hidden and _anonymous(work, parties.uid_of(held.deal, side)) else organisation.name
        )
    return shown


def _anonymous(work: Work, uid: str) -> bool:
    live = select(Revision.content).join(Listing, Listing.live_id == Revision.id).where(Listing.uid == uid)
    content = work.session.scalar(live)
    return content is None or bool(content.get("anonymous"))


def _broker(work: Work, deal: Deal) -> str:
    if deal.broker_id is None:
        return ""
    broker = work.session.get_one(Broker, deal.broker_id)
    if broker.user_id is not None:
        return work.session.get_one(User, broker.user_id).name
    return work.session.get_one(Organisation, broker.organisation_id).name


def _events(work: Work, deal: Deal, seen: frozenset[str]) -> list[tuple[DealEvent, str]]:
    """The timeline; of a side whose people are not known yet, without their names."""
    return [(event, name if event.side in seen else "") for event, name in deal_log.events(work, deal)]


def _rows(work: Work, model: type[_Row], deal_id: str) -> Sequence[_Row]:
    return work.session.scalars(
        select(model).where(model.deal_id == deal_id).order_by(model.at, model.id)
    ).all()


def _sealed(work: Work, held: Seat) -> tuple[str, ...]:
    return tuple(
        side
        for side in ("demand", "offer")
        if side != held.side and disclosure.is_sealed(work, parties.uid_of(held.deal, side))
    )


def _withheld(work: Work, held: Seat, agreement: Agreement | None) -> frozenset[str]:
    if agreement is None or not disclosure.needs_leave(agreement, disclosure.agreements(work, held.deal.id)):
        return frozenset()
    return frozenset(
        side
        for side in parties.PRINCIPALS
        if side != held.side and agreement.id not in disclosure.allowed(work, held.deal.id, side)
    )


def _to_allow(work: Work, held: Seat) -> frozenset[str]:
    if held.side not in parties.PRINCIPALS or not held.together:
        return frozenset()
    if not disclosure.is_sealed(work, parties.uid_of(held.deal, held.side)):
        return frozenset()
    known = disclosure.allowed(work, held.deal.id, held.side)
    made = disclosure.agreements(work, held.deal.id)
    waiting = (one for one in made if one.side != held.side and disclosure.needs_leave(one, made))
    return frozenset(one.id for one in waiting if one.id not in known)
