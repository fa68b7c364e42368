"""Asking to be introduced: three questions, a broker who is chosen by a rule, and both sides' word.

Until both have agreed neither side learns who the people of the other are; of an anonymous listing not even the
organisation.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import select

from marketplace.db import new_id
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.models.deals import Deal
from marketplace.models.listings import Listing
from marketplace.services import (
    assigning,
    audit,
    brokerage,
    deal_log,
    feed,
    judging,
    parties,
    stages,
)  # fmt: skip
from marketplace.services.parties import Seat
from marketplace.services.policy import Actor, may, permit
from marketplace.services.wording import taken
from marketplace.work import Work
from vocabulary.listing import Content, from_record
from vocabulary.problems import Problem

READY = ("exploring", "budgeted", "deciding")
"""How far the asker is: looking around, with a budget in view, ready to decide; `introduction.ready_<code>`."""
LONGEST_ANSWER = 500


@dataclass(frozen=True, slots=True)
class Answers:
    """To the three questions every introduction asks: what is hoped for, how far one is, what must be cleared up
    first."""

    aim: str
    ready: str
    open_point: str


@dataclass(frozen=True, slots=True)
class Pair:
    """The two listings an introduction is about, as their home knows them."""

    demand: Listing
    offer: Listing
    demand_content: Content
    offer_content: Content

    def closed_to(self, asked_by: str) -> bool:
        """Whether a listing that `asked_by` (a side, or a broker) would be asking about takes no enquiries now."""
        contents = {"demand": self.demand_content, "offer": self.offer_content}
        return any(side != asked_by and not one.open_for_interest for side, one in contents.items())


def answers(*, aim: str, ready: str, open_point: str) -> Answers:
    """Read the form. Raises `Invalid`."""
    if ready not in READY:
        raise Invalid([Problem("ready", "required")])
    return Answers(
        taken("aim", aim, LONGEST_ANSWER, needed=True), ready, taken("open_point", open_point, LONGEST_ANSWER)
    )


def pair(work: Work, demand_uid: str, offer_uid: str) -> Pair:
    """Both listings, public and at home here. Raises `NotFound`, or `Conflict` for one of another exchange."""
    rows = feed.rows(work, [demand_uid, offer_uid])
    for uid, kind in ((demand_uid, "demand"), (offer_uid, "offer")):
        row = rows.get(uid)
        if row is None or not row.live or row.kind != kind:
            raise NotFound("listing_not_found")
        if row.body.get("mark") == "prohibited":
            raise Conflict("listing_prohibited")
    listings = {one.uid: one for one in work.session.scalars(select(Listing).where(Listing.uid.in_(rows)))}
    if len(listings) < 2:
        raise Conflict("listing_elsewhere")
    demand, offer = listings[demand_uid], listings[offer_uid]
    if demand.organisation_id == offer.organisation_id:
        raise Conflict("own_pair")
    return Pair(demand, offer, from_record(rows[demand_uid].body["content"]),
                from_record(rows[offer_uid].body["content"]))  # fmt: skip


def sides(actor: Actor, found: Pair) -> list[str]:
    """The sides the actor writes for; who writes for both can ask for neither, for he would sit on both."""
    listings = {"demand": found.demand, "offer": found.offer}
    return [side for side, one in listings.items() if may(actor, "deal.ask", one.organisation_id)]


def running(work: Work, demand_uid: str, offer_uid: str) -> str:
    """The id of the case of this pair that is under way, whoever sits in it; empty when there is none."""
    found = select(Deal.id).where(
        Deal.demand_uid == demand_uid, Deal.offer_uid == offer_uid, Deal.stage.in_(stages.RUNNING)
    )
    return work.session.scalar(found) or ""


def ask(
    work: Work,
    actor: Actor,
    demand_uid: str,
    offer_uid: str,
    *,
    side: str,
    said: Answers,
    direct: bool = False,
) -> str:
    """One side asks to be introduced; the id of the case. Who asks has agreed already.

    Raises `NotFound`, `Forbidden`, or `Conflict` (a case of this pair is under way; both listings are one's own; the
    other takes no enquiries).
    """
    found = pair(work, demand_uid, offer_uid)
    own = found.demand if side == "demand" else found.offer
    permit(actor, "deal.ask", own.organisation_id)
    if len(sides(actor, found)) > 1:
        raise Forbidden("both_sides")
    deal = _open(work, found, side)
    deal.direct, deal.answers = direct, asdict(said)
    setattr(deal, f"{side}_agreed_at", work.now)
    brokerage.enter(work, deal, "suggested")
    if not direct:
        assigning.assign(work, deal)
    deal_log.tell(work, actor, deal, "asked", side=side)
    judging.judge(work, actor, deal, "ask")
    audit.record(work, actor, "deal.ask", deal.id, side=side, direct=direct)
    return deal.id


def shortlist(work: Work, actor: Actor, demand_uid: str, offer_uid: str) -> str:
    """A broker takes up a match that nobody has asked about yet; the id of the case. Raises as `assigning.entry_for`."""
    deal = _open(work, pair(work, demand_uid, offer_uid), "broker")
    entry = assigning.entry_for(work, actor, assigning.need(work, deal))
    brokerage.enter(work, deal, "shortlisted")
    assigning.give(work, deal, entry, {"closeness": "own"})
    deal_log.tell(work, actor, deal, "shortlisted", side="broker")
    audit.record(work, actor, "deal.shortlist", deal.id)
    return deal.id


def agree(work: Work, actor: Actor, deal_id: str) -> Deal:
    """This side agrees to be introduced. Where they go without a broker the case goes on by itself when both have."""
    held = parties.hold(work, actor, deal_id, "agree")
    if getattr(held.deal, f"{held.side}_agreed_at") is not None:
        return held.deal
    setattr(held.deal, f"{held.side}_agreed_at", work.now)
    held.deal.version += 1
    deal_log.tell(work, actor, held.deal, "agreed", side=held.side)
    _introduce_directly(work, actor, held)
    return held.deal


def go_direct(work: Work, actor: Actor, deal_id: str) -> Deal:
    """A side goes on without a broker where none was found; the sides take the steps themselves from now on.

    Raises `Conflict` when somebody brokers the case.
    """
    held = parties.hold(work, actor, deal_id, "direct")
    if held.deal.broker_id is not None:
        raise Conflict("has_broker")
    if not held.deal.direct:
        held.deal.direct = True
        held.deal.version += 1
        deal_log.tell(work, actor, held.deal, "direct", side=held.side)
        audit.record(work, actor, "deal.direct", deal_id)
        _introduce_directly(work, actor, held)
    return held.deal


def _introduce_directly(work: Work, actor: Actor, held: Seat) -> None:
    if held.together and held.deal.direct and held.deal.stage in stages.STEPS["introduce"].stages:
        brokerage.enter(work, held.deal, "introduced")
        deal_log.tell(work, actor, held.deal, "step_introduce", side=held.side)


def _open(work: Work, found: Pair, asked_by: str) -> Deal:
    """A new case, unless one of this pair is under way or who is asked about takes no enquiries."""
    if found.closed_to(asked_by):
        raise Conflict("not_open")
    brokerage.alone_with_pair(work, found.demand.uid, found.offer.uid)
    if known := running(work, found.demand.uid, found.offer.uid):
        raise Conflict("deal_exists", deal=known)
    deal = Deal(
        id=new_id(), demand_uid=found.demand.uid, offer_uid=found.offer.uid,
        demand_title=found.demand_content.title, offer_title=found.offer_content.title,
        demand_organisation_id=found.demand.organisation_id, offer_organisation_id=found.offer.organisation_id,
        asked_by=asked_by, answers={}, stage="suggested", stage_since=work.now, created_at=work.now, version=0,
    )  # fmt: skip
    work.session.add(deal)
    work.session.flush()
    return deal
