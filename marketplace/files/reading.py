"""CSV, XLSX and JSON Lines as a stream of rows. Memory stays flat whatever the length of the file.

A row that cannot be read is handed on as its problem, so that one bad row stops nothing. Only what is wrong with the
file as a whole (its type, its encoding, a missing header) raises `UnreadableFile`.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from marketplace.errors import GiaoError
from vocabulary.problems import Problem

LONGEST_ROW = 1_000_000
"""Characters of one row. A longer one is no listing."""
LARGEST_FILE = 2 * 1024**3
LARGEST_WORKBOOK = 200 * 1024**2
"""Bytes a workbook may unpack to: it is not read as a stream of bytes, and a small one can hide gigabytes."""
FORMULA = ("=", "+", "-", "@", "\t")
ID_COLUMN = "id"


class UnreadableFile(GiaoError):
    """The file as a whole cannot be read. `code` is a message `problem.<code>`."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__("file_unreadable")
        self.problem = Problem("", code, params)


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row: what it says, or why it cannot be read. `number` counts from 1, the header of a table included."""

    number: int
    values: Mapping[str, Any] | None
    problem: Problem | None = None


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
    """Open a file by its name's ending: .csv, .xlsx, .jsonl, .ndjson, each but the workbook also with .gz."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    packed = suffixes[-1:] == [".gz"]
    kind = suffixes[-2] if packed and len(suffixes) > 1 else suffixes[-1] if suffixes else ""
    if kind not in READERS or (packed and kind == ".xlsx"):
        raise UnreadableFile("file.type", value=path.name)
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise UnreadableFile("file.too_large", limit="2 GB")
    with path.open("rb") as source:
        content = gzip.open(source) if packed else source  # noqa: SIM115 - closed with its source
        yield Opened(_guarded(READERS[kind](content)), size, source)


def _guarded(rows: Iterator[FileRow]) -> Iterator[FileRow]:
    """A file that is cut short ends with a sentence, after its good rows."""
    try:
        yield from rows
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, InvalidFileException, KeyError):
        raise UnreadableFile("file.damaged") from None


# -- JSON Lines --------------------------------------------------------------------------------------------------------


def _json_lines(content: IO[bytes]) -> Iterator[FileRow]:
    for number, line in enumerate(_lines(content), start=1):
        if line is None:
            yield FileRow(number, None, Problem("", "row.too_long", {"limit": str(LONGEST_ROW)}))
        elif line.strip():
            yield _json_row(number, line)


def _lines(content: IO[bytes]) -> Iterator[str | None]:
    """Lines as text; None for one that is too long, which is skipped without being held in memory."""
    first = True
    while line := content.readline(LONGEST_ROW * 4):
        if first:
            _refuse_other_encodings(line)
            first = False
        whole = line.endswith(b"\n") or len(line) < LONGEST_ROW * 4
        while not whole:
            rest = content.readline(LONGEST_ROW * 4)
            whole = rest.endswith(b"\n") or not rest
            line = b""
        yield _decoded(line) if line else None


def _json_row(number: int, line: str) -> FileRow:
    try:
        values = json.loads(line, parse_constant=_no_constant, object_pairs_hook=_no_doubles)
    except (ValueError, RecursionError) as error:
        reason = error.args[0] if error.args else "too deep"
        return FileRow(number, None, Problem("", "json.malformed", {"reason": str(reason)[:200]}))
    if not isinstance(values, dict):
        return FileRow(number, None, Problem("", "json.not_object"))
    return FileRow(number, values)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return values


# -- tables ------------------------------------------------------------------------------------------------------------


def _csv(content: IO[bytes]) -> Iterator[FileRow]:
    head = content.read(64 * 1024)
    _refuse_other_encodings(head)
    sample = _decoded(head[: head.rfind(b"\n") + 1] or head)
    separator = max(",;\t", key=sample.partition("\n")[0].count)
    text = io.TextIOWrapper(_Joined(head, content), encoding="utf-8-sig", newline="", errors="strict")
    try:
        yield from _table(csv.reader(text, delimiter=separator, strict=True))
    except UnicodeDecodeError:
        raise UnreadableFile("file.encoding", encoding="Windows-1258") from None
    except csv.Error as error:
        raise UnreadableFile("file.csv", reason=str(error)) from None


def _xlsx(content: IO[bytes]) -> Iterator[FileRow]:
    with zipfile.ZipFile(content) as packed:
        if sum(part.file_size for part in packed.infolist()) > LARGEST_WORKBOOK:
            raise UnreadableFile("file.too_large", limit="200 MB")
    content.seek(0)
    book = load_workbook(content, read_only=True, data_only=False)
    sheet = book.worksheets[0]
    yield from _table([_cell(value) for value in row] for row in sheet.iter_rows(values_only=True))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.date().isoformat() if hasattr(value, "date") else str(value)


def _table(rows: Iterator[list[str]]) -> Iterator[FileRow]:
    """Rows under a header. A cell that begins like a formula is refused: it may run in the next reader's program."""
    header = [name.strip().lower() for name in next(rows, [])]
    for wanted in (ID_COLUMN, "title"):
        if wanted not in header:
            raise UnreadableFile("file.no_header", column=wanted)
    for number, cells in enumerate(rows, start=2):
        if any(cell.strip() for cell in cells):
            yield _table_row(number, header, cells)


def _table_row(number: int, header: list[str], cells: list[str]) -> FileRow:
    if len(cells) > len(header) and any(cells[len(header) :]):
        return FileRow(number, None, Problem("", "row.columns", {"count": str(len(cells)), "wanted": str(len(header))}))
    values = dict(zip(header, cells, strict=False))
    for name, cell in values.items():
        if cell.startswith(FORMULA) and not _harmless(cell):
            return FileRow(number, values, Problem(name, "value.formula", {"value": cell[:40]}))
    return FileRow(number, values)


def _harmless(cell: str) -> bool:
    """A negative number, a phone number and a list with dashes are no formulas."""
    rest = cell[1:].replace(" ", "").replace(".", "").replace(",", "")
    return cell[0] in "+-" and (rest.isdigit() or cell[1:2] == " ")


# -- encodings ---------------------------------------------------------------------------------------------------------


def _refuse_other_encodings(head: bytes) -> None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head[:200]:
        raise UnreadableFile("file.encoding", encoding="UTF-16")


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile("file.encoding", encoding="Windows-1258") from None


class _Joined(io.RawIOBase):
    """The bytes that were looked at, then the rest of the file."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(piece) :] if self._head else b""
        buffer[: len(piece)] = piece
        return len(piece)


READERS = {".jsonl": _json_lines, ".ndjson": _json_lines, ".csv": _csv, ".xlsx": _xlsx}
"""Ending of the file's name -> how it is read."""
