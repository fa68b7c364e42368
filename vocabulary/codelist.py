"""A code list: a small tree of codes with their names, read once from `vocabulary/data/<name>.csv`.

Columns are code, parent, vi, en; further columns are kept by name. Code lists are facts of public decisions and
standards; each module that opens one says where it is from.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from vocabulary.problems import Unreadable
from vocabulary.text import fold, tokens

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class Code:
    code: str
    parent: str
    vi: str
    en: str
    more: Mapping[str, str] = field(default_factory=dict)


class CodeList:
    """Lookup is by exact code. Reading the file waits until somebody asks."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def _codes(self) -> dict[str, Code]:
        with (DATA / f"{self.name}.csv").open(encoding="utf-8", newline="") as file:
            return {row["code"]: _code(row) for row in csv.DictReader(file)}

    def __contains__(self, code: object) -> bool:
        return code in self._codes

    def __iter__(self) -> Iterator[Code]:
        return iter(self._codes.values())

    def get(self, code: str) -> Code | None:
        return self._codes.get(code)

    def all(self) -> list[Code]:
        """Every code, in the order of the list."""
        return list(self)

    def known(self, code: str) -> str:
        """The code itself; raises `Unreadable` when the list does not have it."""
        if code not in self:
            raise Unreadable("code.unknown", value=code, list=self.name)
        return code

    def label(self, code: str, language: str) -> str:
        """The name in Vietnamese or English (any other language gets the English one); empty for no such code."""
        found = self.get(code)
        if found is None:
            return ""
        return found.vi if language == "vi" and found.vi else found.en

    def ancestors(self, code: str) -> tuple[str, ...]:
        """From the root down, the code itself left out."""
        found = self.get(code)
        return (*self.ancestors(found.parent), found.parent) if found and found.parent else ()

    def children(self, code: str) -> list[Code]:
        """The codes right below; of the empty code, the roots."""
        return [one for one in self if one.parent == code]

    def distance(self, first: str, second: str) -> float:
        """0 for the same code, 1 for nothing in common, between by the depth of the nearest common ancestor."""
        one, other = (*self.ancestors(first), first), (*self.ancestors(second), second)
        shared = sum(1 for a, b in zip(one, other, strict=False) if a == b)
        return 1.0 - 2.0 * shared / (len(one) + len(other))

    def find(self, text: str, limit: int = 3) -> list[Code]:
        """The codes whose names share most words with the text, for suggestions."""
        wanted = set(tokens(fold(text)))
        scored = [(self._likeness(one, wanted), one) for one in self]
        best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: (-pair[0], pair[1].code))
        return [one for _, one in best[:limit]]

    def read(self, text: str) -> str:
        """A code typed as code or as name in either language, with or without marks. Raises `Unreadable`."""
        text = text.strip()
        if text in self:
            return text
        found = self._names.get(fold(text))
        if found is None:
            raise Unreadable("code.unknown", value=text, list=self.name)
        return found

    @cached_property
    def _names(self) -> dict[str, str]:
        return {fold(name): one.code for one in self for name in (one.en, one.vi, one.code) if name}

    @cached_property
    def _words(self) -> dict[str, frozenset[str]]:
        return {one.code: frozenset(tokens(fold(f"{one.vi} {one.en}"))) for one in self}

    def _likeness(self, one: Code, wanted: set[str]) -> float:
        words = self._words[one.code]
        return len(words & wanted) / len(words) ** 0.5 if words else 0.0


def _code(row: dict[str, str]) -> Code:
    more = {name: value for name, value in row.items() if name not in ("code", "parent", "vi", "en")}
    return Code(row["code"], row.get("parent", ""), row["vi"], row["en"], more)
