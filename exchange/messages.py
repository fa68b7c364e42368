"""An HTTP request and its answer, as far as two exchanges need them, whatever library carries them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

Headers = tuple[tuple[str, str], ...]
"""Names and values as on the wire, in their order."""


@dataclass(frozen=True, slots=True)
class Request:
    """`url` is absolute and encoded: on the receiving side the origin of BASE_URL and the path and query as received."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """The value, or the empty text. Repeated lines are joined by commas, as HTTP has it."""
        return _joined(self.headers, name)

    def with_headers(self, *added: tuple[str, str]) -> Self:
        """With these in the place of those of the same name."""
        return replace(self, headers=_replaced(self.headers, added))


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        return _joined(self.headers, name)

    def with_headers(self, *added: tuple[str, str]) -> Self:
        return replace(self, headers=_replaced(self.headers, added))


def _joined(headers: Headers, name: str) -> str:
    return ", ".join(value.strip() for key, value in headers if key.lower() == name)


def _replaced(headers: Headers, added: Iterable[tuple[str, str]]) -> Headers:
    added = tuple(added)
    names = {name.lower() for name, _ in added}
    return (*((name, value) for name, value in headers if name.lower() not in names), *added)
