"""The figures that an offer's sentence states of what is asked: which of several are meant, and how far they are stated.

«Từ 12 % xuống 4 %» states the last; «từ −20 °C đến 70 °C» a range; «3 kW, 5 kW, 12 kW» a choice. A figure that is
denied, hoped for, or only the size of a change («giảm hao hụt 20 %») is stated halfway.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from matching import sides
from matching.clauses import begins
from matching.denials import denies, has_hope, hopes
from matching.quantities import Quantity, quantities
from matching.words import placed, words
from vocabulary.text import fold

BACKWARDS = 3
ERRORS = frozenset({"sai", "xac", *words("error tolerance accuracy deviation", "en")})
"""Who asks for an error («sai số», «độ chính xác») asks of «25 ± 0,5 °C» for what stands behind the sign."""
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


class Stated(NamedTuple):
    """A figure, the side of it on which the true one lies (see `matching.sides`), and whether it is stated at all."""

    quantity: Quantity
    side: str
    surely: bool


class _Read(NamedTuple):
    """A figure as its sentence has it: `missed` where it was not reached, `change` where it may be by how much something
    changed, `listed` where it stands in one list with the figure before it."""

    quantity: Quantity
    side: str
    missed: bool
    change: bool
    listed: bool


def stated(sentence: str, language: str, sought: Mapping[str, int], dimension: str, row: str) -> list[Stated]:
    """The figures of this dimension that belong to the sought words: one, or those among which one may choose. `row` are the
    words of the requirement."""
    found = [one for one in _read(sentence, language) if one.quantity.dimension == dimension]
    if not ERRORS.isdisjoint(sought):
        found = [one._replace(quantity=one.quantity.as_error()) for one in found]
    if not found:
        return []
    surely = not (
        denies(sentence, language, sought)
        or (hopes(sentence, language, sought) and not has_hope(row, language))
        or (len(found) > 1 and _RESPECTIVELY.search(sentence))
    )
    named, changes = sides.is_named(row), bool(_CHANGE.search(row))
    return [
        Stated(
            one.quantity,
            "" if named else one.side,
            surely and not (one.missed or (one.change and not changes)),
        )
        for one in _chosen(found, sentence, language, sought)
    ]


def _chosen(found: list[_Read], sentence: str, language: str, sought: Mapping[str, int]) -> list[_Read]:
    """The figure before which, in its clause, most of the sought words stand by weight, of equals the nearest to one; and
    those that are listed with it."""
    if len(found) == 1:
        return found
    places = [one for one in placed(sentence, language) if one[0] in sought]
    rank = list[tuple[int, int]]()
    for former, one in zip([None, *found], found, strict=False):
        named = _named(one, former, sentence, places)
        away = min([_away(one.quantity, (start, end)) for _, start, end in places], default=0)
        rank.append((-sum(sought[word] for word in named), away))
    first = last = rank.index(min(rank))
    while found[first].listed:
        first -= 1
    while last + 1 < len(found) and found[last + 1].listed:
        last += 1
    return found[first : last + 1]


def _named(
    one: _Read, former: _Read | None, sentence: str, places: Iterable[tuple[str, int, int]]
) -> set[str]:
    """The words that stand before a figure in its clause, behind the figure before it."""
    place = one.quantity.start
    end = len(sentence[:place].rstrip(" :="))
    since = max(end - len(_clause(sentence, end)), former.quantity.end if former else 0)
    return {word for word, start, _ in places if since <= start < place}


@lru_cache(maxsize=8_192)
def _read(sentence: str, language: str) -> tuple[_Read, ...]:
    """What does not depend on who asks, kept beside the sentence."""
    found, read = _meant(sentence, language), list[_Read]()
    for former, one in zip([None, *found], found, strict=False):
        since, place = former.end if former else 0, one.start
        before = sentence[:place]
        read.append(
            _Read(
                one,
                sides.offered(
                    sentence[max(since, place - SAID_BEFORE) : place],
                    sentence[one.end : one.end + SAID_BEHIND],
                ),
                missed=bool(_NOT_REACHED.search(fold(before))),
                change=bool(_CHANGE.search(_clause(sentence, place))) and not _REACHES.search(before),
                listed=former is not None
                and former.dimension == one.dimension
                and bool(_AND.fullmatch(sentence[since:place])),
            )
        )
    return tuple(read)


def _meant(sentence: str, language: str) -> list[Quantity]:
    """Ranges as one, and without what was before a change."""
    found = list[Quantity]()
    for one in quantities(sentence, language):
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
    return found


def _joined(low: Quantity, high: Quantity) -> Quantity:
    ends = (low.low, low.high, high.low, high.high)
    return replace(low, low=min(ends), high=max(ends), end=high.end)


def _clause(sentence: str, place: int) -> str:
    """The clause before this place, up to it."""
    return sentence[begins(sentence, place) : place]


def _away(quantity: Quantity, place: tuple[int, int]) -> int:
    """How far a figure stands from a word. Names come before their figures, so one before the word is thrice as far."""
    start, end = place
    return quantity.start - end if quantity.start >= end else BACKWARDS * (start - quantity.start)
