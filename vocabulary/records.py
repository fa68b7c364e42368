"""A record that came from outside, read as Content: nobody promised that it has the shape of one.

`listing.from_record` trusts its record, for we wrote it. What comes from a file or from another exchange is read
here, where a number in the place of a text is a problem that names its field, not a failure of the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from vocabulary import catalogues
from vocabulary.listing import Content
from vocabulary.problems import Problem
from vocabulary.text import clean

Path = tuple[str, ...]
Reader = Callable[[Any, Path, list[Problem]], Any]
"""Gives back the value as the listing holds it, or adds to the problems what is wrong with it."""


def read(record: object) -> tuple[Content | None, list[Problem]]:
    """The content with its texts cleaned, or None and what has the wrong shape. Unknown names are ignored.

    Whether the content may be saved or published is the next question, which `checks.problems` answers.
    """
    problems: list[Problem] = []
    content = _reader(Content)(record, (), problems)
    return (
        (None, problems) if problems or not isinstance(record, Mapping) else (_present(content, record), [])
    )


def _present(content: Content, record: Mapping[str, Any]) -> Content:
    """With the codes of catalogues as they are here, whichever edition the record says they are of."""
    said = record.get(catalogues.MEMBER)
    here = {name: catalogues.present(name, getattr(content, name), said) for name in catalogues.PRESENT}
    return content.revised(**here)


@cache
def _reader(hint: Any) -> Reader:
    """The reader of what a type hint of `vocabulary.listing` says."""
    origin = get_origin(hint)
    if is_dataclass(hint):
        return _object(hint)
    if origin is tuple:
        return _list(_reader(get_args(hint)[0]))
    if origin is Mapping:
        return _mapping(_reader(get_args(hint)[1]))
    if hint is str or origin is Literal:
        return _text
    if hint in _PLAIN:
        return _plain(hint)
    # What is left is optional; null was taken as missing before it comes here.
    return _reader(next(one for one in get_args(hint) if one is not NoneType))


def _text(value: Any, path: Path, problems: list[Problem]) -> Any:
    return clean(value) if isinstance(value, str) else _refuse("json.text", path, problems)


_PLAIN: Mapping[Any, str] = {int: "json.number", bool: "json.flag"}


def _plain(wanted: type) -> Reader:
    def read_plain(value: Any, path: Path, problems: list[Problem]) -> Any:
        # In Python True is a number; in a record it is not.
        return value if type(value) is wanted else _refuse(_PLAIN[wanted], path, problems)

    return read_plain


def _list(reader: Reader) -> Reader:
    def read_list(value: Any, path: Path, problems: list[Problem]) -> Any:
        if not isinstance(value, list | tuple):
            return _refuse("json.list", path, problems)
        return tuple([reader(one, (*path, str(place)), problems) for place, one in enumerate(value)])

    return read_list


def _mapping(reader: Reader) -> Reader:
    def read_mapping(value: Any, path: Path, problems: list[Problem]) -> Any:
        if not isinstance(value, Mapping):
            return _refuse("json.object", path, problems)
        return {clean(str(name)): reader(one, (*path, str(name)), problems) for name, one in value.items()}

    return read_mapping


def _object(shape: Any) -> Reader:
    hints = get_type_hints(shape)
    members = [(one.name, _reader(hints[one.name])) for one in fields(shape)]
    required = [
        one.name for one in fields(shape) if one.default is MISSING and one.default_factory is MISSING
    ]

    def read_object(value: Any, path: Path, problems: list[Problem]) -> Any:
        if not isinstance(value, Mapping):
            return _refuse("json.object", path, problems)
        # Null says as little as a name that is missing.
        said = {
            name: reader(value[name], (*path, name), problems)
            for name, reader in members
            if value.get(name) is not None
        }
        missing = [name for name in required if name not in said]
        for name in missing:
            _refuse("required", (*path, name), problems)
        return None if missing else shape(**said)

    return read_object


def _refuse(code: str, path: Path, problems: list[Problem]) -> None:
    problems.append(Problem(".".join(path), code))
