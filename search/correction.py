"""A query that found nothing, with its unknown words replaced by words of listings that are written nearly so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from search.analysis import word
from search.plan import Found, Match, Wanted
from search.question import Question
from vocabulary.syllables import other_spelling
from vocabulary.text import fold, tokens
from vocabulary.unspaced import is_unspaced

SAMPLE = 50
"""Listings looked at for what may have been meant."""
MOST_CORRECTED = 8
"""Words of a query that are corrected at most."""


class Store(Protocol):
    """The part of an engine that is needed here."""

    def frequencies(self, words: Sequence[str], pairs: Sequence[str]) -> tuple[int, Mapping[str, int]]: ...

    def find(self, wanted: Wanted) -> Found: ...


def typos(written: str) -> int:
    """How many letters may differ: none up to two letters, one up to five, else two."""
    return 0 if len(written) <= 2 else 1 if len(written) <= 5 else 2


def corrected(store: Store, question: Question) -> str:
    """The query with its unknown words replaced; empty when there is nothing to replace."""
    _, known = store.frequencies(tuple(map(word, question.tokens)), ())
    # A syllable that has another spelling is none: «kĩ» is asked for as «kỹ», too.
    unknown = [
        token
        for token in dict.fromkeys(question.tokens)
        if (found := word(token)) not in known and not other_spelling(found) and not is_unspaced(token)
    ]
    meant = {token: found for token in unknown[:MOST_CORRECTED] if (found := _meant(store, token))}
    if not meant:
        return ""
    return " ".join(meant.get(token, token) for token in question.tokens)


def _meant(store: Store, token: str) -> str:
    """The word most often written within the smallest distance, as the listings write it."""
    written = fold(token)
    for distance in range(1, typos(written) + 1):
        match = Match(near=written, distance=distance)
        rows = store.find(Wanted(match=match, size=SAMPLE, sort="relevance", texts=True)).rows
        seen = Counter(each for row in rows for each in tokens(f"{row.title}\n{row.body}".casefold()))
        near = [each for each in seen if apart(written, fold(each), distance) <= distance]
        if near:
            return max(near, key=lambda each: (seen[each], each))
    return ""


def apart(one: str, other: str, limit: int) -> int:
    """Edits between two words: letters put in, left out, changed, or neighbours swapped (optimal string alignment).

    Words whose lengths alone differ by more than `limit` are `limit + 1` apart.
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, start=1):
        row, above = [i], rows[-1]
        for j, counterpart in enumerate(other, start=1):
            cost = min(above[j] + 1, row[-1] + 1, above[j - 1] + (letter != counterpart))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == counterpart:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
