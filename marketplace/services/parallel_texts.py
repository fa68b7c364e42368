"""Files of texts and their translations, as a term table is learned from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marketplace.errors import Invalid
from marketplace.files.reading import opened
from marketplace.services import judged_sets
from vocabulary.languages import is_language
from vocabulary.problems import Problem

SHOWN = 5
"""Languages of one file that are named."""


@dataclass(frozen=True, slots=True)
class Document:
    """One text of a file."""

    id: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Parallel:
    """A text of the first file beside its translation in the second."""

    one: Document
    other: Document


def read(first: Path, second: Path, pairs: Path) -> list[Parallel]:
    """The pairs that the table of judgements names, in its order; it may name them in either direction.

    Raises `Invalid` where a file says nothing, names texts that are in no file, or speaks more than one language;
    `UnreadableFile` for one that cannot be read at all.
    """
    ones, others = _documents(first), _documents(second)
    named = list(_named(judged_sets.judgements(pairs)))
    turned = [(b, a) if a in others and b in ones else (a, b) for a, b in named]
    missing = [a if a not in ones else b for a, b in turned if a not in ones or b not in others]
    if missing:
        raise Invalid([Problem("", "terms.no_such_text", {"value": missing[0], "count": str(len(missing))})])
    if not turned:
        raise Invalid([Problem("", "terms.no_pairs", {"value": pairs.name})])
    return [Parallel(ones[a], others[b]) for a, b in turned]


def languages(texts: list[Parallel]) -> tuple[str, str]:
    """The two languages of the texts. Raises `Invalid` when there are not exactly two, one a side, each with a code."""
    spoken = [sorted({getattr(each, side).language for each in texts}) for side in ("one", "other")]
    unclear = any(len(each) != 1 or not is_language(each[0]) for each in spoken)
    if unclear or spoken[0] == spoken[1]:
        told = " / ".join(", ".join(one or "?" for one in each[:SHOWN]) for each in spoken)
        raise Invalid([Problem("", "terms.languages", {"value": told})])
    return spoken[0][0], spoken[1][0]


def _named(judged: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    return ((one, other) for one, others in judged.items() for other in sorted(others))


def _documents(path: Path) -> dict[str, Document]:
    """The rows of a file that can be read and say something, by their id."""
    with opened(path) as file:
        rows = (_document(row.values) for row in file.rows if row.values is not None)
        return {each.id: each for each in rows if each.id and each.text}


def _document(values: Any) -> Document:
    said = (values.get(name) for name in ("title", "text"))
    text = "\n".join(one for one in said if one and isinstance(one, str))
    return Document(str(values.get("id") or ""), str(values.get("lang") or ""), text)
