"""Files for people: tables that open well in a spreadsheet and run nothing there."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import IO

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: str) -> str:
    """A cell that begins like a formula gets an apostrophe in front (OWASP, CSV injection)."""
    return f"'{value}" if value.startswith(DANGEROUS) else value


def write_csv(target: IO[str], columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """UTF-8 with the mark by which spreadsheets know it; the caller opens the file with newline=''."""
    target.write("\ufeff")
    writer = csv.writer(target)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(str(row.get(name, "") if row.get(name) is not None else "")) for name in columns])
