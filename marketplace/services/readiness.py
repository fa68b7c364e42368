"""What cases still lack for their next steps: asked before a step is taken, and before it is offered to anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from marketplace.db import in_pairs
from marketplace.models.deals import Deal
from marketplace.models.outcomes import LedgerEntry
from marketplace.models.rooms import Proposal
from marketplace.services import parties, stages
from marketplace.work import Work


def lacking(work: Work, cases: Sequence[Any]) -> Mapping[str, frozenset[str]]:
    """Id -> the needs of `stages.STEPS` that are not met now, of cases or of rows with their columns.

    Whether an agreement would collide with a licence is not looked at: that depends on what is agreed upon, and is
    named when it is taken down.
    """
    accepted = _of(work, Proposal.deal_id, Proposal.state == "accepted", cases)
    claimed = _of(work, LedgerEntry.deal_id, LedgerEntry.kind == "claim", cases)
    taken_up_elsewhere = _taken_up_elsewhere(work, cases)
    return {
        one.id: frozenset(
            need
            for need, met in {
                "not_both_agreed": parties.together(one),
                "terms_not_accepted": one.id in accepted,
                "outcome_not_claimed": one.id in claimed,
                "closed_too_long": work.now <= one.stage_since + stages.REOPENED_WITHIN,
                "deal_exists": one.id not in taken_up_elsewhere,
            }.items()
            if not met
        )
        for one in cases
    }


def _of(work: Work, deal_id: Any, condition: ColumnElement[bool], cases: Sequence[Any]) -> set[str]:
    ids = [one.id for one in cases]
    return set(work.session.scalars(select(deal_id).where(deal_id.in_(ids), condition).distinct()))


def _taken_up_elsewhere(work: Work, cases: Sequence[Any]) -> set[str]:
    """Closed cases of whose pair another is under way."""
    closed = {one.id: (one.demand_uid, one.offer_uid) for one in cases if one.stage == "closed"}
    if not closed:
        return set()
    about = in_pairs(Deal.demand_uid, Deal.offer_uid, closed.values())
    running = select(Deal.demand_uid, Deal.offer_uid).where(Deal.stage.in_(stages.RUNNING), about)
    found = {(demand, offer) for demand, offer in work.session.execute(running)}
    return {own for own, pair in closed.items() if pair in found}
