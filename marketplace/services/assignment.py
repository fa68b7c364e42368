"""Who brokers a case: a rule anybody can check, and the reason it gives.

Nobody is asked who has an interest of his own in either side, whose certificate has run out, whose desk is full, or
who has refused this case before. Among the others those who know the field most exactly come first, and of these
the one with the emptiest desk: fairness before fame. A broker of the province, then one with more proven outcomes,
then one who has waited longer goes first among equals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from vocabulary.fields import FORD

Closeness = Literal["field", "branch", "any"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A broker as the rule sees him. `load` counts live cases, `proven` outcomes of grade A or B, `waited` is a
    counter that is smaller the longer ago he was last given a case."""

    id: str
    fields: frozenset[str]
    provinces: frozenset[str]
    capacity: int
    load: int = 0
    proven: int = 0
    waited: int = 0
    certified_until: date | None = None
    interests: frozenset[str] = frozenset()
    """Organisations he belongs to or has declared an interest in."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a case asks for: fields and provinces of both listings, both organisations, and who has refused it."""

    fields: frozenset[str]
    provinces: frozenset[str]
    organisations: frozenset[str]
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """The broker chosen and why. `passed_over` counts those who could not be asked, by reason."""

    broker_id: str
    closeness: Closeness
    province: bool
    load: int
    capacity: int
    considered: int
    passed_over: dict[str, int] = field(default_factory=dict)


def choose(brokers: Sequence[Candidate], need: Need, today: date) -> Choice | None:
    """The broker for this case, or None when nobody can be asked. The order of `brokers` changes nothing."""
    hindrances = {broker.id: hindrance(broker, need, today) for broker in brokers}
    free = [broker for broker in brokers if not hindrances[broker.id]]
    if not free:
        return None
    nearest = min(_distance(broker, need) for broker in free)
    asked = [broker for broker in free if _distance(broker, need) == nearest]
    best = min(asked, key=lambda broker: _order(broker, need))
    return Choice(
        best.id, _NAMES[nearest], bool(best.provinces & need.provinces), best.load, best.capacity,
        len(asked), _counted(hindrances.values()),
    )  # fmt: skip


def hindered(brokers: Iterable[Candidate], need: Need, today: date) -> dict[str, int]:
    """How many cannot be asked, by why."""
    return _counted(hindrance(broker, need, today) for broker in brokers)


def hindrance(broker: Candidate, need: Need, today: date) -> str:
    """Why this broker cannot be asked: conflict, certificate, full or refused; empty when he can."""
    if broker.interests & need.organisations:
        return "conflict"
    if broker.id in need.refused:
        return "refused"
    if broker.certified_until is None or broker.certified_until < today:
        return "certificate"
    return "full" if broker.load >= broker.capacity else ""


_NAMES: tuple[Closeness, ...] = ("field", "branch", "any")


def _distance(broker: Candidate, need: Need) -> int:
    if broker.fields & need.fields:
        return 0
    return 1 if _branches(broker.fields) & _branches(need.fields) else 2


def _branches(codes: Iterable[str]) -> frozenset[str]:
    """Fields as their first level: 4.1 is of 4."""
    found = (FORD.get(code) for code in codes)
    return frozenset(one.parent or one.code for one in found if one is not None)


def _order(broker: Candidate, need: Need) -> tuple[float, bool, int, int, str]:
    return (
        broker.load / broker.capacity,
        not broker.provinces & need.provinces,
        -broker.proven,
        broker.waited,
        broker.id,
    )


def _counted(reasons: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for reason in filter(None, reasons):
        counts[reason] = counts.get(reason, 0) + 1
    return dict(sorted(counts.items()))
