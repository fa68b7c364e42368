"""Technology readiness levels 1–9 (ISO 16290:2013) and the five stages people speak of."""

from __future__ import annotations

import re

from vocabulary.codelist import CodeList
from vocabulary.problems import Unreadable
from vocabulary.text import fold

LOWEST, HIGHEST = 1, 9

STAGES = {
    "concept": (1, 2),
    "development": (3, 4),
    "laboratory": (5, 5),
    "demonstration": (6, 8),
    "market": (9, 9),
}
"""Stage -> its first and last level."""

STAGE_NAMES = CodeList("stages")

_NAMED = re.compile(r"(?:trl|level|muc)\s*[:.]?\s*(?=\d)")
_LEVEL = r"(\d{1,3})(?:[.,]0|/9)?"
"""A spreadsheet writes 7 as 7.0; people write 7/9."""
_RANGE = re.compile(rf"(?:tu|from)?\s*{_LEVEL}\s*(?:-|–|—|\.\.|to|den)\s*{_LEVEL}\Z")
_AT_LEAST = re.compile(rf"(?:>=|≥|tu|from|at least)\s*{_LEVEL}\Z|{_LEVEL}\s*\+\Z")
_AT_MOST = re.compile(rf"(?:<=|≤|toi da|den|up to|at most)\s*{_LEVEL}\Z")
_ONE = re.compile(rf"{_LEVEL}\Z")


def stage(level: int) -> str:
    """The stage a level belongs to."""
    return next(name for name, (first, last) in STAGES.items() if first <= level <= last)


def read_trl(text: str) -> tuple[int, int]:
    """«7», «TRL 6-9», «≥ 7» or the name of a stage, as a range of levels. Raises `Unreadable`."""
    typed = _NAMED.sub("", fold(text)).strip()
    if match := _ONE.match(typed):
        return _levels(match[1], match[1], text)
    if match := _RANGE.match(typed):
        return _levels(match[1], match[2], text)
    if match := _AT_LEAST.match(typed):
        return _levels(match[1] or match[2], str(HIGHEST), text)
    if match := _AT_MOST.match(typed):
        return _levels(str(LOWEST), match[1], text)
    try:
        return STAGES[STAGE_NAMES.read(text)]
    except Unreadable:
        raise Unreadable("trl.unreadable", value=text.strip()) from None


def _levels(first: str, last: str, text: str) -> tuple[int, int]:
    low, high = int(first), int(last)
    if not (LOWEST <= low <= HIGHEST and LOWEST <= high <= HIGHEST):
        raise Unreadable("trl.range", value=text.strip())
    if low > high:
        raise Unreadable("trl.reversed", value=text.strip())
    return low, high
