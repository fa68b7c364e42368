"""Which records are one technology, as a fold over a log that is only added to: exact to undo, in any order of reading.

Each line speaks of one pair. The line with the highest number decides about its pair; links are then followed from the
oldest on, and one that would bring two records together that somebody has parted is left out.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SILENCE = 14 * 86_400
"""Seconds after which a suggestion that a home has not answered goes to a reviewer of the national exchange."""


class Op(StrEnum):
    LINK = "link"
    UNLINK = "unlink"
    """Takes a link back: the pair is as if nobody had linked it."""
    PART = "part"
    """They are not one: reopened by `UNLINK` only, which is written when a hard key changes or a reviewer says so."""


@dataclass(frozen=True, slots=True)
class MergeEvent:
    """A line of the log. `n` is its number; `reverses` that of the line an unlink takes back; `at` is for people."""

    n: int
    op: Op
    a: str
    b: str
    evidence: str = ""
    score: float = 0.0
    actor: str = ""
    at: str = ""
    reverses: int | None = None

    @property
    def pair(self) -> tuple[str, str]:
        return (self.a, self.b) if self.a < self.b else (self.b, self.a)


def live(log: Iterable[MergeEvent]) -> tuple[MergeEvent, ...]:
    """The line that decides about each pair, in order of their numbers; a pair that was taken back has none."""
    last: dict[tuple[str, str], MergeEvent] = {}
    for event in log:
        before = last.get(event.pair)
        if before is None or event.n > before.n:
            last[event.pair] = event
    return tuple(sorted((one for one in last.values() if one.op is not Op.UNLINK), key=lambda one: one.n))


def clusters(log: Iterable[MergeEvent]) -> frozenset[frozenset[str]]:
    """The groups of more than one record."""
    decided = live(log)
    parted = {event.pair for event in decided if event.op is Op.PART}
    groups: dict[str, frozenset[str]] = {}
    for event in decided:
        if event.op is not Op.LINK:
            continue
        left, right = (groups.get(uid, frozenset({uid})) for uid in event.pair)
        if left != right and not _any_parted(left, right, parted):
            whole = left | right
            groups.update(dict.fromkeys(whole, whole))
    return frozenset(groups.values())


def _any_parted(left: frozenset[str], right: frozenset[str], parted: set[tuple[str, str]]) -> bool:
    return any((min(one, other), max(one, other)) in parted for one in left for other in right)


@dataclass(frozen=True, slots=True)
class Minted:
    """The national id that a record got when it was first seen, and the place in that order."""

    national_id: str
    first_seen: int


def national_id(uid: str) -> str:
    """The national id of a record. It follows from the record's own id, so nobody has to be told it."""
    digest = hashlib.sha256(uid.encode()).digest()[:10]
    return f"n-{base64.b32encode(digest).decode().lower()}"


def national_ids(
    groups: Iterable[frozenset[str]], minted: Mapping[str, Minted]
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Record -> the national id by which it is known now, and the ids that lead there.

    The id of the oldest member survives, the others are aliases; a group that is dissolved gives each its own again.
    """
    known: dict[str, tuple[str, tuple[str, ...]]] = {
        uid: (own.national_id, (own.national_id,)) for uid, own in minted.items()
    }
    for group in groups:
        members = sorted(
            (minted[uid] for uid in group if uid in minted), key=lambda one: (one.first_seen, one.national_id)
        )
        if members:
            ids = tuple(one.national_id for one in members)
            known.update({uid: (ids[0], ids) for uid in group if uid in minted})
    return known


# -- what is shown of a group -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """One record of a group with the fields of its public body."""

    uid: str
    rev: int
    fields: Mapping[str, Any]

    @property
    def said(self) -> int:
        """How many fields say something."""
        return sum(value not in (None, "", [], {}) for value in self.fields.values())


@dataclass(frozen=True, slots=True)
class Shown:
    """The value of a field, and the record from which it is."""

    value: Any
    uid: str


def view(members: Iterable[Member]) -> dict[str, Shown]:
    """One value a field: from the record revised most often, then from the one that says most, then by its name.

    Nothing is written into a record, so a group that is dissolved leaves every record as its home has it.
    """
    order = sorted(members, key=lambda one: (-one.rev, -one.said, one.uid))
    names = sorted({name for one in order for name in one.fields})
    chosen: dict[str, Shown] = {}
    for name in names:
        found = next((one for one in order if one.fields.get(name) not in (None, "", [], {})), None)
        if found is not None:
            chosen[name] = Shown(found.fields[name], found.uid)
    return chosen


# -- what the homes answer --------------------------------------------------------------------------------------------


class Answer(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    CONTEST = "contest"


class Ruling(StrEnum):
    LINK = "link"
    PART = "part"
    WAIT = "wait"
    REVIEW = "review"
    """For a reviewer of the national exchange."""


def ruling(answers: Mapping[str, Answer], homes: Sequence[str], *, asked_at: float, now: float) -> Ruling:
    """What follows from what the homes of both records have answered so far; times are in seconds.

    One no parts them; two yeses link them; a contest, or silence of `SILENCE`, calls a reviewer.
    """
    said = [answers.get(home) for home in homes]
    if Answer.REJECT in said:
        return Ruling.PART
    if Answer.CONTEST in said:
        return Ruling.REVIEW
    if all(one is Answer.ACCEPT for one in said):
        return Ruling.LINK
    return Ruling.REVIEW if now - asked_at >= SILENCE else Ruling.WAIT
