"""Free text as it is taken in: composed, trimmed, neither missing nor too long."""

from __future__ import annotations

from marketplace.errors import Invalid
from vocabulary.problems import Problem
from vocabulary.text import clean


def taken(path: str, text: str, limit: int, *, needed: bool = False) -> str:
    """The text for the field `path`. Raises `Invalid` when it has more than `limit` characters or is `needed`."""
    words = clean(text)
    if needed and not words:
        raise Invalid([Problem(path, "required")])
    if len(words) > limit:
        raise Invalid([Problem(path, "text.too_long", {"limit": str(limit), "length": str(len(words))})])
    return words
