"""What a broker has achieved, counted from cases, outcomes and surveys: nobody types his own record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from marketplace.models.deals import Deal
from marketplace.models.outcomes import Survey
from marketplace.services import outcomes
from marketplace.services.stages import STAGES
from marketplace.work import Work

ENOUGH = 3
"""Fewer answers than this say more about one person than about a broker, and are not shown."""
QUESTIONS = ("fair", "helpful", "again")
"""The three questions a party is asked at the end, each the message `survey.<question>`."""


@dataclass(frozen=True, slots=True)
class Record:
    """Counts of a broker's cases. `satisfaction` is the mean of all answers in hundredths (1–5), None below
    `ENOUGH` answers."""

    cases: int = 0
    introduced: int = 0
    transferred: int = 0
    proven: int = 0
    answers: int = 0
    satisfaction: int | None = None


def of_brokers(work: Work, broker_ids: Sequence[str]) -> Mapping[str, Record]:
    """Broker id -> his record; the ledger is read once, however many are asked for."""
    stages = select(Deal.broker_id, Deal.stage, Deal.before, func.count()).where(
        Deal.broker_id.in_(broker_ids)
    )
    reached: dict[str, Counter[str]] = {one: Counter() for one in broker_ids}
    for broker_id, stage, before, n in work.session.execute(
        stages.group_by(Deal.broker_id, Deal.stage, Deal.before)
    ):
        reached[str(broker_id)][before if stage == "closed" else stage] += n
    counted, answers = proven(work), _answers(work, broker_ids)
    return {one: _record(reached[one], counted.get(one, 0), answers[one]) for one in broker_ids}


def _record(reached: Counter[str], proven: int, answers: Sequence[int]) -> Record:
    people = len(answers) // len(QUESTIONS)
    return Record(
        cases=reached.total(),
        introduced=sum(
            n for stage, n in reached.items() if STAGES.index(stage) >= STAGES.index("introduced")
        ),
        transferred=reached["transferred"],
        proven=proven,
        answers=people,
        satisfaction=round(100 * sum(answers) / len(answers)) if people >= ENOUGH else None,
    )


def proven(work: Work) -> Mapping[str, int]:
    """Broker id -> outcomes that count: grade A or B, not disputed."""
    counted = [deal_id for deal_id, found in outcomes.all_outcomes(work).items() if found.counts]
    brokers = select(Deal.broker_id, func.count()).where(Deal.id.in_(counted)).group_by(Deal.broker_id)
    return {broker_id: n for broker_id, n in work.session.execute(brokers) if broker_id}


def _answers(work: Work, broker_ids: Sequence[str]) -> Mapping[str, list[int]]:
    """All answers that others gave in each broker's cases."""
    given: dict[str, list[int]] = {one: [] for one in broker_ids}
    rows = select(Deal.broker_id, Survey.answers).join(Deal, Deal.id == Survey.deal_id)
    for broker_id, answers in work.session.execute(
        rows.where(Deal.broker_id.in_(broker_ids), Survey.side != "broker")
    ):
        given[str(broker_id)].extend(answers.values())
    return given
