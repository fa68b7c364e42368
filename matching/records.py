"""A score as plain data, the way it is stored with a match, and what is shown of it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matching.result import Said, Score, Signal


def record(score: Score) -> dict[str, Any]:
    """Signals, gates and ratings in JSON's own types; the rest of a score stands in columns beside it."""
    # Written out by hand: a match is stored for every pair worth keeping, and a general walk costs a millisecond each.
    return {
        "signals": [
            {
                "name": one.name,
                "points": one.points,
                "of": one.of,
                "state": one.state,
                "demand": _said(one.demand),
                "offer": _said(one.offer),
            }
            for one in score.signals
        ],
        "gates": [
            {"name": one.name, "passed": one.passed, "detail": _said(one.detail)} for one in score.gates
        ],
        "ratings": score.ratings,
    }


def signals(record: Mapping[str, Any]) -> tuple[Signal, ...]:
    """The signals of a stored score."""
    return tuple(
        Signal(**{**one, "demand": Said(**one["demand"]), "offer": Said(**one["offer"])})
        for one in record["signals"]
    )


def _said(said: Said) -> dict[str, Any]:
    return {"code": said.code, "params": said.params}
