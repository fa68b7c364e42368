"""The proof that two sides hold the same: digests over buckets of records, the differences, and what each one means.

A record falls into the bucket that the first bytes of SHA-256 of its id name. The digest of a bucket is SHA-256 over
its lines `id US revision US hash LF`, in order of their bytes. Not XOR of hashes: equal lines would cancel, and it can
be forged. The sender compares what it believes to be there (what was acknowledged, tombstones too) with what is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, Self

from exchange.items import HASH, UID
from exchange.reading import Members

WIDTHS = (0, 2, 4)
"""Hexadecimal digits of a bucket's name at level 0 (the root), 1 and 2."""
LISTED = 500
"""A bucket with so many records or fewer is not divided further: its lines are compared one by one."""


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One record as it is compared. `rev` and `hash` are those of its tombstone when it is gone."""

    uid: str
    rev: int
    hash: str

    @property
    def written(self) -> bytes:
        return f"{self.uid}\x1f{self.rev}\x1f{self.hash}\n".encode()

    @property
    def place(self) -> str:
        """The name of its bucket at level 2."""
        return bucket(self.uid)

    @classmethod
    def read(cls, members: Members) -> Self:
        return cls(members.text("id", UID), members.whole("rev", least=1), members.text("hash", HASH))

    def as_record(self) -> dict[str, Any]:
        return {"id": self.uid, "rev": self.rev, "hash": self.hash}


def bucket(uid: str) -> str:
    return hashlib.sha256(uid.encode()).hexdigest()[: WIDTHS[-1]]


@dataclass(frozen=True, slots=True)
class Summary:
    """How many records are in a bucket, and the digest of their lines."""

    count: int
    digest: str


EMPTY = Summary(0, f"sha-256:{hashlib.sha256().hexdigest()}")


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class Summing:
    """Sums up lines that come in order of their ids, at all levels at once, in memory that does not grow with them."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._last = ""
        self._counts: dict[str, int] = {}
        self._hashes: dict[str, _Hash] = {}

    def add(self, line: Line) -> None:
        """Raises ValueError when a line comes out of order: its digest would be another than the peer's."""
        if line.uid <= self._last:
            raise ValueError(f"{line.uid} comes after {self._last}")
        self._last = line.uid
        place = bucket(line.uid)[: self._width]
        if place not in self._hashes:
            self._hashes[place], self._counts[place] = hashlib.sha256(), 0
        self._hashes[place].update(line.written)
        self._counts[place] += 1

    def summaries(self) -> dict[str, Summary]:
        return {
            place: Summary(self._counts[place], f"sha-256:{done.hexdigest()}")
            for place, done in self._hashes.items()
        }


def summarise(lines: Iterable[Line], *, level: int) -> dict[str, Summary]:
    """The buckets of these lines, which must come in order of their ids as code points. Empty buckets are left out."""
    summing = Summing(WIDTHS[level])
    for line in lines:
        summing.add(line)
    return summing.summaries()


def root(lines: Iterable[Line]) -> Summary:
    return summarise(lines, level=0).get("", EMPTY)


def differing(mine: Mapping[str, Summary], theirs: Mapping[str, Summary]) -> tuple[str, ...]:
    """The buckets that are not equal, those of one side only among them."""
    return tuple(sorted(place for place in {*mine, *theirs} if mine.get(place) != theirs.get(place)))


class Outcome(StrEnum):
    MISSING = "missing"
    """Not there, or there in an older revision: send it again."""
    EXTRA = "extra"
    """There, though this side has taken it away or never had it: see `settle`."""
    REWOUND = "rewound"
    """There in a later revision than this side has ever written: this side was restored."""
    REV_FORK = "rev_fork"
    """There in the same revision with other content: nobody may choose."""


@dataclass(frozen=True, slots=True)
class Difference:
    outcome: Outcome
    mine: Line | None
    theirs: Line | None

    @property
    def uid(self) -> str:
        line = self.mine or self.theirs
        assert line is not None
        return line.uid


def differences(mine: Iterable[Line], theirs: Iterable[Line]) -> tuple[Difference, ...]:
    """What differs, by id. `mine` is what the sender believes to be there, `theirs` what is there."""
    here, there = ({line.uid: line for line in lines} for lines in (mine, theirs))
    return tuple(
        Difference(_outcome(here.get(uid), there.get(uid)), here.get(uid), there.get(uid))
        for uid in sorted({*here, *there})
        if here.get(uid) != there.get(uid)
    )


def _outcome(mine: Line | None, theirs: Line | None) -> Outcome:
    if theirs is None:
        return Outcome.MISSING
    if mine is None:
        return Outcome.EXTRA
    if theirs.rev == mine.rev:
        return Outcome.REV_FORK
    return Outcome.REWOUND if theirs.rev > mine.rev else Outcome.MISSING


class Choice(StrEnum):
    """What an operator chooses for a side that was restored."""

    ADOPT = "adopt"
    """Take lost revisions back from the peer, whose replica is a byte-exact copy."""
    OVERRIDE = "override"
    """What is here counts, whatever was lost."""


class Repair(StrEnum):
    RESEND = "resend"
    TAKE_BACK = "take_back"
    """Write the peer's revision here, as it is."""
    RAISE = "raise"
    """Publish what is here under the peer's revision and one more."""
    TOMBSTONE = "tombstone"
    """Publish that it is gone, under the peer's revision and one more."""


def settle(difference: Difference, choice: Choice, *, edited: bool, erased: bool) -> Repair:
    """How one difference is repaired after the operator of a restored side has chosen.

    `edited`: people have changed the record here since the restore, which neither choice may lose. `erased`: the
    record was erased there, which is final whatever is chosen.
    """
    mine, theirs = difference.mine, difference.theirs
    if erased:
        return Repair.TAKE_BACK
    if theirs is None or (mine is not None and theirs.rev < mine.rev):
        return Repair.RESEND
    if mine is None:
        return Repair.TAKE_BACK if choice is Choice.ADOPT else Repair.TOMBSTONE
    if choice is Choice.ADOPT and not edited:
        return Repair.TAKE_BACK
    return Repair.RAISE
