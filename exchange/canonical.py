"""One way to write a record, so that equal content has an equal hash on every exchange.

The record profile is a subset of I-JSON (RFC 7493): ASCII snake-case keys, no floats, integers within ±(2^53 − 1),
no lone surrogates, bounded depth and size. Inside it RFC 8785 (JCS) equals sorted keys, no spaces, nothing escaped
that need not be; keys are ASCII, so sorting by code point equals sorting by UTF-16 unit.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

LARGEST_INTEGER = 2**53 - 1
DEEPEST = 12
LONGEST_STRING = 64 * 1024
LONGEST_ARRAY = 500
SURELY_SHORT = LONGEST_STRING // 4
"""Characters of which no text has more than `LONGEST_STRING` bytes."""
LARGEST_RECORD = 256 * 1024
KEY = re.compile(r"[a-z0-9_]+\Z")
_written = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


class NotCanonical(ValueError):
    """The record is outside the profile; `path` is a JSON pointer to the place, `reason` says why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path or '/'}: {reason}")
        self.path = path
        self.reason = reason


def canonical(value: Any) -> bytes:
    """The one writing of `value`. Raises `NotCanonical` for anything outside the profile."""
    return _both(value)[1]


def content_hash(*, uid: str, kind: str, schema: str, op: str, body: Any) -> str:
    """`sha-256:` and the digest of what the record says.

    Revision and times are left out, so a record that says the same again has the same hash. For a deletion or an
    erasure `body` is its reason, and stands under that name.
    """
    return hashed(uid=uid, kind=kind, schema=schema, op=op, body=body)[0]


def hashed(*, uid: str, kind: str, schema: str, op: str, body: Any) -> tuple[str, str]:
    """The content hash, and the body as it was written for it."""
    said = "body" if op == "upsert" else "reason"
    record = {"id": uid, "kind": kind, "schema": schema, "op": op, said: body}
    text, written = _both(record)
    digest = f"sha-256:{hashlib.sha256(written).hexdigest()}"
    return digest, first_value(text, record) if said == "body" else _written(body)


def first_value(text: str, record: Mapping[str, Any]) -> str:
    """What was written for that name of a record that comes first, cut out of the whole; a record has several names.

    A listing is mostly one long text, and writing it takes longer than hashing it.
    """
    first = min(record)
    rest = _written({name: value for name, value in record.items() if name != first})
    return text[len(f'{{"{first}":') : -len(rest)]


def _both(value: Any) -> tuple[str, bytes]:
    """`canonical` as text and as bytes."""
    if not _fits(value, 1):
        _check(value, "", 1)
    text = _written(value)
    try:
        written = text.encode()
    except UnicodeEncodeError:
        _check(value, "", 1)
        raise
    if len(written) > LARGEST_RECORD:
        raise NotCanonical("", f"larger than {LARGEST_RECORD} bytes")
    return text, written


def _fits(value: Any, depth: int) -> bool:
    """Whether the value is surely inside the profile, but for lone surrogates, which show when it is written.

    It is asked of every record on its way, and nearly always says yes; what it does not know `_check` looks at.
    """
    kind = type(value)
    if depth > DEEPEST:
        return False
    if kind is str:
        return len(value) <= SURELY_SHORT
    if kind is int:
        return bool(-LARGEST_INTEGER <= value <= LARGEST_INTEGER)
    if kind is dict:
        return all(map(_is_key, value)) and all(_fits(item, depth + 1) for item in value.values())
    if kind is list:
        return len(value) <= LONGEST_ARRAY and all(_fits(item, depth + 1) for item in value)
    return kind is bool or value is None


@lru_cache(maxsize=4_096)
def _is_key(key: object) -> bool:
    return isinstance(key, str) and KEY.match(key) is not None


def _check(value: Any, path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise NotCanonical(path, f"deeper than {DEEPEST} levels")
    if isinstance(value, Mapping):
        _check_object(value, path, depth)
    elif isinstance(value, list | tuple):
        _check_array(value, path, depth)
    elif isinstance(value, str):
        _check_string(value, path)
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise NotCanonical(path, "an integer beyond ±(2^53 − 1)")
    else:
        raise NotCanonical(
            path, f"{type(value).__name__} has no place in a record; write decimals as strings"
        )


def _check_object(value: Mapping[Any, Any], path: str, depth: int) -> None:
    for key, item in value.items():
        if not isinstance(key, str) or not KEY.match(key):
            raise NotCanonical(f"{path}/{key}", "a key must be small ASCII letters, digits and underscores")
        _check(item, f"{path}/{key}", depth + 1)


def _check_array(value: list[Any] | tuple[Any, ...], path: str, depth: int) -> None:
    if len(value) > LONGEST_ARRAY:
        raise NotCanonical(path, f"more than {LONGEST_ARRAY} items")
    for position, item in enumerate(value):
        _check(item, f"{path}/{position}", depth + 1)


def _check_string(value: str, path: str) -> None:
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise NotCanonical(path, "a lone surrogate is no character") from None
    if size > LONGEST_STRING:
        raise NotCanonical(path, f"a string of more than {LONGEST_STRING} bytes")
