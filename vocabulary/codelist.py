"""A code list: a small tree of codes with their names, read once from `vocabulary/data/<name>.csv`.

Columns are code, parent, vi, en; further columns are kept by name. Code lists are facts of public decisions and
standards; each module that opens one says where it is from.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from vocabulary.problems import Unreadable
from vocabulary.text import fold, tokens

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class Code:
    """One row: its code, the code above it (empty at a root), its names, and the list's further columns."""

    code: str
    parent: str
    vi: str
    en: str
    more: Mapping[str, str] = field(default_factory=dict)


def key(name: str) -> str:
    """A name as it is compared: folded, its words without what stands between them."""
    return " ".join(tokens(fold(name)))


def path_distance(first: Sequence[str], second: Sequence[str]) -> float:
    """How far two places of a tree are apart, each given by its path from the root down, the place included.

    0 for the same place, 1 for nothing in common; between, by the depth of what they share against their own
    depths (Wu and Palmer, «Verb semantics and lexical selection», 1994).
    """
    if first == second:
        return 0.0
    shared = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        shared += 1
    return 1.0 - 2.0 * shared / (len(first) + len(second))


class CodeList:
    """Lookup is by exact code. Reading the file waits until somebody asks."""

    def __init__(self, name: str) -> None:
        self.name = name

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
        """The code itself; raises `Unreadable` (`code.unknown`) when the list does not have it."""
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
        """From the root down, the code itself left out; none for a code the list does not have."""
        found = self.get(code)
        return (*self.ancestors(found.parent), found.parent) if found and found.parent else ()

    def children(self, code: str) -> list[Code]:
        """The codes right below; of the empty code, the roots."""
        return [one for one in self if one.parent == code]

    def distance(self, first: str, second: str) -> float:
        """0 for the same code, 1 for nothing in common, between as `path_distance` says."""
        return path_distance((*self.ancestors(first), first), (*self.ancestors(second), second))

    def find(self, text: str, limit: int = 3) -> list[Code]:
        """The codes whose names share most words with the text, best first, for suggestions."""
        wanted = frozenset(tokens(fold(text)))
        scored = [(_likeness(words, wanted), one) for one, words in self._words]
        best = sorted((pair for pair in scored if pair[0]), key=lambda pair: (-pair[0], pair[1].code))
        return [one for _, one in best[:limit]]

    def read(self, text: str) -> str:
        """A code typed as code or as name in either language, with or without marks.

        A name that a code shares with the one above it, as «Education» in VSIC, means the lower. Raises `Unreadable`
        (`code.unknown`).
        """
        typed = text.strip()
        if typed in self:
            return typed
        # A spreadsheet takes the leading zero of «01» away.
        if typed.isdecimal() and (padded := typed.zfill(2)) in self:
            return padded
        found = self._names.get(key(typed))
        if found is None:
            raise Unreadable("code.unknown", value=typed, list=self.name)
        return found

    @cached_property
    def _codes(self) -> Mapping[str, Code]:
        with (DATA / f"{self.name}.csv").open(encoding="utf-8", newline="") as file:
            return {row["code"]: _code(row) for row in csv.DictReader(file)}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {key(name): one.code for one in self for name in (one.en, one.vi, one.code) if name}

    @cached_property
    def _words(self) -> Sequence[tuple[Code, frozenset[str]]]:
        return [(one, frozenset(tokens(fold(f"{one.vi} {one.en}")))) for one in self]


def _likeness(words: frozenset[str], wanted: frozenset[str]) -> float:
    """Shared words, weighed down in long names, which share something with every text."""
    return float(len(words & wanted) / len(words) ** 0.5)


def _code(row: dict[str, str]) -> Code:
    more = {name: value for name, value in row.items() if name not in ("code", "parent", "vi", "en")}
    return Code(row["code"], row["parent"], row["vi"], row["en"], more)
