"""Reading what another exchange sent: bounded unpacking, strict JSON, and members of the right type.

The reader of the standard library takes the last of two equal keys, NaN, and a number of any length. Here all of these
are refused, and neither depth nor number nor length of what is sent can make the machine slow or large.
"""

from __future__ import annotations

import json
import re
import zlib
from itertools import islice
from typing import Any, NoReturn

from exchange.canonical import LARGEST_INTEGER
from exchange.problems import Refused

MOST_BYTES = 4 * 1024 * 1024
"""Largest body after unpacking, `limits.max_bytes` of the session."""
MOST_MEMBERS = 16
"""gzip allows many members one after the other; each costs a window of 32 kB to begin."""
MOST_VALUES = 200_000
"""Values in one message. `[],[],…` of four megabytes would else become a hundred megabytes of objects."""
MOST_DIGITS = 17
DEEPEST_MESSAGE = 16
"""The twelve levels of a record, and those of the envelope around it."""
QUOTE = ord('"')
GZIP = 16 + zlib.MAX_WBITS

_PIECE = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[,\[{]', re.DOTALL)
"""A string, or a sign that stands before a value. A string without its end takes all that follows, so that none is
tried twice."""
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def unpack(body: bytes, *, encoding: str, most: int = MOST_BYTES) -> bytes:
    """The body without its content encoding, never more than `most` bytes of it.

    Raises `Refused`: `unsupported_media` for an encoding other than gzip or identity, `too_large`, `malformed`.
    """
    coding = encoding.strip().lower()
    if coding in ("", "identity"):
        return _bounded(body, most)
    if coding != "gzip":
        raise Refused("unsupported_media", f"Content-Encoding {coding[:40]!r} is not read here; use gzip")
    return _gunzip(_bounded(body, most), most)


def read_json(raw: bytes, *, most: int = MOST_VALUES) -> Any:
    """The value written in `raw`. Raises `Refused`: `malformed`, or `too_large` for more than `most` values."""
    _count_values(raw, most)
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise Refused("malformed", f"byte {error.start} is not UTF-8") from None
    except RecursionError:
        raise Refused("malformed", f"deeper than {DEEPEST_MESSAGE} levels") from None
    except json.JSONDecodeError as error:
        raise Refused("malformed", f"not JSON at character {error.pos}: {error.msg}") from None
    if _SURROGATE.search(raw):
        _refuse_surrogates(value)
    return value


def _bounded(body: bytes, most: int) -> bytes:
    if len(body) > most:
        raise Refused("too_large", f"more than {most} bytes", max_bytes=most)
    return body


def _gunzip(body: bytes, most: int) -> bytes:
    parts: list[bytes] = []
    room = most
    for _ in range(MOST_MEMBERS):
        member = zlib.decompressobj(GZIP)
        try:
            part = member.decompress(body, room + 1)
        except zlib.error as error:
            raise Refused("malformed", f"not gzip: {error}") from None
        room -= len(part)
        if room < 0:
            raise Refused("too_large", f"more than {most} bytes when unpacked", max_bytes=most)
        if not member.eof:
            raise Refused("malformed", "the gzip body ends too early")
        parts.append(part)
        body = member.unused_data
        if not body:
            return b"".join(parts)
    raise Refused("malformed", f"more than {MOST_MEMBERS} gzip members")


def _count_values(raw: bytes, most: int) -> None:
    """Commas and opening brackets bound the values. Prose holds commas too, so strings are left out when in doubt."""
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") <= most:
        return
    signs = (piece for piece in _PIECE.finditer(raw) if raw[piece.start()] != QUOTE)
    if next(islice(signs, most, None), None) is not None:
        raise Refused("too_large", f"more than {most} values")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Refused("malformed", f"the key {twice[:80]!r} stands twice in one object")
    return found


def _integer(digits: str) -> int:
    """An integer of any size that a sender may have meant; which are allowed is said by the record profile."""
    if len(digits) > MOST_DIGITS:
        raise Refused("malformed", f"an integer of {len(digits)} digits")
    return int(digits)


def _float(digits: str) -> float:
    """A float may stand in one bad record, which must not stop the others; the record profile refuses it there."""
    if len(digits) > 40:
        raise Refused("malformed", f"a number of {len(digits)} digits")
    return float(digits)


def _constant(name: str) -> NoReturn:
    raise Refused("malformed", f"{name} is no JSON")


def _refuse_surrogates(value: Any) -> None:
    """Escapes of surrogates come in pairs, or the text cannot be written as UTF-8 again."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Refused("malformed", "a lone surrogate is no character") from None


class Members:
    """The members of one JSON object, each asked for by name and type; `path` is a JSON pointer to it.

    Every method raises `Refused` with code `malformed` that names the member.
    """

    __slots__ = ("_members", "_path")

    def __init__(self, value: object, path: str = "") -> None:
        self._path = path
        if not isinstance(value, dict):
            self._wrong("", "must be an object")
        self._members: dict[str, Any] = value

    def has(self, name: str) -> bool:
        return self._members.get(name) is not None

    def raw(self, name: str) -> Any:
        return self._members.get(name)

    def text(self, name: str, pattern: re.Pattern[str] | None = None, *, most: int = 200) -> str:
        value = self._members.get(name)
        if not isinstance(value, str) or len(value) > most or "\0" in value:
            self._wrong(name, f"must be a text of at most {most} characters without NUL")
        if pattern is not None and pattern.fullmatch(value) is None:
            self._wrong(name, f"must look like {pattern.pattern}")
        return value

    def optional(self, name: str, pattern: re.Pattern[str] | None = None, *, most: int = 200) -> str:
        """The text, or the empty one when it is missing or null."""
        return self.text(name, pattern, most=most) if self.has(name) else ""

    def whole(self, name: str, *, least: int = 0, most: int = LARGEST_INTEGER) -> int:
        value = self._members.get(name)
        if type(value) is not int or not least <= value <= most:
            self._wrong(name, f"must be an integer from {least} to {most}")
        return value

    def flag(self, name: str) -> bool:
        value = self._members.get(name)
        if type(value) is not bool:
            self._wrong(name, "must be true or false")
        return value

    def array(self, name: str, *, most: int = 500) -> list[Any]:
        value = self._members.get(name)
        if not isinstance(value, list) or len(value) > most:
            self._wrong(name, f"must be an array of at most {most} items")
        return value

    def texts(self, name: str, *, most: int = 500, longest: int = 200) -> tuple[str, ...]:
        found = self.array(name, most=most)
        if not all(isinstance(one, str) and len(one) <= longest and "\0" not in one for one in found):
            self._wrong(name, f"must hold texts of at most {longest} characters without NUL")
        return tuple(found)

    def inside(self, name: str) -> Members:
        return Members(self._members.get(name), f"{self._path}/{name}")

    def items(self) -> list[tuple[str, Any]]:
        return list(self._members.items())

    def _wrong(self, name: str, wanted: str) -> NoReturn:
        path = f"{self._path}/{name}" if name else self._path
        raise Refused("malformed", f"{path or '/'}: {wanted}", path=path)
