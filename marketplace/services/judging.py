"""What is done in a case says whether the match fits: each telling step becomes a judged pair with its reason.

So weights are learned from what people do, not only from what they say on the page of a match. What an organisation
said of the pair before is replaced by what it does now.
"""

from __future__ import annotations

from collections.abc import Mapping

from marketplace.errors import Forbidden, NotFound
from marketplace.models.deals import Deal
from marketplace.services import decisions
from marketplace.services.decisions import REASONS
from marketplace.services.policy import Actor
from marketplace.services.reasons import Reason
from marketplace.work import Work

FITS = frozenset({"ask", "introduce", "agree", "transfer"})
"""Steps that nobody takes with a match that does not fit."""
MISFITS: Mapping[str, str] = {
    "not_suitable": "requirement_missed",
    "price": "too_dear",
    "timing": "too_late",
    "rights": "rights_unclear",
}
"""Reason for closing -> what it says of the match. Others (no answer, another partner) say nothing of it."""


def judge(work: Work, actor: Actor, deal: Deal, step: str, reason: str = "") -> bool:
    """Keep what this step says of the match. False when it says nothing, or a listing is no longer public."""
    if step in FITS:
        verdict, code = "accepted", "solves_it"
    elif step == "close" and reason in MISFITS:
        verdict, code = "rejected", MISFITS[reason]
    else:
        return False
    if not actor.signed_in:
        return False
    pair = (deal.demand_uid, deal.offer_uid)
    try:
        decisions.decide(work, actor, pair, verdict, Reason.given((code,), "", of=REASONS[verdict]))
    except (NotFound, Forbidden):
        return False
    return True
