"""Whether two listings say nearly the same: by a small sketch of their words, so that comparing costs next to nothing.

The sketch holds the smallest hashes of all words (bottom-k, Broder 1997): the share that two sketches have in common is
about the share that their words have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nsmallest
from zlib import crc32

from matching.profile import Profile

SKETCH = 48
"""Hashes of a sketch: the estimate is off by a tenth at most nine times of ten."""
NEARLY_THE_SAME = 0.8
"""Of the words: a copy with another name, price or closing sentence has more; two good texts about one thing, less."""


def sketch(profile: Profile) -> frozenset[int]:
    """Of all words and pairs of its own language; one that was read brings it along."""
    # Sorted as a whole, which takes a third of what a heap of the smallest does.
    return profile.sketch or frozenset(sorted({crc32(word.encode()) for word in profile.words})[:SKETCH])


def alike(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether the texts behind these sketches are nearly the same."""
    if not one or not other:
        return False
    first = set(nsmallest(SKETCH, one | other))
    return len(first & one & other) >= NEARLY_THE_SAME * len(first)


def copies(ranked: Sequence[Profile]) -> dict[str, str]:
    """uid -> the uid of the first listing in this order that says nearly the same."""
    heads: list[tuple[str, frozenset[int]]] = []
    found: dict[str, str] = {}
    for profile in ranked:
        mine = sketch(profile)
        head = next(
            (uid for uid, other in heads if len(mine & other) > SKETCH // 2 and alike(mine, other)), ""
        )
        if head:
            found[profile.uid] = head
        else:
            heads.append((profile.uid, mine))
    return found
