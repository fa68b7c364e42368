"""Files for people: tables that open well in a spreadsheet and run nothing there."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a formula can begin with (OWASP, CSV Injection), letters of full width included."""

Row = Mapping[str, object]


def harmless(value: str) -> str:
    """A cell that begins like a formula gets an apostrophe in front, which `tables` takes away again."""
    return f"'{value}" if value.startswith(DANGEROUS) else value


def write_csv(target: IO[str], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """UTF-8 with the mark by which spreadsheets know it; the caller opens the file with newline=''."""
    target.write("\ufeff")
    writer = csv.writer(target)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(_text(row.get(name))) for name in columns])


def write_workbook(target: IO[bytes], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """One sheet of texts, written row by row."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(columns)
    for row in rows:
        cells = [WriteOnlyCell(sheet, _text(row.get(name))) for name in columns]
        for cell in cells:
            # Else openpyxl takes a text that begins with «=» for a formula.
            cell.data_type = "s"
        sheet.append(cells)
    book.save(target)


def _text(value: object) -> str:
    return "" if value is None else str(value)
