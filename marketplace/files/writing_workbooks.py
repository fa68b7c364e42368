"""Workbooks for people: one sheet of texts, of which none is a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from marketplace.files.writing import Row, cell_text


def write_workbook(target: IO[bytes], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """One sheet of texts, written row by row."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(columns)
    for row in rows:
        cells = [WriteOnlyCell(sheet, cell_text(row.get(name))) for name in columns]
        for cell in cells:
            # Else openpyxl takes a text that begins with «=» for a formula.
            cell.data_type = "s"
        sheet.append(cells)
    book.save(target)
