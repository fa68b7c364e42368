"""Where a sentence ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

_STOP = re.compile(
    "[.!?…\n。！？]"  # One set of characters at the head: the search then leaps from one of these to the next.
    r"(?:(?<=[.!?…])[.!?…]*[\"'”’»)\]]*\s+|(?<=\n)\n*|(?<=[。！？])[。！？]*)"
)
_SHORT_FORMS = """
TP. Tp. TX. TT. ThS. TS. PGS. GS. KS. BS. CN. Dr. Mr. Mrs. Ms. Prof. St. No. Fig. Eq. al. vs. e.g. i.e.
"""
_SHORTENED = frozenset(_SHORT_FORMS.split())
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+\Z")
_LIST_MARK = re.compile(r"(?:\d+|[^\W\d_])\.\Z")
_LONGEST_SHORTENED = 20
"""Characters in front of a stop that are looked at."""


def sentences(text: str) -> list[str]:
    """Sentences and lines. «0.5», «1,5 tỷ», «TP. Cần Thơ» and «1. Thiết bị» are not cut."""
    return [part for piece in _pieces(text) if (part := piece.strip())]


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for stop in _STOP.finditer(text):
        if "\n" in stop[0] or not _goes_on(text[start : stop.end()], text[stop.end() : stop.end() + 2]):
            yield text[start : stop.end()]
            start = stop.end()
    yield text[start:]


def _goes_on(before: str, after: str) -> bool:
    """Whether a stop ends no sentence: in front of a small letter, after a title, initials or the mark of a list."""
    if after.lstrip("«“\"'(")[:1].islower():
        return True
    word = before.rstrip()[-_LONGEST_SHORTENED:].split()[-1].lstrip("«“\"'(")
    if word in _SHORTENED or (word.isupper() and _INITIALS.match(word)):
        return True
    return before.strip() == word and _LIST_MARK.match(word) is not None
