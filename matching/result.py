"""A score that carries its reasons. Points are whole thousandths of a point and sum to the score exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

State = Literal["met", "partly", "unmet", "unknown"]


@dataclass(frozen=True, slots=True)
class Said:
    """What one side says about a signal, ready for a sentence: `code` is the message `said.<code>`, `params` fill it.

    Code-list values travel as codes with the name of their list (`params={"fields": "2.5 4.1"}`), so that each
    reader sees them in the own language.
    """

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signal:
    """One part of the score. 0 <= points <= of, in thousandths; `unknown` when one side says nothing."""

    name: str
    points: int
    of: int
    state: State
    demand: Said
    offer: Said


@dataclass(frozen=True, slots=True)
class Gate:
    """A hard condition; a pair that fails one is never suggested, whatever its score."""

    name: str
    passed: bool
    detail: Said


@dataclass(frozen=True, slots=True)
class Evidence:
    """One requirement beside the offer's sentence that speaks to it. `marks` are spans in `quote`."""

    requirement: int
    state: Literal["met", "partly", "conflict", "unknown"]
    quote: str = ""
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Lift:
    """The smallest change on one side that would raise the score; true when applied (`score(changed) == total + gain`).

    `side` is `demand` or `offer`; `change` is the message `lift.<code>`; `field` and `value` say the change as data.
    """

    side: Literal["demand", "offer"]
    signal: str
    change: Said
    gain: int
    crosses_bar: bool


@dataclass(frozen=True, slots=True)
class Score:
    """A demand and an offer, compared. `total` is in thousandths of a point, 0–100_000."""

    demand: str
    offer: str
    total: int
    signals: tuple[Signal, ...]
    gates: tuple[Gate, ...]
    evidence: tuple[Evidence, ...] = ()
    lifts: tuple[Lift, ...] = ()
    certainty: int = 1000
    """Thousandths: the share of weight whose values both sides state."""
    model_version: str = ""
    statistics_version: str = ""

    @property
    def passes(self) -> bool:
        return all(gate.passed for gate in self.gates)
