"""How good a ranking is, measured against judgements. Exact, so that two people get the same figure.

Gains are 0 or 1: a candidate is judged relevant or it is not. What nobody judged counts as not relevant.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence


def ndcg(ranked: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """Normalised discounted cumulative gain at `k` (Järvelin and Kekäläinen 2002): 1 when the relevant ones
    come first, each worth 1/log2(rank + 1). 0 when nothing is relevant."""
    ideal = sum(_discount(place) for place in range(min(k, len(relevant))))
    gained = sum(_discount(place) for place, uid in enumerate(ranked[:k]) if uid in relevant)
    return gained / ideal if ideal else 0.0


def recall(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """The share of the relevant ones among the first `k`. 0 when nothing is relevant."""
    return sum(uid in relevant for uid in ranked[:k]) / len(relevant) if relevant else 0.0


def mrr(ranked: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """1 / rank of the first relevant one, 0 when it is not among the first `k`. Its mean over queries is
    MRR."""
    return next((1 / (place + 1) for place, uid in enumerate(ranked[:k]) if uid in relevant), 0.0)


def tie_share(totals: Sequence[int], k: int = 10) -> float:
    """The share of the first `k` whose shown score another of them has, too."""
    first = totals[:k]
    return sum(first.count(total) > 1 for total in first) / len(first) if first else 0.0


def hub_share(answers: Sequence[tuple[Sequence[str], Collection[str]]], k: int = 10) -> float:
    """Of all queries the share in whose first `k` the same document stands without being judged relevant, for the
    document where it is largest. An answer is a ranking and what is relevant for it."""
    shown = Counter(uid for ranking, relevant in answers for uid in ranking[:k] if uid not in relevant)
    return max(shown.values(), default=0) / len(answers) if answers else 0.0


def mean(figures: Sequence[float]) -> float:
    """The mean over queries; 0 when there are none."""
    return math.fsum(figures) / len(figures) if figures else 0.0


def _discount(place: int) -> float:
    """Of the place counted from nought."""
    return 1 / math.log2(place + 2)
