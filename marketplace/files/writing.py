"""CSV for people: opens well in a spreadsheet and runs nothing there."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import IO

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
        writer.writerow([harmless(cell_text(row.get(name))) for name in columns])


def cell_text(value: object) -> str:
    """A value as a cell; nothing for None."""
    return "" if value is None else str(value)
