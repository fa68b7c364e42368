"""The figures that an offer's sentence states of what is asked: which of several are meant, and how far they are stated.

«Từ 12 % xuống 4 %» states the last; «từ −20 °C đến 70 °C» a range; «3 kW, 5 kW, 12 kW» a choice. A figure that is
denied, hoped for, or only the size of a change («giảm hao hụt 20 %») is stated halfway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from matching import sides
from matching.denials import denies, has_hope, hopes
from matching.quantities import Quantity, quantities
from matching.words import placed
from vocabulary.text import fold

BACKWARDS = 3
SAID_BEFORE, SAID_BEHIND = 24, 16
"""Characters around a figure in which «không dưới» or «or more» is said of it."""
_TO = re.compile(r"\s*(?:đến|tới|to|–|—|-|~)\s*", re.IGNORECASE)
_BECOMES = re.compile(
    r"\s*(?:lên|xuống|còn|thành|down to|up to)(?:\s+(?:đến|tới|mức|còn|chỉ))*\s*", re.IGNORECASE
)
_AND = re.compile(r"\s*(?:[,;/]|,?\s*(?:và|hoặc|hay|and|or))\s*", re.IGNORECASE)
_CHANGE = re.compile(
    r"(?<!\w)(?:tăng|giảm|nâng|hạ|reduc\w+|increas\w+|decreas\w+|improv\w+|rais\w+|lower(?:s|ed|ing)|cuts?)(?!\w)",
    re.IGNORECASE,
)
_REACHES = re.compile(r"(?:lên|xuống|còn|thành|tới|đến|đạt|to)\s+(?:\w+\s+)?$", re.IGNORECASE)
_RESPECTIVELY = re.compile(r"lần lượt|respectively", re.IGNORECASE)
_NOT_REACHED = re.compile(
    r"(?:chua|khong|chang|not|never|n't)\s+(?:yet\s+)?(?:dat|den|toi|reach\w*|achiev\w*|attain\w*)(?:\s+(?:duoc|den|toi|muc))*\s*$"
)
_CLAUSE = re.compile(r"[,;:()]|\.\s")


class Stated(NamedTuple):
    """A figure, the side of it on which the true one lies (see `matching.sides`), and whether it is stated at all."""

    quantity: Quantity
    side: str
    surely: bool


def stated(sentence: str, language: str, sought: Mapping[str, int], dimension: str, row: str) -> list[Stated]:
    """The figures of this dimension that belong to the sought words: one, or those among which one may choose. `row` are the
    words of the requirement."""
    found = [one for one in _meant(sentence) if one.dimension == dimension]
    if not found:
        return []
    if len(found) == 1:
        chosen = found
    else:
        places = [(start, end) for word, start, end in placed(sentence, language) if word in sought]
        nearest = min(found, key=lambda one: min([_away(one, place) for place in places], default=0))
        chosen = _choice(nearest, found, sentence)
    surely = not (
        denies(sentence, language, sought)
        or (hopes(sentence, language, sought) and not has_hope(row, language))
        or (len(found) > 1 and _RESPECTIVELY.search(sentence))
    )
    return [
        Stated(
            one,
            "" if sides.is_named(row) else _side(one, sentence),
            surely and not _halfway(one, sentence, row),
        )
        for one in chosen
    ]


@lru_cache(maxsize=8_192)
def _meant(sentence: str) -> tuple[Quantity, ...]:
    """Ranges as one, and without what was before a change."""
    found = list[Quantity]()
    for one in quantities(sentence):
        former = found[-1] if found else None
        if former is not None and former.dimension == one.dimension:
            between = sentence[former.end : one.start]
            changed = _CHANGE.search(_clause(sentence, former.start))
            if _BECOMES.fullmatch(between) or (changed and _TO.fullmatch(between)):
                found.pop()
            elif _TO.fullmatch(between):
                found.pop()
                one = _joined(former, one)
        found.append(one)
    return tuple(found)


def _joined(low: Quantity, high: Quantity) -> Quantity:
    ends = (low.low, low.high, high.low, high.high)
    return replace(low, low=min(ends), high=max(ends), end=high.end)


def _choice(nearest: Quantity, found: Sequence[Quantity], sentence: str) -> list[Quantity]:
    """The nearest, and those that are listed with it."""
    chosen = [nearest]
    for one, other in pairwise(found):
        if (
            other.start > chosen[-1].start
            and one is chosen[-1]
            and _AND.fullmatch(sentence[one.end : other.start])
        ):
            chosen.append(other)
    for one, other in reversed(list(pairwise(found))):
        if other is chosen[0] and _AND.fullmatch(sentence[one.end : other.start]):
            chosen.insert(0, one)
    return chosen


def _side(one: Quantity, sentence: str) -> str:
    before = max((other.end for other in quantities(sentence) if other.end <= one.start), default=0)
    return sides.offered(
        sentence[max(before, one.start - SAID_BEFORE) : one.start], sentence[one.end : one.end + SAID_BEHIND]
    )


def _halfway(one: Quantity, sentence: str, row: str) -> bool:
    """Whether it is what was not reached, or by how much something changed where the thing itself is asked for."""
    before = sentence[: one.start]
    if _NOT_REACHED.search(fold(before)):
        return True
    changed = _CHANGE.search(_clause(sentence, one.start)) and not _CHANGE.search(row)
    return bool(changed) and not _REACHES.search(before)


def _clause(sentence: str, place: int) -> str:
    """The clause before this place, up to it."""
    start = max((one.end() for one in _CLAUSE.finditer(sentence, 0, place)), default=0)
    return sentence[start:place]


def _away(quantity: Quantity, place: tuple[int, int]) -> int:
    """How far a figure stands from a word. Names come before their figures, so one before the word is thrice as far."""
    start, end = place
    return quantity.start - end if quantity.start >= end else BACKWARDS * (start - quantity.start)
