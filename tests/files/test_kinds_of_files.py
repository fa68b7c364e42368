"""What is no file of listings is refused with its reason; what is damaged gives its good rows first."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from marketplace.files.file_row import FileRow, UnreadableFile
from marketplace.files.json_lines import json_lines
from marketplace.files.lines import HEAD, Lines
from marketplace.files.reading import LARGEST_FILE, opened
from marketplace.files.tables import csv_table
from tests.files.conftest import Reading

CSV = "id;title\n1;Máy sấy lúa\n"


def refused(read: Reading, name: str, content: bytes | str) -> tuple[str, dict[str, str]]:
    with pytest.raises(UnreadableFile) as refusal:
        read(name, content)
    return refusal.value.problem.code, dict(refusal.value.problem.params)


@pytest.mark.parametrize(
    "name", ["offers.xls", "offers.pdf", "offers", "offers.gz", "offers.xlsx.gz", ".csv"]
)
def test_a_type_nobody_reads_is_refused_by_its_name(read: Reading, name: str) -> None:
    assert refused(read, name, CSV) == ("file.type", {"value": name})


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04rest", "xlsx"),
        (b"%PDF-1.7", "pdf"),
        (b"\xd0\xcf\x11\xe0", "xls"),
        (gzip.compress(b"x", mtime=0), "gz"),  # the day would differ between two test processes
    ],
)
def test_a_renamed_file_is_told_for_what_it_is(read: Reading, content: bytes, kind: str) -> None:
    assert refused(read, "offers.csv", content) == ("file.disguised", {"kind": kind})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["offers.csv", "offers.jsonl"])
def test_utf_16_is_named(read: Reading, name: str, encoding: str) -> None:
    assert refused(read, name, CSV.encode(encoding)) == ("file.encoding", {"encoding": "UTF-16"})


@pytest.mark.parametrize("name", ["offers.csv", "offers.jsonl", "offers.csv.gz"])
def test_windows_1258_is_named(read: Reading, name: str) -> None:
    # The encoding has no «ấ»: a letter with its circumflex, and the tone as a letter of its own.
    content = "id;title\n1;Ma\u0301y s\u00e2\u0301y l\u00fa\u0061\n".encode("cp1258")
    content = gzip.compress(content) if name.endswith(".gz") else content
    assert refused(read, name, content) == ("file.encoding", {"encoding": "Windows-1258"})


def test_a_letter_cut_by_the_end_of_the_first_look_is_no_mistake(read: Reading) -> None:
    title = "ấ" * HEAD
    assert [row.problem for row in read("offers.csv", f"id,title\n1,{title}\n")] == [None]


def test_one_line_that_is_no_utf_8_stops_nothing(read: Reading) -> None:
    good = "".join(f"{n},Máy sấy\n" for n in range(2_000))
    rows = read("offers.csv", f"id,title\n{good}".encode() + b"x,M\xe1y\n" + b"y,last\n")
    assert [row.problem.code for row in rows if row.problem] == ["row.encoding"]
    assert rows[-1].values == {"id": "y", "title": "last"}


@pytest.mark.parametrize("name", ["offers.jsonl.gz", "offers.csv.gz"])
def test_a_packed_file_cut_short_gives_its_good_rows_first(tmp_path: Path, name: str) -> None:
    line = '{"id": "%s"}\n' if "jsonl" in name else "%s,title\n"
    head = "" if "jsonl" in name else "id,title\n"
    whole = gzip.compress((head + "".join(line % n for n in range(5_000))).encode())
    path = tmp_path / name
    path.write_bytes(whole[: len(whole) - 200])
    taken: list[FileRow] = []
    with opened(path) as file, pytest.raises(UnreadableFile) as refusal:
        taken.extend(file.rows)
    assert refusal.value.problem.code == "file.damaged"
    with opened(path) as file:
        rows = iter(file.rows)
        assert [next(rows).problem for _ in range(1_000)] == [None] * 1_000


def test_what_is_no_gzip_at_all_is_damaged(read: Reading) -> None:
    assert refused(read, "offers.jsonl.gz", b'{"id": 1}')[0] == "file.damaged"


def test_a_file_beyond_two_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "offers.jsonl"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)  # A hole: it takes no room on the disk.
    with pytest.raises(UnreadableFile) as refusal, opened(path):
        pass
    assert refusal.value.problem.params == {"limit": "2 GB"}


class Endless(io.RawIOBase):
    """So many bytes of one block again and again: a file of any size that is written nowhere."""

    def __init__(self, block: bytes, size: int) -> None:
        self._block, self._left = block, size // len(block)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._left:
            return 0
        count = min(len(buffer) // len(self._block), self._left)
        buffer[: count * len(self._block)] = self._block * count
        self._left -= count
        return count * len(self._block)


def peak(read: Callable[[io.BufferedReader], object], block: bytes, size: int) -> int:
    """The most memory that reading so many bytes took, in megabytes."""
    tracemalloc.start()
    try:
        read(io.BufferedReader(Endless(block, size), 64 * len(block)))
        return tracemalloc.get_traced_memory()[1] // 1_000_000
    finally:
        tracemalloc.stop()


def through_json(content: io.BufferedReader) -> None:
    for _ in json_lines(content):
        pass


def through_csv(content: io.BufferedReader) -> None:
    for _ in csv_table(content):
        pass


@pytest.mark.parametrize(
    ("reader", "block"),
    [
        (through_json, b'{"id": "1", "title": "%s"}\n' % (b"x" * 1_300)),
        (through_csv, b"id,title,%s\n" % (b"x" * 1_300)),
        (through_json, b"a line without an end " * 60),
        (through_csv, b"id,title\n" + b"x" * 1_300),
    ],
    ids=["json rows", "csv rows", "one endless line", "one endless cell"],
)
def test_memory_stays_flat_whatever_the_length(
    reader: Callable[[io.BufferedReader], object], block: bytes
) -> None:
    assert peak(reader, block, 20_000_000) < 8


def test_a_small_packed_file_cannot_be_read_for_ever() -> None:
    bomb = gzip.compress(b'{"id": "1"}\n' * 400_000)
    assert len(bomb) < 20_000
    with pytest.raises(UnreadableFile) as refusal:
        list(Lines(gzip.GzipFile(fileobj=io.BytesIO(bomb)), most=3_000_000))
    assert refusal.value.problem.code == "file.too_large"
