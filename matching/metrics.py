"""Figures of a ranking against what people judged relevant. Exact, with gain 1 for a relevant document.

Definitions as in Järvelin and Kekäläinen 2002 (nDCG) and Manning, Raghavan, Schütze 2008, chapter 8.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from math import log2


def ndcg(ranking: Sequence[str], relevant: Set[str], cut: int) -> float:
    """Normalised discounted cumulative gain of the first `cut`: 1 when nothing could stand better."""
    gained = sum(1 / log2(place + 2) for place, one in enumerate(ranking[:cut]) if one in relevant)
    best = sum(1 / log2(place + 2) for place in range(min(cut, len(relevant))))
    return gained / best if best else 0.0


def recall(ranking: Sequence[str], relevant: Set[str], cut: int) -> float:
    """The share of the relevant that stands among the first `cut`."""
    return len(relevant.intersection(ranking[:cut])) / len(relevant) if relevant else 0.0


def mrr(ranking: Sequence[str], relevant: Set[str], cut: int) -> float:
    """One over the place of the first relevant among the first `cut`; 0 when there is none."""
    return next((1 / (place + 1) for place, one in enumerate(ranking[:cut]) if one in relevant), 0.0)


def tie_share(scores: Sequence[int], cut: int) -> float:
    """The share of the first `cut` whose score, as shown, equals a neighbour's."""
    first = scores[:cut]
    tied = sum(1 for place, score in enumerate(first) if score in (*first[place - 1 : place], *first[place + 1 : place + 2]))
    return tied / len(first) if first else 0.0
