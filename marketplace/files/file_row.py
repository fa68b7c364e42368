"""What a file gives: its rows one by one, or the reason why it gives none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.errors import Invalid
from vocabulary.problems import Problem


class UnreadableFile(Invalid):
    """The file as a whole cannot be read, or not from here on. `code` is a message `problem.<code>`."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__([Problem("", code, params)])
        self.code = "file_unreadable"

    @property
    def problem(self) -> Problem:
        return self.problems[0]


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row: what it says, or why it cannot be read. `number` counts from 1, the header of a table included."""

    number: int
    values: Mapping[str, Any] | None
    problem: Problem | None = None
