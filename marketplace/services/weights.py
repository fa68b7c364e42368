"""The versions of the weights: which one is live, which runs beside it as a shadow, and how to go back.

The first version stands in `matching.model`. Learned ones are rows that never change but for their state, so a score
that names its version can be made again for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from marketplace.errors import Conflict, NotFound
from marketplace.models.learning import WeightVersion
from marketplace.services import audit
from marketplace.services.locks import alone
from marketplace.services.policy import Actor, permit
from marketplace.work import Work
from matching.calibration import Calibration
from matching.learned import Learned
from matching.model import FIRST, MODEL_VERSION, RULES
from matching.weights import SEPARATOR, Weights

RESCORE = "rescore_matches"
LOCK = "weights"
"""Of two versions that are adopted at once the later one has to see the former live."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version as the operators' page shows it."""

    version: str
    state: str
    weights: Mapping[str, int]
    figures: Mapping[str, Any]
    made_at: datetime | None
    adopted_at: datetime | None


def live(work: Work) -> Weights:
    """The weights new scores use: those adopted last for these rules, else the first ones."""
    return _in_state(work, "live") or FIRST


def shadow(work: Work) -> Weights | None:
    """The version that is computed beside the live one and changes nothing."""
    return _in_state(work, "shadow")


def of_version(work: Work, version: str) -> Weights:
    """The weights that a stored score names. Raises `NotFound` when they belong to other rules than this code has."""
    if version == FIRST.version:
        return FIRST
    row = work.session.get(WeightVersion, version)
    if row is None or row.rules != MODEL_VERSION:
        raise NotFound("not_found")
    return _weights(row)


def calibration(work: Work) -> Calibration | None:
    """The curve of the live version; None before one was learned."""
    row = work.session.scalar(_rows().where(WeightVersion.state == "live"))
    return Calibration.read(row.calibration) if row and row.calibration else None


def versions(work: Work, actor: Actor) -> list[Version]:
    """Every version for these rules, newest first, the first one last."""
    permit(actor, "operations.read")
    rows = work.session.scalars(_rows().order_by(WeightVersion.number.desc())).all()
    learned = [
        Version(row.version, row.state, row.weights, row.figures, row.made_at, row.adopted_at) for row in rows
    ]
    state = "retired" if any(one.state == "live" for one in learned) else "live"
    first = dict(zip((rule.name for rule in RULES), FIRST.values, strict=True))
    return [*learned, Version(FIRST.version, state, first, {}, None, None)]


def store(work: Work, actor: Actor, learned: Learned) -> str | None:
    """Keep what was learned as a candidate, with what was measured; its version. None when there was too little."""
    permit(actor, "operations.act")
    if learned.weights is None or learned.calibration is None:
        return None
    alone(work, LOCK)
    number = 1 + (work.session.scalar(select(func.max(WeightVersion.number))) or 0)
    row = WeightVersion(
        version=f"{MODEL_VERSION}{SEPARATOR}{number}", number=number, rules=MODEL_VERSION,
        weights=dict(zip((rule.name for rule in RULES), learned.weights, strict=True)),
        calibration=asdict(learned.calibration),
        figures=asdict(learned.figures) | {"outcome": learned.outcome, "against": live(work).version},
        state="candidate", made_at=work.now, made_by=actor.user_id or actor.name,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    audit.record(work, actor, "weights.learn", row.version, measured=learned.outcome)
    return row.version


def beside(work: Work, actor: Actor, version: str) -> None:
    """Let a candidate run as the shadow; the former shadow waits again. Raises `NotFound` or `Conflict`."""
    permit(actor, "operations.act")
    alone(work, LOCK)
    row = _found(work, version)
    if row.state == "live":
        raise Conflict("weights_are_live")
    _all(work, "shadow", "candidate")
    row.state = "shadow"
    _changed(work, actor, "weights.shadow", version)


def adopt(work: Work, actor: Actor, version: str) -> None:
    """Make a version the live one: one that was learned beside the live one, or one that was live before.

    Stored matches are weighed anew by a job. Raises `NotFound` or `Conflict`.
    """
    permit(actor, "operations.act")
    alone(work, LOCK)
    if version == FIRST.version:
        _all(work, "live", "retired")
    else:
        row = _found(work, version)
        if row.adopted_at is None and row.figures["against"] != live(work).version:
            raise Conflict("weights_outdated")
        _all(work, "live", "retired")
        row.state, row.adopted_at = "live", work.now
    _changed(work, actor, "weights.adopt", version)


def go_back(work: Work, actor: Actor) -> str:
    """Make the version live that was so before this one; its name. Raises `Conflict` when the first one is live."""
    permit(actor, "operations.act")
    alone(work, LOCK)
    row = work.session.scalar(_rows().where(WeightVersion.state == "live"))
    if row is None:
        raise Conflict("weights_are_the_first")
    before = row.figures["against"]
    adopt(work, actor, before)
    return str(before)


def _changed(work: Work, actor: Actor, action: str, version: str) -> None:
    work.session.flush()
    audit.record(work, actor, action, version)
    work.ask(RESCORE)


def _all(work: Work, state: str, then: str) -> None:
    held = update(WeightVersion).where(WeightVersion.state == state)
    work.session.execute(held.values(state=then))


def _found(work: Work, version: str) -> WeightVersion:
    row = work.session.get(WeightVersion, version)
    if row is None or row.rules != MODEL_VERSION:
        raise NotFound("weights_not_found")
    return row


def _rows() -> Any:
    return select(WeightVersion).where(WeightVersion.rules == MODEL_VERSION)


def _in_state(work: Work, state: str) -> Weights | None:
    row = work.session.scalar(_rows().where(WeightVersion.state == state))
    return _weights(row) if row else None


def _weights(row: WeightVersion) -> Weights:
    return Weights(row.version, tuple(int(row.weights[rule.name]) for rule in RULES))
