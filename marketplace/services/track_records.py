"""What organisations that offer technology have brought about on this exchange, counted from the ledger of outcomes."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select

from marketplace.models.deals import Deal
from marketplace.services import outcomes
from marketplace.services.grading import Outcome
from marketplace.work import Work
from matching.track_record import GRADES, step


def steps(work: Work) -> dict[str, int]:
    """Organisation id -> its step, of those of which enough is known. A case is settled when its outcome was claimed."""
    found = outcomes.all_outcomes(work)
    sides = select(Deal.id, Deal.offer_organisation_id, Deal.demand_organisation_id).where(Deal.id.in_(found))
    worths: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for deal_id, offering, partner in work.session.execute(sides):
        worths[offering][partner].append(_worth(found[deal_id]))
    counted = {one: step(partners.values()) for one, partners in sorted(worths.items())}
    return {one: reached for one, reached in counted.items() if reached is not None}


def _worth(found: Outcome) -> int:
    return 0 if found.disputed else GRADES[found.grade]
