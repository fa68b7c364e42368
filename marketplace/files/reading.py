"""Files of listings as a stream of rows: CSV, workbooks and JSON Lines.

A row that cannot be read is handed on as its problem, so that one bad row stops nothing. Only what is wrong with the
file as a whole (its type, its encoding, a missing header) raises `UnreadableFile`.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from marketplace.deferred import loaded
from marketplace.files.file_row import FileRow, UnreadableFile
from marketplace.files.lines import Content

LARGEST_FILE = 2 * 1024**3

READERS = {
    ".jsonl": "json_lines:json_lines",
    ".ndjson": "json_lines:json_lines",
    ".csv": "tables:csv_table",
    ".xlsx": "workbooks:workbook",
}
"""Ending of the file's name -> "module:function" that reads it; only the one that is needed is ever imported."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file being read. `position()` of `size` bytes have been taken, for a progress bar."""

    rows: Iterator[FileRow]
    size: int
    source: IO[bytes]

    def position(self) -> int:
        return self.source.tell()


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open a file by its name's ending, each but the workbook also with .gz. Raises `UnreadableFile`."""
    kind, packed = _ending(path)
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise UnreadableFile("file.too_large", limit="2 GB")
    with path.open("rb") as source:
        content = gzip.GzipFile(fileobj=source) if packed else source
        yield Opened(_guarded(_reader(kind)(content)), size, source)


def _ending(path: Path) -> tuple[str, bool]:
    """The ending that says how to read the file, and whether the file is packed."""
    endings = [ending.lower() for ending in path.suffixes]
    packed = endings[-1:] == [".gz"]
    kind = "".join(endings[:-1][-1:] if packed else endings[-1:])
    if kind not in READERS or (packed and kind == ".xlsx"):
        raise UnreadableFile("file.type", value=path.name)
    return kind, packed


def _reader(kind: str) -> Callable[[Content], Iterator[FileRow]]:
    reader: Callable[[Content], Iterator[FileRow]] = loaded(f"marketplace.files.{READERS[kind]}")
    return reader


def _guarded(rows: Iterator[FileRow]) -> Iterator[FileRow]:
    """A packed file that was cut short ends with a sentence, after its good rows."""
    try:
        yield from rows
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise UnreadableFile("file.damaged") from None
