"""Rates entered by operators, one or a file of them: dated, and never changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from marketplace.errors import Invalid
from marketplace.models.facts import CurrencyRate as Row
from marketplace.services import audit, facts
from marketplace.services.locks import alone
from marketplace.services.policy import Actor, permit
from marketplace.services.rates import today
from marketplace.work import Work
from vocabulary.problems import Problem
from vocabulary.rates import Quoted, Rate, read, read_file


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a file: how many rows were entered, and what is wrong with the others, by their number."""

    entered: int
    wrong: Mapping[int, Sequence[Problem]] = field(default_factory=dict)


def enter(work: Work, actor: Actor, said: Mapping[str, str]) -> Rate:
    """Take what was typed, by the names of `vocabulary.rates.COLUMNS`. Raises `Invalid` with everything that is wrong."""
    permit(actor, "operations.act")
    quoted = read(said, today(work))
    if not isinstance(quoted, Quoted):
        raise Invalid(quoted)
    _add(work, actor, [quoted])
    return quoted.rate


def take(work: Work, actor: Actor, content: bytes) -> Taken:
    """Enter every row of a CSV file that can be read; the others are told and stop nothing."""
    permit(actor, "operations.act")
    good: list[Quoted] = []
    wrong: dict[int, Sequence[Problem]] = {}
    for number, row in read_file(content, today(work)):
        if isinstance(row, Quoted):
            good.append(row)
        else:
            wrong[number] = row
    _add(work, actor, good)
    return Taken(len(good), wrong)


def _add(work: Work, actor: Actor, rates: Sequence[Quoted]) -> None:
    alone(work, "rates")
    last = work.session.scalar(select(func.max(Row.n))) or 0
    for n, one in enumerate(rates, start=last + 1):
        rate = one.rate
        work.session.add(Row(
            n=n, currency=rate.currency, amount=rate.amount, units=rate.units, day=rate.day, source=one.source,
            entered_at=work.now, entered_by=actor.user_id or actor.name,
        ))  # fmt: skip
        work.session.flush()
        audit.record(
            work, actor, "rates.enter", rate.currency, amount=rate.amount, units=rate.units, day=rate.day.isoformat()
        )  # fmt: skip
    facts.renew(work)
