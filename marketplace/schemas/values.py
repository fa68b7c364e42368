"""One typed value each: how a field of a form or a cell of a file is read.

The rules of reading (money, days, places …) are those of `vocabulary`; here they become marshmallow fields whose
errors are `Problem`s, so that a page and a report file say the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import ValidationError, fields

from vocabulary.problems import Problem, Unreadable
from vocabulary.text import clean

Raw = Mapping[str, Any]
"""What was typed: a text a name, a list where several may be ticked, a list of rows."""

HOME = "VND"

_SEPARATORS = re.compile(r"[;|\n]")
_YES = frozenset({"1", "x", "có", "co", "yes", "y", "true", "on", "đúng"})
_NO = frozenset({"0", "không", "khong", "no", "n", "false", "off", "sai"})


class Value(fields.Field[Any]):
    """One value, read by a function of the vocabulary; `empty` where nothing was typed."""

    def __init__(self, reader: Callable[[str], Any] = str, *, empty: Any = "") -> None:
        super().__init__(load_default=empty, allow_none=True)
        self.reader = reader
        self.empty = empty

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **more: Any) -> Any:
        """An empty cell of a file arrives as None and says nothing; it is no error."""
        return super().deserialize("" if value is None else value, attr, data, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        text = clean(value if isinstance(value, str) else str(value))
        try:
            return self.read(text, data) if text else self.empty
        except Unreadable as error:
            raise _refused([error.at(attr or "")]) from None

    def read(self, text: str, data: Raw) -> Any:
        return self.reader(text)


class Amount(Value):
    """Money, in the currency the text names, else in that of the whole form. `reader` is one of `vocabulary.money`."""

    def __init__(self, reader: Callable[[str, str], Any]) -> None:
        super().__init__(empty=None)
        self.amount = reader

    def read(self, text: str, data: Raw) -> Any:
        return Typed(self.amount(text, clean(str(data.get("currency") or "")).upper() or HOME))


class Typed:
    """An amount that was typed, even if it was «by agreement», which reads as None."""

    def __init__(self, money: Any) -> None:
        self.money = money


class Flag(Value):
    """Yes or no. A box that is not ticked sends nothing, which is `empty`."""

    def read(self, text: str, data: Raw) -> bool:
        word = text.casefold()
        if word not in _YES | _NO:
            raise Unreadable("flag.unreadable", value=text)
        return word in _YES


class Values(fields.Field[tuple[Any, ...]]):
    """Several values: a list from a form, or one text with «;», «|» or line breaks between them."""

    def __init__(self, reader: Callable[[str], Any] = str, *, name: str | None = None) -> None:
        super().__init__(load_default=(), allow_none=True, data_key=name)
        self.reader = reader

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> tuple[Any, ...]:
        read, problems = [], []
        for typed in several(value):
            try:
                read.append(self.reader(typed))
            except Unreadable as error:
                problems.append(error.at(attr or ""))
        if problems:
            raise _refused(problems)
        return tuple(dict.fromkeys(read))


class Rows(fields.Field[tuple[Any, ...]]):
    """Rows of a table: one mapping a row from a form, or one text a row from a file."""

    def __init__(self, reader: Callable[[Mapping[str, str] | str], Any], *, cell: str = "") -> None:
        """`cell` is the one of a form's row that is named when the row cannot be read."""
        super().__init__(load_default=(), allow_none=True)
        self.reader = reader
        self.cell = cell

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> tuple[Any, ...]:
        read, problems = [], []
        for place, row in enumerate(several(value) if isinstance(value, str) else value or ()):
            try:
                read.append(self.reader(row))
            except Unreadable as error:
                whole = isinstance(row, str) or not self.cell
                path = f"{attr}.{place}" if whole else f"{attr}.{place}.{self.cell}"
                problems.append(Problem(path, error.code, error.params))
        if problems:
            raise _refused(problems)
        return tuple(read)


def whole(text: str) -> int:
    """A whole number without a sign. Raises `Unreadable`."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Unreadable("number.unreadable", value=text)
    return int(text)


def several(value: Any) -> list[str]:
    """The single values of what was ticked, or typed with separators."""
    parts = _SEPARATORS.split(value) if isinstance(value, str) else [str(part) for part in value or ()]
    return [text for part in parts if (text := clean(part))]


def problems_of(error: ValidationError) -> list[Problem]:
    """The problems inside a marshmallow error, in the order of the schema."""
    assert isinstance(error.messages, dict)
    return [problem for found in error.messages.values() for problem in found]


def _refused(problems: list[Problem]) -> ValidationError:
    return ValidationError(problems)
