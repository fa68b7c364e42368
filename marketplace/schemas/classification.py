"""The form of a classification: codes ticked, chosen or typed, and a title and a summary in the other language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError

from marketplace.schemas.values import Values, problems_of
from vocabulary import industries, patents
from vocabulary.fields import FORD
from vocabulary.listing import Text
from vocabulary.problems import Problem
from vocabulary.strategic import STRATEGIC
from vocabulary.text import clean

SEVERAL = ("fields", "industries", "strategic")
"""Names of which the form sends several values."""
TYPED = ("ipc", "title", "summary")


@dataclass(frozen=True, slots=True)
class Given:
    """What was read of a form. `texts` holds the translation, where one was given."""

    fields: tuple[str, ...]
    ipc: tuple[str, ...]
    industries: tuple[str, ...]
    strategic: tuple[str, ...]
    texts: Mapping[str, Text]


class ClassificationSchema(Schema):
    """Codes may be given as codes or by their names, as in a listing's own form."""

    class Meta:
        unknown = EXCLUDE

    research_fields = Values(FORD.read, name="fields")
    ipc = Values(patents.normalise)
    industries = Values(industries.read)
    strategic = Values(STRATEGIC.read)


_SCHEMA = ClassificationSchema()


def raw(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The form's fields as the schema takes them, and as the form is filled with them again."""
    values: dict[str, Any] = {name: [] for name in SEVERAL} | dict.fromkeys(TYPED, "")
    for name, value in pairs:
        if name in SEVERAL:
            values[name] += [value] if value else []
        elif name in TYPED:
            values[name] = value
    return values


def read(values: Mapping[str, Any], *, language: str) -> tuple[Given, list[Problem]]:
    """What the form says, a translation into `language`, and what could not be read of it. Without a language nothing
    is translated."""
    problems: list[Problem] = []
    try:
        codes = dict(_SCHEMA.load(values))
    except ValidationError as error:
        codes, problems = dict(_SCHEMA.load({}) | error.valid_data), problems_of(error)
    text = Text(title=clean(values["title"]), summary=clean(values["summary"]))
    texts = {language: text} if language and (text.title or text.summary) else {}
    given = Given(codes["research_fields"], codes["ipc"], codes["industries"], codes["strategic"], texts)
    return given, problems


def as_typed(problem: Problem) -> Problem:
    """The same problem at the name its field has in the form: `texts.en.title` is `title`, `ipc.0` is `ipc`."""
    first, *rest = problem.path.split(".")
    return replace(problem, path=rest[-1] if first == "texts" and rest else first)


def typed(codes: Any, texts: Mapping[str, Text]) -> dict[str, Any]:
    """A classification as its form would hold it. `codes` has the lists by name."""
    text = next(iter(texts.values()), Text())
    lists = {name: list(getattr(codes, name)) for name in SEVERAL}
    return {**lists, "ipc": "; ".join(codes.ipc), "title": text.title, "summary": text.summary}
