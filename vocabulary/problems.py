"""What is wrong with a value, said once for forms, imports, feeds and the command line.

A problem carries a code and its parameters, never a sentence: the sentence `problem.<code>` stands in the
language files, so that the same mistake reads the same on a page, in a report file and in a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where, and what is needed to mend it.

    `path` names the field, dotted (`texts.vi.title`, `requirements.2.value`); `code` is the message
    `problem.<code>`; `params` fill it. A `warning` is said but stops nothing (an old province name was mapped).
    """

    path: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    warning: bool = False


class Unreadable(ValueError):
    """A single value cannot be read. The reader that knows the field turns it into a `Problem`."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def at(self, path: str) -> Problem:
        return Problem(path, self.code, self.params)
