"""Rows of a listing's tables: technical requirements and rights, from a form or as one line of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vocabulary.listing import Requirement, Right
from vocabulary.problems import Unreadable
from vocabulary.terms import RIGHT_KINDS, RIGHT_STATUSES
from vocabulary.text import clean, fold

Row = Mapping[str, str] | str

_SIGNS = {"≥": ">=", "≤": "<=", "=>": ">=", "=<": "<=", ":": "="}
_LINE = re.compile(r"(?P<name>.+?)\s*(?P<sign>>=|<=|=>|=<|≥|≤|=|>|<|:)\s*(?P<rest>.+)\Z")
_NUMBER = r"-?\d+(?:[.,]\d+)?"
_SPAN = re.compile(rf"(?P<low>{_NUMBER})\s*(?:\.\.|–|—|-|đến|to)\s*(?P<high>{_NUMBER})\s*(?P<unit>.*)\Z")
_SINGLE = re.compile(rf"(?P<value>{_NUMBER})\s*(?P<unit>.*)\Z")
_SHOULD = re.compile(r"\s*\((?P<word>nên có|nen co|should|bắt buộc|bat buoc|must)\)\s*\Z", re.IGNORECASE)


def requirement(row: Row) -> Requirement:
    """«Sai số độ mặn <= 0,5 ‰ (nên có)», or the cells of a form. A line without a sign is a name in words."""
    return _typed_requirement(clean(row)) if isinstance(row, str) else _filled_requirement(row)


def right(row: Row) -> Right:
    """«patent granted 1-0031234 VN», «Bằng độc quyền sáng chế», or the cells of a form. Raises `Unreadable`."""
    if isinstance(row, str):
        return _typed_right(clean(row))
    status = clean(row.get("status", ""))
    return Right(
        kind=RIGHT_KINDS.read(clean(row.get("kind", ""))),
        status=RIGHT_STATUSES.read(status) if status else "none",
        number=clean(row.get("number", "")),
        territory=clean(row.get("territory", "")).upper() or "VN",
    )


def _filled_requirement(row: Mapping[str, str]) -> Requirement:
    operator = _SIGNS.get(clean(row.get("operator", "")), clean(row.get("operator", ""))) or "text"
    value = clean(row.get("value", ""))
    if operator == "range" and (span := _SPAN.match(value)):
        value = f"{span['low']}..{span['high']}"
    return Requirement(
        name=clean(row.get("name", "")),
        operator=operator,
        value=value,
        unit=clean(row.get("unit", "")),
        must=row.get("must", "1") != "0",
    )


def _typed_requirement(line: str) -> Requirement:
    must = True
    if weight := _SHOULD.search(line):
        must = fold(weight["word"]) in ("bat buoc", "must")
        line = line[: weight.start()]
    match = _LINE.match(line)
    if match is None:
        return Requirement(line, must=must)
    sign = _SIGNS.get(match["sign"], match["sign"])
    if sign == "=" and (span := _SPAN.match(match["rest"])):
        return Requirement(match["name"], "range", f"{span['low']}..{span['high']}", span["unit"], must)
    if single := _SINGLE.match(match["rest"]):
        return Requirement(match["name"], sign, single["value"], single["unit"], must)
    # «Vật liệu: thép không gỉ» compares nothing; only «=» with a number does.
    return Requirement(match["name"], "text" if sign == "=" else sign, match["rest"], must=must)


def _typed_right(line: str) -> Right:
    parts = [part for part in re.split(r"[\s,:]+", line) if part]
    if not parts or parts[0] not in RIGHT_KINDS:
        return Right(RIGHT_KINDS.read(line))
    kind, status, number, territory = parts[0], "none", "", "VN"
    for part in parts[1:]:
        if part in RIGHT_STATUSES:
            status = part
        elif re.fullmatch("[A-Z]{2}", part):
            territory = part
        elif not number:
            number = part
        else:
            raise Unreadable("right.unreadable", value=line)
    return Right(kind, status, number, territory)
