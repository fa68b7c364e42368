"""The way of a case from a suggestion to a transfer: one table of steps, each with from where, to where and who.

The clock of a stage is in working days; when it has run out the case is overdue, and nothing else happens by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from marketplace.errors import Conflict

STAGES = ("suggested", "shortlisted", "introduced", "nda", "negotiating", "agreed", "transferred", "closed")
BOARD = STAGES[:6]
"""The columns of the board: stages in which somebody has something to do."""
ENDED = ("transferred", "closed")
RUNNING = (*BOARD, "transferred")
"""While a case of a pair is at one of these there is no other of the pair."""

CLOCK: Mapping[str, int] = {
    "suggested": 2, "shortlisted": 5, "introduced": 7, "nda": 10, "negotiating": 30, "agreed": 45,
}  # fmt: skip
"""Stage -> working days until its next step is due. Our estimate of a brisk case; nothing happens when it is missed but
that the case is shown as overdue."""
REOPENED_WITHIN = timedelta(days=30)
"""So long a case that was closed can be taken up again."""

BEFORE = "(before)"
"""Stands for the stage that closing interrupted."""

REASONS = (
    "no_answer", "not_suitable", "price", "timing", "rights", "chose_other", "withdrawn", "duplicate", "other",
)  # fmt: skip
"""Why a case is closed; each is the message `deal.reason_<reason>`."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: from which stages to which, and which sides may take it.

    `direct` are the sides that may where the sides go without a broker. `needs` is what must be there by then, each
    by the code of the refusal while it is not (`error.<code>`); `services.readiness` knows what a case lacks.
    """

    to: str
    stages: tuple[str, ...]
    sides: frozenset[str] = frozenset({"broker"})
    direct: frozenset[str] = frozenset({"demand", "offer"})
    needs: tuple[str, ...] = ()


BOTH = frozenset({"demand", "offer"})

STEPS: Mapping[str, Step] = {
    "shortlist": Step("shortlisted", ("suggested",)),
    "introduce": Step("introduced", ("suggested", "shortlisted"), needs=("not_both_agreed",)),
    "protect": Step("nda", ("introduced",)),
    "negotiate": Step("negotiating", ("introduced", "nda")),
    "agree": Step("agreed", ("negotiating",), needs=("terms_not_accepted",)),
    "transfer": Step("transferred", ("agreed",), needs=("outcome_not_claimed",)),
    "close": Step("closed", BOARD, BOTH | {"broker"}),
    "reopen": Step(BEFORE, ("closed",), needs=("closed_too_long", "deal_exists")),
}
"""In the order in which a case takes them; an agreement on confidentiality may be left out."""


def after(step: str, stage: str, *, before: str = "") -> str:
    """The stage that `step` leads to. Raises `Conflict` (409) when the table has no such move."""
    row = STEPS.get(step)
    if row is None or stage not in row.stages:
        raise Conflict("illegal_deal_step", step=step, stage=stage)
    return before if row.to == BEFORE else row.to


def steps_from(
    stage: str, side: str, *, direct: bool, lacking: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """The steps the table allows this side at this stage while the case lacks so much, in its order."""
    return tuple(
        name
        for name, row in STEPS.items()
        if stage in row.stages and may_take(name, side, direct=direct) and not missing(name, lacking)
    )


def missing(step: str, lacking: frozenset[str]) -> str:
    """The first need of `step` that is not met; empty when nothing is in its way."""
    return next((need for need in STEPS[step].needs if need in lacking), "")


def may_take(step: str, side: str, *, direct: bool) -> bool:
    row = STEPS[step]
    return side in (row.sides | row.direct if direct else row.sides)
