"""Learning from decisions, as operators ask for it, and what is known of match quality from them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from marketplace.models.learning import Decision, WeightVersion
from marketplace.models.matches import Match
from marketplace.services import decisions, weights
from marketplace.services.policy import Actor, permit
from marketplace.work import Work
from matching.learned import Figures, Learned
from matching.model import BAR, MODEL_VERSION


@dataclass(frozen=True, slots=True)
class Beside:
    """The shadow beside the live weights, over all stored matches: how many pairs both rate, how many come over the
    bar or fall below it, and the mean distance of the two totals in thousandths."""

    version: str
    pairs: int
    risen: int
    fallen: int
    apart: int


@dataclass(frozen=True, slots=True)
class Decided:
    """What decisions say of the live version: how many there are, and its figures once it was learned from enough."""

    decisions: int
    figures: Figures | None


def decided(work: Work) -> Decided:
    """For everybody; names no organisation and no pair."""
    count = select(func.count()).select_from(Decision).where(Decision.undone_at.is_(None))
    row = work.session.scalar(
        select(WeightVersion.figures).where(
            WeightVersion.rules == MODEL_VERSION, WeightVersion.state == "live"
        )
    )
    names = Figures.__dataclass_fields__
    figures = Figures(**{name: value for name, value in row.items() if name in names}) if row else None
    return Decided(work.session.scalar(count) or 0, figures)


def learned(work: Work, actor: Actor) -> Learned:
    """Learn from all that was decided and keep it as a candidate, unless there was too little."""
    permit(actor, "operations.act")
    result = work.runtime.learn(decisions.examples(work, MODEL_VERSION), weights.live(work))
    weights.store(work, actor, result)
    return result


def beside(work: Work, actor: Actor) -> Beside | None:
    """The comparison with the shadow; None when no version runs beside the live one."""
    permit(actor, "operations.read")
    shadow = weights.shadow(work)
    if shadow is None:
        return None
    rated = Match.shadow_version == shadow.version
    above, was = Match.shadow_total >= BAR, Match.total >= BAR
    row = work.session.execute(
        select(
            func.count(),
            func.count().filter(above & ~was),
            func.count().filter(~above & was),
            func.avg(func.abs(Match.shadow_total - Match.total)),
        ).where(rated)
    ).one()
    return Beside(shadow.version, row[0], row[1], row[2], round(row[3] or 0))
