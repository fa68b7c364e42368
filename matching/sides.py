"""Which side of a figure a text says is good, or true: «không dưới 500 kg», "5 % or less", «trên 80 %».

The side is written as an operator: `>=` and `>`, `<=` and `<`, and empty where none is said. What denies a comparison is
read before what it denies. Words that also stand for places or times («dưới nước», "over the river", "30 min") count only
directly before the figure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from vocabulary.text import fold


class _Way(NamedTuple):
    """One way to say a side: `words` before the figure, or `after` it. What may stand `anywhere` is no place and no time."""

    side: str
    words: re.Pattern[str]
    after: re.Pattern[str]


_FILLED = r"(?:\s+(?:la|dat|muc|khoang|of|is))*\s*[:=]?\s*$"
"""What may stand between the words and the figure."""


def _way(side: str, *, direct: str = "", anywhere: str = "", after: str = "") -> _Way:
    before = [rf"(?<!\w)(?:{direct}){_FILLED}"] if direct else []
    before += [rf"(?<!\w)(?:{anywhere})(?!\w)"] if anywhere else []
    behind = [rf"^\s*(?:{after})(?!\w)"] if after else []
    behind += [rf"(?<!\w)(?:{anywhere})(?!\w)"] if anywhere else []
    return _Way(side, _any(before), _any(behind))


def _any(ways: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(ways) or "(?!)")


_DENIED = (
    _way(
        ">=",
        direct=r"khong (?:duoi|it hon|nho hon|thap hon|kem(?: hon)?)|not (?:below|under)"
        r"|(?:not?|never) (?:less|fewer|lower|smaller|shorter) than",
    ),
    _way(
        "<=",
        direct=r"khong (?:qua|tren|hon|lon hon|cao hon|nhieu hon|lau hon|vuot(?: qua)?)|not (?:over|above)"
        r"|(?:not?|never) (?:more|greater|higher|larger|longer|later) than|not? exceed(?:s|ing)?|without exceeding",
    ),
)
_SAID = (
    _way("<=", direct="trong vong|within", after="tro xuong|or (?:less|below|lower|fewer|under)|and below"),
    _way(">=", after="tro len|hoac hon|or (?:more|above|higher|greater|better|over)|and above"),
    _way("<", direct=r"duoi|(?:nho|thap|it|kem) hon|under|below|(?:less|lower|smaller|shorter|fewer) than|<"),
    _way(
        ">",
        direct=r"tren|(?:\w+ )?hon|vuot(?: qua)?|over|above|(?:more|greater|higher|larger|longer) than|exceed\w*|>",
    ),
)
_LEAST = _way(">=", direct="≥|>=|min", anywhere="it nhat|toi thieu|at least|minimum")
_MOST = _way("<=", direct="≤|<=|±|max", anywhere="toi da|at most|maximum")
_ABLE = re.compile(r"(?<!\w)(?:chiu|chong|withstand\w*|tolerat\w*|resist\w*)(?!\w)")
"""Who must bear 60 °C at most may bear more."""
_FROM = re.compile(r"(?<!\w)(?:tu|from)\s*$")
"""«Từ 500 kg trở lên»."""
_NEARLY = re.compile(rf"(?<!\w)(?:gan|nearly|almost|close to){_FILLED}")


class Said(NamedTuple):
    """A side, and the text before and behind the figure without the words that say it."""

    side: str
    before: str
    behind: str


def asked(before: str, behind: str = "") -> Said:
    """The side that is good, of a figure in a demand between these two texts. «Up to 60 °C» names what a thing is for and no
    side of it."""
    before, behind = fold(before), fold(behind)
    for way in (*_DENIED, *_SAID):
        if found := _found(way, before, behind):
            return found
    least, most = _found(_LEAST, before, behind), _found(_MOST, before, behind)
    if (least and most) or not (found := least or most) or (most and _ABLE.search(before)):
        return Said("", before, behind)
    return found


def offered(before: str, behind: str = "") -> str:
    """The side on which the true figure lies, of one in an offer. «Tối đa 98 kg» and "up to 98 kg" say what it can do."""
    before, behind = fold(before), fold(behind)
    if _NEARLY.search(before):
        return "<"
    return next((way.side for way in (*_DENIED, *_SAID, _LEAST) if _found(way, before, behind)), "")


@lru_cache(maxsize=4_096)
def is_named(text: str) -> bool:
    """Whether a limit is part of what is spoken about, as in «băng thông tối thiểu»."""
    plain = fold(text)
    return any(_found(way, "", plain) is not None for way in (_LEAST, _MOST))


def _found(way: _Way, before: str, behind: str) -> Said | None:
    if said := way.words.search(before):
        return Said(way.side, f"{before[: said.start()]} {before[said.end() :]}", behind)
    if said := way.after.search(behind):
        return Said(way.side, _FROM.sub("", before), f"{behind[: said.start()]} {behind[said.end() :]}")
    return None
