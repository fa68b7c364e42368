"""Three questions to each party when a case has ended; the answers stand, with their count, on the broker's record."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from marketplace.db import new_id
from marketplace.errors import Conflict, Invalid
from marketplace.models.outcomes import Survey
from marketplace.services import parties
from marketplace.services.policy import Actor
from marketplace.services.records import QUESTIONS
from marketplace.services.stages import ENDED
from marketplace.services.wording import taken
from marketplace.work import Work
from vocabulary.problems import Problem

LONGEST_NOTE = 1_000
SCALE = ("1", "2", "3", "4", "5")


def answer(work: Work, actor: Actor, deal_id: str, given: Mapping[str, str], note: str = "") -> None:
    """Keep one side's answers, once. Raises `Invalid` for a missing one, `Conflict` before the end or again."""
    held = parties.hold(work, actor, deal_id, "survey")
    if held.deal.stage not in ENDED:
        raise Conflict("survey_too_early")
    if answered(work, deal_id, held.side):
        raise Conflict("survey_answered")
    missing = [Problem(name, "required") for name in QUESTIONS if given.get(name) not in SCALE]
    if missing:
        raise Invalid(missing)
    work.session.add(
        Survey(
            id=new_id(), deal_id=deal_id, side=held.side, user_id=actor.user_id,
            answers={name: int(given[name]) for name in QUESTIONS},
            note=taken("note", note, LONGEST_NOTE), at=work.now,
        )
    )  # fmt: skip
    work.session.flush()


def answered(work: Work, deal_id: str, side: str) -> bool:
    known = select(Survey.id).where(Survey.deal_id == deal_id, Survey.side == side)
    return work.session.scalar(known) is not None
