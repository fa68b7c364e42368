"""What a terminal is told, in the words of the language files."""

from __future__ import annotations

from collections.abc import Mapping

from marketplace.errors import GiaoError, Invalid
from marketplace.languages import catalogue


def sentence(key: str, params: Mapping[str, object], language: str = "en") -> str:
    """A message of the language files; a terminal speaks English."""
    return catalogue(language).gettext(key, **params)


def refusal(error: GiaoError) -> str:
    """What an error says: its own sentence, and every problem with its place."""
    lines = [sentence(f"error.{error.code}", error.params)]
    for problem in error.problems if isinstance(error, Invalid) else ():
        place = f"{problem.path}: " if problem.path else ""
        lines.append(f"  {place}{sentence(f'problem.{problem.code}', problem.params)}")
    return "\n".join(lines)
