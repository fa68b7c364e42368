"""How rare a term is, which is what it counts."""

from __future__ import annotations

from collections.abc import Mapping
from math import log

Rarity = tuple[int, Mapping[str, int]]
"""The number of listings, and of each term in the index the number of those that hold it."""


def rareness(term: str, rarity: Rarity) -> float:
    """What BM25 makes of how many listings hold the term; a term that is in none is the rarest."""
    total, known = rarity
    held = known.get(term, 0)
    return log(1 + (total - held + 0.5) / (held + 0.5))
