"""The clause of a sentence in which a figure stands."""

from __future__ import annotations

import re

ENDS = re.compile(r"[;:()]|,(?!\d)|\.\s")


def begins(sentence: str, place: int) -> int:
    """Where the clause before this place begins."""
    return max((one.end() for one in ENDS.finditer(sentence, 0, place)), default=0)


def ends(sentence: str, place: int) -> int:
    """Where the clause behind this place ends."""
    found = ENDS.search(sentence, place)
    return found.start() if found else len(sentence)
