"""CSV files and workbooks: rows under a header."""

from __future__ import annotations

import csv
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from openpyxl import load_workbook

from marketplace.files.file_row import FileRow, UnreadableFile
from marketplace.files.lines import HEAD, Content, Lines
from marketplace.files.writing import DANGEROUS
from vocabulary.problems import Problem

SEPARATORS = b",;\t"
"""A spreadsheet in Vietnamese or German writes semicolons, since the comma stands in its numbers."""
LARGEST_WORKBOOK = 100 * 1024**2
"""Bytes a workbook may unpack to: its texts stand together and must be held, and a small one can hide gigabytes."""
MOST_ROWS = 1_048_576
"""Rows a worksheet can have. A damaged one may claim more, which would all be made up."""
ID_COLUMN = "id"
TEXT_COLUMNS = ("title", "text", "description", "summary")

Cells = list[str]

_FORMULA = re.compile(r"\s*(?:=|[+\-@]\S*[A-Za-z]\S*[(|])")
"""«=A1», «+SUM(A1)», «-2+cmd|' /C calc'!A0»; but not «- a list», «+84 912…», «-5», «@name»."""


def csv_table(content: Content) -> Iterator[FileRow]:
    """Values between commas, semicolons or tabs, whichever the header has most of."""
    lines = Lines(content)
    header = content.peek(HEAD).partition(b"\n")[0]
    separator = max(SEPARATORS, key=header.count)
    yield from _table(_csv_rows(lines, chr(separator)))


def workbook(content: Content) -> Iterator[FileRow]:
    """The first sheet of an .xlsx file."""
    return _table([_cell(value) for value in row] for row in _sheet(content))


def _csv_rows(lines: Lines, separator: str) -> Iterator[Cells | Problem]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Problem("", "row.csv", {"reason": str(error)})
        else:
            yield lines.trouble() or cells


def _sheet(content: Content) -> Iterator[Iterable[Any]]:
    try:
        with zipfile.ZipFile(content) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > LARGEST_WORKBOOK:
            raise UnreadableFile("file.too_large", limit="100 MB")
        with warnings.catch_warnings():
            # Of styles and charts that it does not know openpyxl warns; we read values only.
            warnings.simplefilter("ignore")
            book = load_workbook(content, read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # A sheet may claim a million columns, which then would all be made up.
        sheet.reset_dimensions()
        yield from islice(sheet.iter_rows(values_only=True), MOST_ROWS)
    except UnreadableFile:
        raise
    except Exception as error:
        # openpyxl trusts its file: a damaged one raises whatever its parsers stumble over.
        raise UnreadableFile("file.damaged") from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.date().isoformat() if hasattr(value, "date") else str(value)


def _table(rows: Iterable[Cells | Problem]) -> Iterator[FileRow]:
    rows = iter(rows)
    header = _header(next(rows, []))
    for number, cells in enumerate(rows, start=2):
        if isinstance(cells, Problem):
            yield FileRow(number, None, cells)
        elif any(map(str.strip, cells)):
            yield _row(number, header, cells)


def _header(cells: Cells | Problem) -> list[str]:
    """The names of the columns. Raises `UnreadableFile` for a table that cannot be read by them."""
    if isinstance(cells, Problem):
        raise UnreadableFile(cells.code, **cells.params)
    header = ["_".join(name.lower().split()) for name in cells]
    if ID_COLUMN not in header:
        raise UnreadableFile("file.no_header", column=ID_COLUMN)
    if not any(name in header for name in TEXT_COLUMNS):
        raise UnreadableFile("file.no_header", column=TEXT_COLUMNS[0])
    for name in header:
        if name and header.count(name) > 1:
            raise UnreadableFile("file.column_twice", column=name)
    return header


def _row(number: int, header: list[str], cells: Cells) -> FileRow:
    if any(cells[len(header) :]):
        counts = {"count": str(len(cells)), "wanted": str(len(header))}
        return FileRow(number, None, Problem("", "row.columns", counts))
    values = {name: cell for name, cell in zip(header, cells, strict=False) if name}
    for name, cell in values.items():
        if _FORMULA.match(cell):
            return FileRow(number, values, Problem(name, "value.formula", {"value": cell[:40]}))
    return FileRow(number, {name: _unmarked(cell) for name, cell in values.items()})


def _unmarked(cell: str) -> str:
    """Without the apostrophe by which `writing.harmless` marked the cell as text."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(DANGEROUS) else cell
