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

_RANGE = re.compile(r"(?:trl)?\s*(\d{1,3})\s*(?:(?:-|–|—|\.\.|to|den)\s*(?:trl)?\s*(\d{1,3}))?\Z")
_OPEN = re.compile(r"(?:trl)?\s*(>=|≥|<=|≤|tu|from|toi da|up to)\s*(?:trl)?\s*(\d{1,3})\s*\+?\Z")


def stage(level: int) -> str:
    """The stage a level belongs to."""
    return next(name for name, (first, last) in STAGES.items() if first <= level <= last)


def read_trl(text: str) -> tuple[int, int]:
    """«7», «TRL 6-9», «≥ 7» or the name of a stage, as a range of levels. Raises `Unreadable`."""
    typed = fold(text).strip()
    if typed in STAGES:
        return STAGES[typed]
    if match := _OPEN.match(typed):
        level = _level(match[2], text)
        return (level, HIGHEST) if match[1] in (">=", "≥", "tu", "from") else (LOWEST, level)
    match = _RANGE.match(typed)
    if match is None:
        return STAGES[STAGE_NAMES.read(text)] if fold(text) in _stage_words() else _refuse(text)
    low = _level(match[1], text)
    high = _level(match[2], text) if match[2] else low
    if low > high:
        raise Unreadable("trl.reversed", value=text)
    return low, high


def _stage_words() -> frozenset[str]:
    return frozenset(fold(name) for code in STAGE_NAMES for name in (code.vi, code.en))


def _level(digits: str, text: str) -> int:
    level = int(digits)
    if not LOWEST <= level <= HIGHEST:
        raise Unreadable("trl.range", value=text.strip())
    return level


def _refuse(text: str) -> tuple[int, int]:
    raise Unreadable("trl.unreadable", value=text.strip())
