"""What a receiver does with each record of a batch, decided before anything is written.

`plan` is a pure function of what came in and what is known; the caller writes the plan and the receipt in one
transaction. Rules R0 to R7 of xsync/1: a record is written by its home only, must say what its hash says, a higher
revision replaces a lower one, two contents of one revision are never chosen between, and what was erased stays so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from exchange.envelope import Result
from exchange.items import NATIONAL_KINDS, Flaw, Item, Unreadable, hash_flaw


class Projection(StrEnum):
    """What people see of a replica row."""

    VISIBLE = "visible"
    HELD = "held"
    OPAQUE = "opaque"
    NONE = "none"
    """A tombstone: there is nothing to see."""


class Write(StrEnum):
    INSERT = "insert"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Known:
    """The replica row of a record, as far as a decision needs it."""

    rev: int
    hash: str
    op: str
    audience: str = "public"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a live record is shown. `waits_for` names what releases a held one by itself: `catalogue` or nothing."""

    projection: Projection = Projection.VISIBLE
    flaws: tuple[Flaw, ...] = ()
    waits_for: str = ""


Judge = Callable[[Item], Verdict]
"""Says how a live record is shown; asked only about records that are going to be written."""


@dataclass(frozen=True, slots=True)
class Step:
    """The end of one item. `write` is None when the replica stays as it is."""

    place: int
    item: Item | Unreadable
    status: str
    write: Write | None = None
    projection: Projection = Projection.NONE
    flaws: tuple[Flaw, ...] = ()
    waits_for: str = ""
    alarm: str = ""

    @property
    def result(self) -> Result:
        return Result(self.place, self.item.uid, self.item.rev, self.status, flaws=self.flaws)


@dataclass(frozen=True, slots=True)
class Grant:
    """Whose records this peer may bring: its own, and those of exchanges it was allowed to relay."""

    node: str
    receiver: str
    relays: frozenset[str] = frozenset()
    kinds: frozenset[str] | None = None
    """Kinds of records that its invitation allows; None for all."""
    national: bool = False
    """Whether the peer is the national exchange, which alone writes the national kinds."""


ALARMS = frozenset({"rev_fork", "forbidden_origin"})
"""Codes of rejected records that a person is called for; of `forbidden_origin` after three."""


def plan(
    items: Sequence[Item | Unreadable], known: Mapping[str, Known], *, grant: Grant, judge: Judge
) -> tuple[Step, ...]:
    """One step an item, in their order. An item meets what those before it in the same batch have written."""
    return tuple(_steps(items, dict(known), grant, judge))


def _steps(
    items: Sequence[Item | Unreadable], known: dict[str, Known], grant: Grant, judge: Judge
) -> Iterator[Step]:
    for place, item in enumerate(items):
        if isinstance(item, Unreadable):
            yield Step(place, item, "rejected", flaws=(item.flaw,))
            continue
        step = _step(place, item, known.get(item.uid), grant, judge)
        if step.write is not None:
            known[item.uid] = Known(item.rev, item.hash, item.op, item.audience)
        yield step


def _step(place: int, item: Item, before: Known | None, grant: Grant, judge: Judge) -> Step:
    flaw = _foreign(item, grant) or hash_flaw(item) or _conflict(item, before)
    if flaw is not None:
        alarm = flaw.code if flaw.code in ALARMS else ""
        return Step(place, item, "rejected", flaws=(flaw,), alarm=alarm)
    if before is not None and item.rev <= before.rev:
        return Step(place, item, "unchanged" if item.rev == before.rev else "stale")
    write = Write.INSERT if before is None else Write.REPLACE
    if not item.live:
        return Step(place, item, "applied", write)
    verdict = judge(item)
    status = "applied" if verdict.projection is Projection.VISIBLE else str(verdict.projection)
    return Step(place, item, status, write, verdict.projection, verdict.flaws, verdict.waits_for)


def _foreign(item: Item, grant: Grant) -> Flaw | None:
    """R0, and that no record comes back to its home."""
    if item.origin == grant.receiver:
        return Flaw("/id", "loop_blocked", "the record's home is the exchange that received it")
    if item.origin != grant.node and item.origin not in grant.relays:
        return Flaw("/id", "forbidden_origin", f"{grant.node} may not write records of {item.origin}")
    if item.kind in NATIONAL_KINDS and not grant.national:
        return Flaw("/kind", "forbidden_kind", f"only the national exchange writes {item.kind}")
    if grant.kinds is not None and item.kind not in grant.kinds:
        return Flaw("/kind", "forbidden_kind", f"{grant.node} was not invited to send {item.kind}")
    return None


def _conflict(item: Item, before: Known | None) -> Flaw | None:
    """What the revisions say against writing it."""
    if before is None or item.rev < before.rev:
        return None
    if item.rev == before.rev:
        if item.hash == before.hash:
            return None
        return Flaw("/rev", "rev_fork", f"revision {item.rev} is here with the hash {before.hash}")
    if before.op == "erase":
        return Flaw("/op", "erased", "the record was erased, which is final")
    if item.live and item.audience != before.audience and before.op == "upsert":
        return Flaw("/audience", "audience_changed", "withdraw the record (unshared) and publish another")
    return None
