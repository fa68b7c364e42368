"""Workbooks (.xlsx). The only module that reads with openpyxl, and imported only when there is one to read."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from openpyxl import load_workbook

from marketplace.files.file_row import FileRow, UnreadableFile
from marketplace.files.lines import Content
from marketplace.files.tables import table
from vocabulary.amounts import written

LARGEST_WORKBOOK = 100 * 1024**2
"""Bytes a workbook may unpack to: its texts stand together and must be held, and a small one can hide gigabytes."""
MOST_ROWS = 1_048_576
"""Rows a worksheet can have. A damaged one may claim more, which would all be made up."""


def workbook(content: Content) -> Iterator[FileRow]:
    """The first sheet of an .xlsx file."""
    return table([_cell(value) for value in row] for row in _sheet(content))


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
        # What size a sheet claims is not to be believed: it would be filled up, or cut.
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
    if isinstance(value, float):
        return written(value)
    return value.date().isoformat() if hasattr(value, "date") else str(value)
