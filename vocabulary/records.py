"""A record that came from outside, read as Content: nobody promised that it has the shape of one.

`listing.from_record` trusts its record, for we wrote it. What comes from a file or from another exchange is read
here, where a number in the place of a text is a problem that names its field, not a failure of the machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from vocabulary.listing import Content, from_record
from vocabulary.problems import Problem
from vocabulary.text import clean

DEEPEST = 4
"""No part of a Content lies deeper; what does is of a name we do not know, and is dropped."""

_PLAIN: Mapping[Any, str] = {str: "json.text", int: "json.number", bool: "json.flag"}


def read(record: object) -> tuple[Content | None, list[Problem]]:
    """The content with its texts cleaned, or None and what has the wrong shape. Unknown names are ignored.

    Whether the content may be saved or published is the next question, which `checks.problems` answers.
    """
    problems = list(_wrong(record, Content, ""))
    return (None, problems) if problems else (from_record(_cleaned(record, DEEPEST)), [])


def _wrong(value: object, hint: Any, path: str) -> Iterator[Problem]:
    """The problems of a value that should be what a type hint of `vocabulary.listing` says."""
    origin = get_origin(hint)
    if is_dataclass(hint):
        yield from _wrong_object(value, hint, path)
    elif origin is tuple:
        yield from _wrong_list(value, get_args(hint)[0], path)
    elif origin is Mapping:
        yield from _wrong_mapping(value, get_args(hint)[1], path)
    elif origin is Literal or hint in _PLAIN:
        wanted = str if origin is Literal else hint
        # In Python True is a number; in a record it is not.
        if type(value) is not wanted:
            yield Problem(path, _PLAIN[wanted])
    else:
        yield from _wrong(value, next(one for one in get_args(hint) if one is not NoneType), path)


def _wrong_object(value: object, shape: Any, path: str) -> Iterator[Problem]:
    """Null says as little as a name that is missing."""
    if not isinstance(value, Mapping):
        yield Problem(path, "json.object")
        return
    for name, (hint, required) in _shape(shape).items():
        if value.get(name) is not None:
            yield from _wrong(value[name], hint, _inside(path, name))
        elif required:
            yield Problem(_inside(path, name), "required")


def _wrong_list(value: object, hint: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, list | tuple):
        yield Problem(path, "json.list")
        return
    for place, one in enumerate(value):
        yield from _wrong(one, hint, _inside(path, str(place)))


def _wrong_mapping(value: object, hint: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(path, "json.object")
        return
    for name, one in value.items():
        yield from _wrong(one, hint, _inside(path, str(name)))


@cache
def _shape(shape: Any) -> dict[str, tuple[Any, bool]]:
    """Name -> its type hint, and whether it must be there."""
    hints = get_type_hints(shape)
    return {
        one.name: (hints[one.name], one.default is MISSING and one.default_factory is MISSING)
        for one in fields(shape)
    }


def _inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _cleaned(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return clean(value)
    if depth and isinstance(value, Mapping):
        return {clean(str(name)): _cleaned(one, depth - 1) for name, one in value.items() if one is not None}
    return [_cleaned(one, depth - 1) for one in value] if depth and isinstance(value, list | tuple) else value
