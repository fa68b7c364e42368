"""One row of a file as a listing: columns of a table, a flat JSON object, or one of our own exported records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from marketplace.errors import Invalid
from marketplace.files.plain import FIELDS, plain
from marketplace.files.records import read_record
from marketplace.files.texts import LIMITS, within_limits
from marketplace.schemas import listing as flat
from marketplace.schemas.saying import record_says
from vocabulary.detecting import detect_language
from vocabulary.listing import KINDS, Content, Kind, Text
from vocabulary.problems import Problem
from vocabulary.text import clean

LONGEST_ID = 200
ALIASES = {"text": "description", "lang": "language"}
"""Names of judged sets -> ours."""
SIMPLE = frozenset(["id", "kind", "title", "text", "lang", "meta"])
"""The names of a judged set: one text in one language; `meta` stays with its file."""
BESIDE = frozenset(
    [
        "id",
        "kind",
        "meta",
        "content",
        "rev",
        "organisation",
        "published_at",
        "updated_at",
        "expires_at",
        "mark",
        "ground",
    ]
)
"""Names that a row may have and that are no field of the listing; exports have them."""
KNOWN = BESIDE | SIMPLE | FIELDS | LIMITS.keys()


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A row, read: its own id, what it says, and what is wrong or was changed (warnings)."""

    source_id: str
    source_hash: str
    content: Content | None
    problems: tuple[Problem, ...] = ()
    columns: Mapping[str, str] | None = None
    """Our names of columns -> those of the row, where they differ. None: a record, whose values have paths."""
    said: frozenset[str] = frozenset()
    """What the row speaks of, empty cells included (`schemas.saying`)."""

    def at_column(self, problem: Problem) -> Problem:
        """The same problem, at the column of the file that has it."""
        if self.content is None or self.columns is None:
            return problem
        name = flat.as_typed(problem, self.content).path
        column = self.columns.get(name, name)
        return problem if column == problem.path else replace(problem, path=column)


def listing_row(values: Mapping[str, Any], *, kind: Kind | None) -> ListingRow:
    """Read one row. `kind` is meant where the row does not say."""
    digest, source_id = _digest(values, kind), ""
    try:
        source_id = _source_id(values.get("id"))
        meant = _kind(values.get("kind"), kind)
        if "content" in values:
            record, changes = read_record(values["content"], meant)
            said = frozenset(record_says(values["content"], record))
            return ListingRow(source_id, digest, record, changes, said=said)
        content, problems = _typed(values, meant)
    except Invalid as refusal:
        return ListingRow(source_id, digest, None, refusal.problems)
    columns = {ours: theirs for theirs, ours in ALIASES.items() if theirs in values}
    row = ListingRow(source_id, digest, content, problems, columns, _said(values))
    return replace(row, problems=tuple(map(row.at_column, problems))) if problems else row


def unknown_names(values: Mapping[str, Any]) -> set[str]:
    """Columns that mean nothing to us, often a known one with a slip of the finger."""
    return values.keys() - KNOWN


def _said(values: Mapping[str, Any]) -> frozenset[str]:
    """Our names of the columns that are there. A language nobody named was only guessed."""
    unnamed = not any(values.get(name) for name in ("language", "lang"))
    return frozenset(ALIASES.get(name, name) for name in values) - ({"language"} if unnamed else set())


def _typed(values: Mapping[str, Any], kind: Kind) -> tuple[Content, tuple[Problem, ...]]:
    ours = {ALIASES.get(name, name): value for name, value in values.items() if name not in BESIDE}
    typed, changes = within_limits(plain(ours))
    language = typed.get("language") or _language(typed)
    if values.keys() <= SIMPLE:
        # Reading thirty fields that are not there would take longer than all the rest.
        text = Text(title=typed.get("title", ""), description=typed.get("description", ""))
        return Content(kind, language.lower(), {language.lower(): text}), changes
    reading = flat.read(typed | {"language": language}, kind=kind)
    return reading.content, (*reading.problems, *changes)


def _language(typed: Mapping[str, Any]) -> str:
    said = f"{typed.get('title', '')} {typed.get('description', '')}"
    return detect_language(said) or flat.DEFAULT_LANGUAGE


def _source_id(value: Any) -> str:
    found = clean(str(value)) if isinstance(value, str | int | float) else ""
    if not found:
        raise Invalid([Problem("id", "required")])
    if len(found) > LONGEST_ID:
        lengths = {"limit": str(LONGEST_ID), "length": str(len(found))}
        raise Invalid([Problem("id", "text.too_long", lengths)])
    return found


def _kind(value: Any, otherwise: Kind | None) -> Kind:
    said = clean(str(value or "")).lower() or otherwise or ""
    for known in KINDS:
        if known == said:
            return known
    raise Invalid([Problem("kind", "kind.unknown", {"value": said[:40]})])


def _digest(values: Mapping[str, Any], kind: Kind | None) -> str:
    """Stands for all the row says: equal again, and there is nothing to do."""
    written = json.dumps([kind, values], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode(errors="replace")).hexdigest()[:32]
