"""Matches as matchmaking stores them, without looking for them: for tests of what is made of those there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert

from marketplace.models.matches import Match
from marketplace.services import statistics, weights
from marketplace.work import Work

SIGNAL = {
    "name": "text", "points": 20_000, "of": 29_000, "state": "met",
    "demand": {"code": "said.words_used", "params": {}}, "offer": {"code": "said.words_shared", "params": {}},
}  # fmt: skip


def store(
    work: Work, pairs: Iterable[tuple[str, str, int]], *, signals: int = 1, **more: Iterable[object]
) -> None:
    """Pairs (demand, offer, total in thousandths), each with so many signals. `more`: columns, a value for each pair."""
    rest: dict[str, Any] = {
        "demand_rev": 1, "offer_rev": 1, "certainty": 500, "found_at": work.now,
        "score": {"signals": [SIGNAL] * signals, "gates": [], "ratings": []},
        "model_version": weights.live(work).version, "statistics_version": statistics.current(work).version,
    }  # fmt: skip
    rows = [
        rest | {"demand_uid": demand, "offer_uid": offer, "total": total} for demand, offer, total in pairs
    ]
    for column, values in more.items():
        for row, value in zip(rows, values, strict=True):
            row[column] = value
    work.session.execute(insert(Match), rows)
