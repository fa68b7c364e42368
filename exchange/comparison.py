"""What two sides say to each other when they compare: buckets first, then the lines of those that differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from exchange.envelope import EPOCH, written
from exchange.items import HASH
from exchange.problems import Refused
from exchange.reading import Members, read_json
from exchange.reconcile import EMPTY, WIDTHS, Line, Summary, bucket, differing, summarise


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the sender asks: its buckets of a level below `prefix`, or, with `lines`, all its records below it.

    `at_seq` is the border between two batches at which both sides look.
    """

    epoch: str
    at_seq: int
    level: int
    prefix: str = ""
    buckets: Mapping[str, Summary] = field(default_factory=dict)
    lines: tuple[Line, ...] | None = None

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Raises `Refused` with code `malformed`."""
        said = Members(read_json(text))
        level = said.whole("level", most=2)
        prefix = said.optional("prefix", most=4)
        buckets = said.inside("buckets") if said.has("buckets") else None
        found = {} if buckets is None else dict(_bucket(buckets, name) for name, _ in buckets.items())
        _check_prefix(prefix, found, level)
        lines = said.array("lines", most=100_000) if said.has("lines") else None
        return cls(
            said.text("epoch", EPOCH), said.whole("at_seq"), level, prefix, found,
            None if lines is None else tuple(Line.read(Members(line)) for line in lines),
        )  # fmt: skip

    def written(self) -> bytes:
        record: dict[str, Any] = {
            "epoch": self.epoch, "at_seq": self.at_seq, "level": self.level, "prefix": self.prefix,
            "buckets": {
                place: {"count": one.count, "digest": one.digest} for place, one in self.buckets.items()
            },
        }  # fmt: skip
        if self.lines is not None:
            record["lines"] = [line.as_record() for line in self.lines]
        return written(record)


def _bucket(members: Members, name: str) -> tuple[str, Summary]:
    inside = members.inside(name)
    return name, Summary(inside.whole("count", least=1), inside.text("digest", HASH))


def _check_prefix(prefix: str, buckets: Mapping[str, Summary], level: int) -> None:
    names = (prefix, *buckets)
    if any(set(name) - set("0123456789abcdef") for name in names) or len(prefix) not in WIDTHS:
        raise Refused("malformed", "/prefix: 0, 2 or 4 hexadecimal digits", path="/prefix")
    if any(len(name) != WIDTHS[level] or not name.startswith(prefix) for name in buckets):
        raise Refused("malformed", "/buckets: names of the level, below the prefix", path="/buckets")


@dataclass(frozen=True, slots=True)
class Compared:
    """The answer: buckets that differ, buckets of the receiver that the sender has not, or the receiver's lines.

    To level 0 the receiver also says its own root, for people to read.
    """

    differ: tuple[str, ...] = ()
    only_missing: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    root: Summary | None = None

    @property
    def equal(self) -> bool:
        return not (self.differ or self.only_missing)

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Raises `Refused` with code `malformed`."""
        said = Members(read_json(text))
        return cls(
            said.texts("differ", most=100_000, longest=4),
            said.texts("only_missing", most=100_000, longest=4),
            tuple(Line.read(Members(line)) for line in said.array("lines", most=100_000)),
            Summary(said.whole("count"), said.text("digest", HASH)) if said.has("count") else None,
        )

    def written(self) -> bytes:
        record: dict[str, Any] = {
            "differ": list(self.differ), "only_missing": list(self.only_missing),
            "lines": [line.as_record() for line in self.lines],
        }  # fmt: skip
        if self.root is not None:
            record |= {"count": self.root.count, "digest": self.root.digest}
        return written(record)


def compare(asked: Comparison, theirs: Sequence[Line]) -> Compared:
    """The receiver's answer; `theirs` are its lines of the sender's records below the prefix, in order."""
    if asked.lines is not None:
        return Compared(lines=tuple(theirs))
    found = summarise(theirs, level=asked.level)
    places = differing(asked.buckets, found)
    return Compared(
        tuple(place for place in places if place in asked.buckets),
        tuple(place for place in places if place not in asked.buckets),
        root=None if asked.level else found.get("", EMPTY),
    )


def below(lines: Iterable[Line], prefix: str) -> tuple[Line, ...]:
    return tuple(line for line in lines if bucket(line.uid).startswith(prefix))
