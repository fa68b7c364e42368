"""Texts from outside, brought within their limits; every change is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.schemas.listing import LANGUAGES, TEXTS
from vocabulary.checks import text_limit
from vocabulary.problems import Problem
from vocabulary.text import clean, cut, first_words

TITLE_WORDS = 12
TITLE_LENGTH = 120
"""A text without a title gets its own first words, at most so many characters of them."""

LIMITS: Mapping[str, int] = {name: text_limit(name) for name in TEXTS} | {
    f"{name}_{language}": text_limit(name) for name in TEXTS for language in LANGUAGES
}
"""Column of a text -> how many characters it may have."""


def within_limits(typed: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The values with their texts cut at the limits, and a title of the first words where there is none."""
    values, changes = dict(typed), []
    texts = {name: clean(values[name]) for name in LIMITS if name in values}
    if not texts.get("title") and (source := texts.get("summary") or texts.get("description")):
        texts["title"] = first_words(source, TITLE_WORDS, TITLE_LENGTH)
        changes.append(Problem("title", "title.made", warning=True))
    for name, text in texts.items():
        if len(text) > LIMITS[name]:
            texts[name] = cut(text, LIMITS[name])
            lengths = {"length": str(len(text)), "limit": str(LIMITS[name])}
            changes.append(Problem(name, "text.cut", lengths, warning=True))
    return values | texts, tuple(changes)
