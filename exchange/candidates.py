"""What becomes of a pair that may be one technology: by itself, by what the homes answer, by what a reviewer decides.

A rule links on hard keys only, and takes its own link back when the keys no longer agree. What people have decided stays
until they decide otherwise; a no is asked about again only when a hard key has changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from exchange.clusters import MergeEvent, Op, Ruling
from exchange.duplicates import Fingerprint, Likeness

RULE, HOMES, REVIEWER = "rule", "homes", "reviewer"
"""Who decides about a pair."""


class State(StrEnum):
    OPEN = "open"
    """The homes are asked."""
    REVIEW = "review"
    """A reviewer of the national exchange is asked."""
    LINKED = "linked"
    PARTED = "parted"
    GONE = "gone"
    """One of the two is not public, or they have nothing in common any more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a pair: its state, who decided, and its hard keys when it was last judged."""

    state: State
    by: str = ""
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done: the new state, a line for the log or none, and whether the homes are asked anew."""

    state: State
    by: str = ""
    op: Op | None = None
    asks: bool = False


def hard_keys(one: Fingerprint, other: Fingerprint) -> str:
    """A digest of all that could link the two without asking; another one means that a hard key has changed."""
    said = [
        (print_.uid, print_.owner, *sorted(print_.rights))
        for print_ in sorted((one, other), key=lambda one: one.uid)
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def judged(found: Likeness, keys: str, known: Standing | None, decided: MergeEvent | None) -> Step | None:
    """The step after one of the two has changed. `decided` is the line of the log that counts for the pair.

    None when the two are nothing to each other and never were.
    """
    changed = known is not None and known.keys != keys
    by = known.by if known else ""
    if decided is not None and decided.op is Op.PART:
        if changed and found.candidate:
            return Step(State.OPEN, op=Op.UNLINK, asks=True)
        return Step(State.PARTED, by)
    if decided is not None and decided.op is Op.LINK:
        if decided.actor == RULE and not found.hard:
            return Step(State.OPEN if found.candidate else State.GONE, op=Op.UNLINK, asks=True)
        return Step(known.state if known and known.state is State.REVIEW else State.LINKED, by)
    if found.hard and (known is None or changed):
        return Step(State.LINKED, RULE, Op.LINK, asks=True)
    if not found.candidate:
        return Step(State.GONE) if known else None
    if known is not None and known.state in (State.OPEN, State.REVIEW):
        return Step(known.state, by)
    return Step(State.OPEN, asks=True)


def answered(said: Ruling, known: Standing) -> Step:
    """The step after a home has answered. What a reviewer has decided only a reviewer changes, and a no that stands
    is not outvoted: then the answers go to a reviewer."""
    if said is Ruling.WAIT or known.state is State.GONE:
        return Step(known.state, known.by)
    if said is Ruling.REVIEW:
        return Step(State.REVIEW, known.by)
    wanted, op = (State.LINKED, Op.LINK) if said is Ruling.LINK else (State.PARTED, Op.PART)
    if known.state is wanted:
        return Step(wanted, known.by)
    if known.by == REVIEWER or known.state is State.PARTED:
        return Step(State.REVIEW, known.by)
    return Step(wanted, HOMES, op)
