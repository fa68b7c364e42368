"""JSON Lines: one object a line. Read strictly, for what two readers understand differently is no data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from marketplace.files.file_row import FileRow
from marketplace.files.lines import Content, Lines
from vocabulary.problems import Problem, Unreadable

DEEPEST = 12
"""Levels of arrays and objects in one line, as in a record of the exchange (`exchange.canonical`)."""
NEAR = 20
"""Characters shown of the place where a line cannot be read any further."""


def json_lines(content: Content) -> Iterator[FileRow]:
    """The rows of a file; empty lines are passed over."""
    lines = Lines(content)
    for number, line in enumerate(lines, start=1):
        if trouble := lines.trouble():
            yield FileRow(number, None, trouble)
        elif line.strip():
            yield _row(number, line)


def _row(number: int, line: str) -> FileRow:
    try:
        values = _decoder.decode(line)
    except Unreadable as refused:
        return FileRow(number, None, refused.at(""))
    except json.JSONDecodeError as error:
        return FileRow(number, None, _malformed(line, error.pos))
    except ValueError:
        # The one complaint that is left: a number of thousands of digits.
        return FileRow(number, None, Problem("", "json.too_many_digits"))
    except RecursionError:
        return FileRow(number, None, _too_deep())
    if not isinstance(values, dict):
        return FileRow(number, None, Problem("", "json.not_object"))
    return FileRow(number, values) if _is_shallow(values, DEEPEST) else FileRow(number, None, _too_deep())


def _malformed(line: str, place: int) -> Problem:
    """Where reading stopped, and what stands there."""
    near = line[place : place + NEAR].strip()
    column = {"column": str(place + 1)}
    return (
        Problem("", "json.malformed", column | {"value": near})
        if near
        else Problem("", "json.unfinished", column)
    )


def _no_constant(name: str) -> None:
    raise Unreadable("json.constant", value=name)


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 8259 leaves open which of two equal names counts, and what half a surrogate pair stands for."""
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        raise Unreadable("json.doubled", value=next(name for name in names if names.count(name) > 1))
    for name in values:
        if _HALF.search(name):
            raise Unreadable("json.half_character", value=name[:NEAR])
    return values


_HALF = re.compile("[\ud800-\udfff]")
_decoder = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_named_once)


def _is_shallow(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return True
    return levels > 0 and all(_is_shallow(item, levels - 1) for item in value)


def _too_deep() -> Problem:
    return Problem("", "json.too_deep", {"limit": str(DEEPEST)})
