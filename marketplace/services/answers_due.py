"""Cases that wait for the word of a member's own side: to be introduced at all, on terms, on an outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from marketplace.models.deals import Deal
from marketplace.models.rooms import Proposal
from marketplace.services import outcomes, parties
from marketplace.services.policy import WRITERS, Actor
from marketplace.work import Work

MOST_CASES = 100
"""Cases looked at, those due first: nobody answers more of them in a day."""


@dataclass(frozen=True, slots=True)
class Due:
    """`what` is consent, terms or outcome; `at` is by when, where the case has a clock."""

    what: str
    deal_id: str
    title: str
    at: datetime | None


def due(work: Work, actor: Actor, most: int) -> list[Due]:
    """What the actor's organisations are asked to answer, at most so much of it, what is due first on top."""
    own = frozenset(of for of, roles in actor.roles.items() if roles & WRITERS)
    cases = _cases(work, own)
    found = [*_consents(cases, own), *_terms(work, cases, own), *_outcomes(work, cases, own)]
    return sorted(found, key=lambda one: (one.at is None, one.at))[:most]


def _cases(work: Work, own: frozenset[str]) -> Sequence[Deal]:
    sides = or_(Deal.demand_organisation_id.in_(own), Deal.offer_organisation_id.in_(own))
    live = select(Deal).where(sides, Deal.stage != "closed").order_by(Deal.due_at.is_(None), Deal.due_at)
    return work.session.scalars(live.limit(MOST_CASES)).all()


def _sides(deal: Deal, own: frozenset[str]) -> list[str]:
    """The side that is ours; none of them for who belongs to both, for they sit on neither."""
    ours = [side for side in ("demand", "offer") if parties.organisation_of(deal, side) in own]
    return ours if len(ours) == 1 else []


def _consents(cases: Sequence[Deal], own: frozenset[str]) -> Iterator[Due]:
    for deal in cases:
        for side in _sides(deal, own):
            agreed = deal.demand_agreed_at if side == "demand" else deal.offer_agreed_at
            if agreed is None:
                yield Due("consent", deal.id, deal.demand_title, deal.due_at)


def _terms(work: Work, cases: Sequence[Deal], own: frozenset[str]) -> Iterator[Due]:
    talking = {deal.id: deal for deal in cases if deal.stage == "negotiating"}
    opened = select(Proposal).where(Proposal.deal_id.in_(talking), Proposal.state == "open")
    for proposal in work.session.scalars(opened) if talking else ():
        deal = talking[proposal.deal_id]
        if _sides(deal, own) not in ([], [proposal.side]):
            yield Due("terms", deal.id, deal.demand_title, deal.due_at)


def _outcomes(work: Work, cases: Sequence[Deal], own: frozenset[str]) -> Iterator[Due]:
    ended = {deal.id: deal for deal in cases if deal.stage in outcomes.FROM}
    for deal_id, outcome in outcomes.all_outcomes(work, ended).items() if ended else ():
        for side in _sides(ended[deal_id], own):
            if side not in outcome.attested and side not in outcome.disputed:
                yield Due("outcome", deal_id, ended[deal_id].demand_title, ended[deal_id].due_at)
