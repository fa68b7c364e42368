"""The public figures of what came of cases. Only what both sides attested and nobody disputes is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select

from marketplace.models.deals import Deal
from marketplace.services import outcomes
from marketplace.services.stages import STAGES
from marketplace.work import Work

FEWEST = 5
"""A form of transfer with fewer proven outcomes is counted among «other»: a single one would tell who it was."""


@dataclass(frozen=True, slots=True)
class Figures:
    """`grades` counts outcomes by grade, undisputed ones; `forms` the proven ones by form of transfer; `reached`
    how many cases came at least as far as each stage."""

    proven: int
    grades: dict[str, int]
    disputed: int
    forms: dict[str, int]
    reached: dict[str, int]


def public(work: Work) -> Figures:
    """Counted anew from the ledger and the cases at every call."""
    found = outcomes.all_outcomes(work).values()
    grades = Counter(one.grade for one in found if not one.disputed)
    forms = Counter(one.claim.body["form"] for one in found if one.counts)
    rare = sum(n for n in forms.values() if n < FEWEST)
    shown = {form: n for form, n in forms.most_common() if n >= FEWEST}
    return Figures(
        proven=sum(one.counts for one in found),
        grades={grade: grades.get(grade, 0) for grade in ("A", "B", "C", "D")},
        disputed=sum(bool(one.disputed) for one in found),
        forms=shown | ({"other": rare} if rare else {}),
        reached=_reached(work),
    )


def _reached(work: Work) -> dict[str, int]:
    rows = select(Deal.stage, Deal.before, func.count()).group_by(Deal.stage, Deal.before)
    furthest: Counter[str] = Counter()
    for stage, before, n in work.session.execute(rows):
        furthest[before if stage == "closed" else stage] += n
    order = STAGES[:7]
    return {stage: sum(furthest[later] for later in order[place:]) for place, stage in enumerate(order)}
