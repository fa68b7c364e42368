"""A snapshot of a feed: what is written is read again, and nothing that is sent in its place makes the reader large."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.envelope import written
from exchange.items import Item, Unreadable
from exchange.problems import Refused
from exchange.signing import content_digest
from exchange.snapshots import (
    LONGEST_LINE,
    PIECE,
    Digested,
    Head,
    Line,
    kinds_of,
    read_snapshot,
    write_snapshot,
)
from tests.exchange.making import item

HEAD = Head("cantho", "e1", 40, ("offer",))
FIRST = written(HEAD.as_record()) + b"\n"
zipped = partial(gzip.compress, mtime=0)
"""Without the time of making, which would be in the names of tests."""


def packed(*items: Item, head: Head = HEAD) -> bytes:
    file = io.BytesIO()
    into = Digested(file)
    write_snapshot(into, head, items)
    assert (into.size, into.digest) == (len(file.getvalue()), content_digest(file.getvalue()))
    return file.getvalue()


def lines_of(raw: bytes) -> tuple[Head, list[Line]]:
    head, lines = read_snapshot(io.BytesIO(raw))
    return head, list(lines)


def refusal(raw: bytes) -> Refused:
    with pytest.raises(Refused) as refused:
        lines_of(raw)
    return refused.value


@given(st.lists(st.integers(1, 60), unique=True, max_size=12).map(sorted), st.integers(0, 200))
def test_what_is_written_is_read_again_with_its_lines(places: list[int], filling: int) -> None:
    items = [item(seq, seq=seq, body={"title": "đ" * filling * seq}) for seq in places]
    head, lines = lines_of(packed(*items, head=Head("cantho", "e1", 60)))
    assert head.cursor.seq == 60
    assert [(line.number, line.item) for line in lines] == list(enumerate(items, start=2))


def test_the_same_records_are_the_same_bytes() -> None:
    assert packed(item(1, seq=3)) == packed(item(1, seq=3))


@given(st.integers(0, 10_000))
def test_a_snapshot_that_was_cut_is_never_taken_for_a_whole_one(cut: int) -> None:
    raw = packed(*(item(number, seq=number) for number in range(1, 30)))
    assert refusal(raw[: cut % len(raw)]).problem.code == "malformed"


def test_records_before_the_cut_have_been_given_and_what_is_missing_is_named() -> None:
    text = FIRST + written(item(1, seq=1).as_record()) + b"\n" + b'{"id":"can'
    _, lines = read_snapshot(io.BytesIO(zipped(text)))
    assert next(lines).number == 2
    with pytest.raises(Refused, match="line 3: ends too early"):
        next(lines)


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        (b"{", "malformed", "line 3: not JSON"),
        (b"", "malformed", "line 3: not JSON"),
        (b'{"id":1,"id":2}', "malformed", "line 3: .*stands twice"),
        (b"[" * 100, "malformed", "line 3"),
        (written(item(2, seq=1).as_record()), "malformed", "line 3: /seq: must go up from 1"),
        (written(item(2, seq=41).as_record()), "malformed", "line 3: /seq: .* to 40"),
        (b'"' + b"a" * LONGEST_LINE + b'"' + b"a" * PIECE, "too_large", "line 3: more than"),
    ],
)
def test_a_bad_line_is_named(line: bytes, code: str, says: str) -> None:
    refused = refusal(zipped(FIRST + written(item(1, seq=1).as_record()) + b"\n" + line + b"\n"))
    assert refused.problem.code == code
    with pytest.raises(Refused, match=says):
        raise refused


def test_a_record_whose_envelope_is_wrong_stops_no_other() -> None:
    good = written(item(2, seq=2).as_record())
    _, lines = lines_of(zipped(FIRST + b'{"id":"no uid"}\n' + good + b"\n"))
    assert isinstance(lines[0].item, Unreadable)
    assert (lines[1].number, lines[1].item) == (3, item(2, seq=2))


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "ends too early"),
        (b"no gzip at all", "not gzip"),
        (zipped(b""), "line 1: ends too early"),
        (zipped(b'{"protocol":"xsync/2"}\n'), "line 1: spoken here: xsync/1"),
        (zipped(b'{"protocol":"xsync/1","node":"cantho"}\n'), "line 1: /epoch"),
        (zipped(FIRST) + zipped(FIRST), "something follows the end"),
        (zipped(zipped(FIRST)), "line 1"),
    ],
)
def test_what_is_no_snapshot_is_refused(raw: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        raise refusal(raw)


class _Repeated:
    """A packed file that nobody has to hold: `made` gives its pieces."""

    def __init__(self, made: Callable[[], bytes], pieces: int) -> None:
        self._made, self._left = made, pieces

    def read(self, _: int) -> bytes:
        self._left -= 1
        return self._made() if self._left >= 0 else b""


@pytest.mark.parametrize("text", [b"0" * 1_000_000, b"\n" * 1_000_000, b"{}\n" * 300_000])
def test_i16_a_bomb_is_refused_while_it_is_still_small(text: bytes) -> None:
    """Two gigabytes of one letter, of empty lines, of records without a place."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = _Repeated(lambda: packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH), 2_000)
    first = packer.compress(FIRST) + packer.flush(zlib.Z_SYNC_FLUSH)
    pieces = iter([first])
    file = _Repeated(lambda: next(pieces, b"") or bomb.read(0), 2_001)
    tracemalloc.start()
    try:
        _, lines = read_snapshot(cast(BinaryIO, file))
        with pytest.raises(Refused):
            for _ in lines:
                pass
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert file._left > 1_900


def test_i16_a_reader_holds_one_line_of_a_long_snapshot() -> None:
    raw = packed(
        *(item(n, seq=n, body={"title": f"{n}" * 2_000}) for n in range(1, 3_000)),
        head=Head("cantho", "e1", 3_000),
    )
    tracemalloc.start()
    try:
        _, lines = read_snapshot(io.BytesIO(raw))
        assert sum(1 for _ in lines) == 2_999
        assert tracemalloc.get_traced_memory()[1] < 2 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_kinds_are_those_of_the_protocol() -> None:
    assert kinds_of("") == ()
    assert kinds_of("offer,cluster") == ("offer", "cluster")


@pytest.mark.parametrize("asked", ["offer,", ",", "Offer", "offers", "offer cluster", "x" * 10_000])
def test_other_kinds_are_refused(asked: str) -> None:
    with pytest.raises(Refused, match="is no kind of record"):
        kinds_of(asked)
