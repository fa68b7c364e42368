"""The file that tells the supplier of an imported file what to mend: a table with one line a complaint."""

from __future__ import annotations

import csv
from itertools import count
from pathlib import Path
from typing import IO, Any

import click

from marketplace.commands.saying import sentence
from marketplace.files.writing import harmless
from marketplace.services.importing import Complaint

COLUMNS = ("row", "id", "column", "value", "rule", "fix")


class Report:
    """Made when the first complaint comes, beside what is there already and never over it."""

    def __init__(self, path: Path, language: str) -> None:
        self.path = path
        self.refusals = self.warnings = 0
        self._language = language
        self._file: IO[str] | None = None
        self._rows: Any = None

    def add(self, complaint: Complaint) -> None:
        if self._file is None:
            self._file = self._open()
            self._rows = csv.writer(self._file)
            self._rows.writerow(COLUMNS)
        problem = complaint.problem
        self.warnings += problem.warning
        self.refusals += not problem.warning
        fix = sentence(f"problem.{problem.code}", problem.params, self._language)
        cells = (complaint.source_id, problem.path, complaint.value, problem.code, fix)
        self._rows.writerow([complaint.row, *map(harmless, cells)])

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _open(self) -> IO[str]:
        wanted = self.path
        # A device or a pipe, such as /dev/stdout, is meant to be written to.
        mode = "w" if wanted.exists() and not wanted.is_file() else "x"
        for number in count(2):
            try:
                # What is half a character in the file is shown by its code: UTF-8 has none for it.
                return self.path.open(mode, encoding="utf-8-sig", errors="backslashreplace", newline="")
            except FileExistsError:
                self.path = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
            except OSError as error:
                raise click.FileError(str(self.path), error.strerror) from None
        raise AssertionError("numbers do not end")
