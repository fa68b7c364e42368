"""A whole record, as `giao export` writes it, from a file that anybody may have written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from marketplace.errors import Invalid
from marketplace.files.texts import within_limits
from vocabulary import records
from vocabulary.listing import Content, Kind, Text
from vocabulary.problems import Problem


def read_record(record: Any, kind: Kind) -> tuple[Content, tuple[Problem, ...]]:
    """The content of a record, and what was changed in it. Raises `Invalid` where a value has another shape."""
    content, wrong = records.read({**record, "kind": kind} if isinstance(record, Mapping) else record)
    if content is None:
        raise Invalid(wrong)
    texts, changes = {}, list[Problem]()
    for language, text in content.texts.items():
        values, cuts = within_limits(asdict(text))
        texts[language] = Text(**values)
        changes += [replace(cut, path=f"texts.{language}.{cut.path}") for cut in cuts]
    return content.revised(texts=texts), tuple(changes)
