"""One row of a file as a listing: columns of a table, a simple JSON object, or one of our own exported records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.schemas import listing as flat
from vocabulary.checks import text_limit
from vocabulary.listing import KINDS, Content, Kind, Text, from_record
from vocabulary.problems import Problem
from vocabulary.text import clean, cut, detect_language, first_words

TITLE_WORDS = 12
TITLE_LENGTH = 120
"""A text without a title gets its own first words, at most so many characters of them."""
LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A row, read: its own id, what it says, and what is wrong or was changed (warnings)."""

    source_id: str
    source_hash: str
    content: Content | None
    problems: tuple[Problem, ...] = ()


def listing_row(values: Mapping[str, Any], *, kind: Kind | None) -> ListingRow:
    """Read one row. `kind` is meant where the row does not say."""
    source_id = clean(str(values.get("id") or ""))
    digest = _digest(values, kind)
    if not source_id or len(source_id) > LONGEST_ID:
        return ListingRow(source_id[:LONGEST_ID], digest, None, (Problem("id", "required"),))
    said = str(values.get("kind") or kind or "")
    known: Kind | None = next((one for one in KINDS if one == said), None)
    if known is None:
        return ListingRow(source_id, digest, None, (Problem("kind", "kind.unknown", {"value": said}),))
    content, problems = _content(values, known)
    return ListingRow(source_id, digest, content, tuple(problems))


def _digest(values: Mapping[str, Any], kind: Kind | None) -> str:
    """Stands for all the row says: equal again, and there is nothing to do."""
    written = json.dumps([kind, values], sort_keys=True, ensure_ascii=False, default=str).encode("utf-8", "replace")
    return hashlib.sha256(written).hexdigest()[:32]


def _content(values: Mapping[str, Any], kind: Kind) -> tuple[Content, list[Problem]]:
    if isinstance(values.get("content"), Mapping):
        return _shortened(from_record({**values["content"], "kind": kind}))
    if "text" in values:
        return _shortened(_simple(values, kind))
    reading = flat.read({name: value for name, value in values.items() if value not in (None, "")}, kind=kind)
    content, cuts = _shortened(reading.content)
    return content, [*reading.problems, *cuts]


def _simple(values: Mapping[str, Any], kind: Kind) -> Content:
    """`{"id", "kind", "title", "text", "lang", "meta"}`: one text in one language; `meta` stays with its file."""
    title, text = clean(str(values.get("title") or "")), clean(str(values["text"] or ""))
    language = str(values.get("lang") or "") or detect_language(f"{title} {text}") or "vi"
    return Content(kind, language, {language: Text(title=title, description=text)})


def _shortened(content: Content) -> tuple[Content, list[Problem]]:
    """Texts within their limits and a title for everything, each change said."""
    problems: list[Problem] = []
    texts = {language: _within(text, f"texts.{language}", problems) for language, text in content.texts.items()}
    return content.revised(texts=texts), problems


def _within(text: Text, path: str, problems: list[Problem]) -> Text:
    said = {name: getattr(text, name) for name in Text.__dataclass_fields__ if getattr(text, name)}
    if not said.get("title") and (source := said.get("summary") or said.get("description")):
        said["title"] = first_words(source, TITLE_WORDS, TITLE_LENGTH)
        problems.append(Problem(f"{path}.title", "title.made", warning=True))
    for name, value in said.items():
        if len(value) > (limit := text_limit(name)):
            said[name] = cut(value, limit)
            lengths = {"length": str(len(value)), "limit": str(limit)}
            problems.append(Problem(f"{path}.{name}", "text.cut", lengths, warning=True))
    return Text(**said)
