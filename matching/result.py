"""A score that carries its reasons. Points are whole thousandths of a point and sum to the score exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from matching.rating import Rating

State = Literal["met", "partly", "unmet", "unknown"]


NO_VALUES: Mapping[str, str] = {}


class Said(NamedTuple):
    """A sentence as data: `code` is the full key of its message (`said.trl_asked`, or `lift.raise_trl` where a
    change is meant), `params` fill it.

    Values travel as codes and digits, so that each reader sees them in the own language. The name of a
    parameter tells what it holds; several codes stand with a space between them:

    - `fields`, `ipc`, `industries`, `strategic`: codes of these catalogues;
    - `transfer_forms`: codes of `vocabulary.terms`; `right`: kinds of it, or `kind:status`;
    - `province`: a code of `vocabulary.regions`; `territory`: ISO 3166-1 codes;
    - `trl`: a level or a range «4-6»; `level`: one level;
    - `price`: an amount or a range in smallest units and its currency, «800000000-1000000000 VND», «800000000- VND» where
      it has no upper end;
    - `worth`: the same in đồng, at the `rate` «1 USD 25400 VND»; `currency`: a code of ISO 4217;
    - `date`: an ISO date; `km`, `count`, `of`, `met`, `partly`, `conflict`: whole numbers;
    - `name`, `words`, `ground`: text as its author typed it, shown as it is.
    """

    code: str
    params: Mapping[str, str] = NO_VALUES


class Signal(NamedTuple):
    """One part of the score. 0 <= points <= of, in thousandths; `unknown` when one side says nothing."""

    name: str
    points: int
    of: int
    state: State
    demand: Said
    offer: Said


class Gate(NamedTuple):
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
class Edit:
    """One value set on one side: `field` of its Profile takes `value` (codes with spaces, numbers as
    digits)."""

    side: Literal["demand", "offer"]
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Lift:
    """The smallest change that would raise the score; true when applied (`score(changed).total == total +
    gain`).

    `side` is whose listing changes.
    """

    side: Literal["demand", "offer"]
    signal: str
    change: Said
    gain: int
    crosses_bar: bool
    edits: tuple[Edit, ...] = ()
    """The change as data, for `matching.lifts.apply`."""
    also: tuple[Said, ...] = ()
    """Further changes that are needed together with `change`, when one alone does not reach the bar."""


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
    revisions: tuple[int, int] = (0, 0)
    """The revisions compared: the demand's, the offer's."""
    ratings: tuple[Rating, ...] = ()
    """How each signal was rated, before any weight: what other weights need to score the pair again."""

    @property
    def passes(self) -> bool:
        return all(gate.passed for gate in self.gates)
