"""Tables: rows under a header. CSV files are read here, workbooks in `workbooks`."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from marketplace.files.file_row import FileRow, UnreadableFile
from marketplace.files.lines import HEAD, Content, Lines
from marketplace.files.writing import DANGEROUS
from vocabulary.problems import Problem

SEPARATORS = b",;\t"
"""A spreadsheet in Vietnamese or German writes semicolons, since the comma stands in its numbers."""
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
    yield from table(_csv_rows(lines, chr(separator)))


def _csv_rows(lines: Lines, separator: str) -> Iterator[Cells | Problem]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # A row is told once: what was wrong with its bytes too is not the fault of the next one.
            lines.trouble()
            yield Problem("", "row.csv", {"reason": str(error)})
        else:
            yield lines.trouble() or cells


def table(rows: Iterable[Cells | Problem]) -> Iterator[FileRow]:
    """The rows of a table, whose first row names its columns. Raises `UnreadableFile` where it does not."""
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
    # A workbook leaves out the empty cells at the end of a row; the columns are there all the same.
    values = {name: cell for name, cell in zip_longest(header, cells[: len(header)], fillvalue="") if name}
    for name, cell in values.items():
        if _FORMULA.match(cell):
            return FileRow(number, values, Problem(name, "value.formula", {"value": cell[:40]}))
    return FileRow(number, {name: _unmarked(cell) for name, cell in values.items()})


def _unmarked(cell: str) -> str:
    """Without the apostrophe by which `writing.harmless` marked the cell as text."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(DANGEROUS) else cell
