"""A snapshot of a feed: every record a reader may see, as it stands at one place, a line each, packed with gzip.

The first line says whose feed it is and where it was taken; whoever has read all of it goes on with the changes after
that place. It is written and read a piece at a time: neither side ever holds more than one line.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Self

from exchange.envelope import EPOCH, PROTOCOL, written
from exchange.items import KIND, LOCAL_KINDS, NATIONAL_KINDS, NODE, Item, Unreadable, read_item
from exchange.problems import Refused
from exchange.reading import GZIP, Members, read_json
from exchange.sessions import Cursor
from exchange.signing import digest_header

MEDIA_TYPE = "application/x-ndjson"
LONGEST_LINE = 512 * 1024
"""Bytes: the largest record has 256 KiB, its envelope some hundreds."""
PIECE = 64 * 1024
"""Bytes taken from the packed file, and unpacked, at once."""


class Digested:
    """A file that is written to, and the digest and size of what was written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._sum = file, hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._sum.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    @property
    def digest(self) -> str:
        """As `Content-Digest` has it."""
        return digest_header(self._sum.digest())


@dataclass(frozen=True, slots=True)
class Head:
    """The first line. `kinds` are those that were asked for, none for all."""

    node: str
    epoch: str
    head_seq: int
    kinds: tuple[str, ...] = ()

    @property
    def cursor(self) -> Cursor:
        """From where the changes go on."""
        return Cursor(self.epoch, self.head_seq)

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Raises `Refused`: `malformed`, `protocol_unsupported`."""
        said = Members(read_json(text))
        if said.text("protocol") != PROTOCOL:
            raise Refused("protocol_unsupported", f"spoken here: {PROTOCOL}", supported=[PROTOCOL])
        return cls(
            said.text("node", NODE), said.text("epoch", EPOCH), said.whole("head_seq"),
            said.texts("kinds", most=50, longest=40) if said.has("kinds") else (),
        )  # fmt: skip

    def as_record(self) -> dict[str, Any]:
        return {
            "protocol": PROTOCOL, "node": self.node, "epoch": self.epoch, "head_seq": self.head_seq,
            "kinds": list(self.kinds),
        }  # fmt: skip


def kinds_of(text: str) -> tuple[str, ...]:
    """The kinds named in a question, separated by commas; none means all. Raises `Refused` (`malformed`)."""
    kinds = tuple(text.split(",")) if text else ()
    for kind in kinds:
        if KIND.fullmatch(kind) is None or kind not in LOCAL_KINDS | NATIONAL_KINDS:
            raise Refused("malformed", f"kinds: {kind[:40]!r} is no kind of record", path="/kinds")
    return kinds


def write_snapshot(into: Digested, head: Head, items: Iterable[Item]) -> None:
    """The packed lines. The same records at the same place are the same bytes."""
    with gzip.GzipFile(fileobj=into, mode="wb", compresslevel=1, mtime=0) as packed:
        packed.write(written(head.as_record()) + b"\n")
        for item in items:
            packed.write(written(item.as_record()) + b"\n")


@dataclass(frozen=True, slots=True)
class Line:
    """A record and the number of its line, for whoever has to look for it; the head is line 1."""

    number: int
    item: Item | Unreadable


def read_snapshot(file: BinaryIO) -> tuple[Head, Iterator[Line]]:
    """The head, and the records one after the other as they are asked for.

    Both raise `Refused` with the number of the line: `malformed` for what is no gzip, ends too early, is no JSON or
    does not go up in the order of the feed; `too_large` for a line that is too long. A record whose envelope cannot
    be read is `Unreadable` and stops nothing.
    """
    lines = _lines(file)
    _, first = next(lines)
    with _named(1):
        head = Head.read(first)
    return head, _records(lines, head)


def _records(lines: Iterator[tuple[int, bytes]], head: Head) -> Iterator[Line]:
    last = 0
    for number, text in lines:
        with _named(number):
            item = read_item(read_json(text))
            if isinstance(item, Item):
                _refuse_place(item, last, head)
                last = item.seq
            elif number - 1 > head.head_seq:
                # Each record has a place, so what is more than these is only there to keep us busy.
                raise Refused("malformed", f"more records than places up to {head.head_seq}")
        yield Line(number, item)


def _refuse_place(item: Item, last: int, head: Head) -> None:
    if not last < item.seq <= head.head_seq:
        raise Refused("malformed", f"/seq: must go up from {last} to {head.head_seq}", path="/seq")


class _named:  # noqa: N801 - reads as a phrase where it is used
    """What is refused inside says in which line."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Refused):
            problem = error.problem
            more = {**problem.more, "line": self._number}
            raise Refused(problem.code, f"line {self._number}: {problem.detail}", **more) from None


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each line with its number, without its end. There is at least one, and the last has its end like any other."""
    rest, number = b"", 0
    for piece in _unpacked(file):
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            number += 1
            yield number, line
        if len(rest) > LONGEST_LINE:
            raise Refused(
                "too_large", f"line {number + 1}: more than {LONGEST_LINE} bytes", max_bytes=LONGEST_LINE
            )
    if rest or not number:
        raise Refused("malformed", f"line {number + 1}: ends too early")


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    """At most `PIECE` bytes at a time, whatever they were packed to. Raises `Refused` (`malformed`)."""
    member = zlib.decompressobj(GZIP)
    while not member.eof:
        packed = member.unconsumed_tail or file.read(PIECE)
        try:
            piece = member.decompress(packed, PIECE)
        except zlib.error as error:
            raise Refused("malformed", f"not gzip: {error}") from None
        if not packed and not piece:
            raise Refused("malformed", "the snapshot ends too early")
        yield piece
    if member.unused_data or file.read(1):
        raise Refused("malformed", "something follows the end of the snapshot")
