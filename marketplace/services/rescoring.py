"""Stored matches weighed anew after other weights became live or shadow: no search, no text, only their ratings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select, update

from marketplace.db import rows_of
from marketplace.models.matches import Match
from marketplace.services import weights
from marketplace.work import Work
from matching.points import certainty, shares
from matching.rating import Rating
from matching.scoring import total
from matching.weights import SEPARATOR, Weights

AT_ONCE = 200
"""Rows of one transaction: others want to write, too."""

_TABLE = rows_of(Match)


def rescore_some(work: Work) -> int:
    """Weigh some matches that are not as they should be; how many. Each row says itself whether it is done.

    Matches of other rules are left: they need their texts, and `rematching` takes them.
    """
    live, shadow = weights.live(work), weights.shadow(work)
    rows = work.session.execute(
        select(Match.demand_uid, Match.offer_uid, Match.score)
        .where(_of_rules(live), _behind(live, shadow))
        .limit(AT_ONCE)
    ).all()
    changed = [
        {"demand": demand, "offer": offer, **weighed(score, live, shadow)} for demand, offer, score in rows
    ]
    if changed:
        names = ("total", "certainty", "score", "model_version", "shadow_total", "shadow_version")
        statement = update(_TABLE).where(
            Match.demand_uid == bindparam("demand"), Match.offer_uid == bindparam("offer")
        )
        work.session.connection().execute(
            statement.values({name: bindparam(f"new_{name}") for name in names}), changed
        )
    return len(changed)


def weighed(score: Mapping[str, Any], live: Weights, shadow: Weights | None) -> dict[str, Any]:
    """The columns of a match under these weights, from what it stores of its score."""
    ratings = [Rating(*one) for one in score["ratings"]]
    parts = shares(ratings, live.values)
    signals = [
        signal | {"points": points, "of": of}
        for signal, points, of in zip(score["signals"], parts.earned, parts.of, strict=True)
    ]
    return {
        "new_total": sum(parts.earned),
        "new_certainty": certainty(ratings, live.values),
        "new_score": {**score, "signals": signals},
        "new_model_version": live.version,
        "new_shadow_total": total(ratings, shadow) if shadow else None,
        "new_shadow_version": shadow.version if shadow else "",
    }


def outdated(work: Work) -> bool:
    """Whether stored matches rest on other rules than this code has, so that they must be matched again."""
    other = select(Match.demand_uid).where(~_of_rules(weights.live(work)))
    return work.session.scalar(other.limit(1)) is not None


def _of_rules(live: Weights) -> ColumnElement[bool]:
    return or_(Match.model_version == live.rules, Match.model_version.like(f"{live.rules}{SEPARATOR}%"))


def _behind(live: Weights, shadow: Weights | None) -> ColumnElement[bool]:
    return or_(
        Match.model_version != live.version,
        Match.shadow_version != (shadow.version if shadow else ""),
    )
