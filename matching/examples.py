"""What people decided, as the examples that weights are learned from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matching.rating import Rating

MOST_OF_ONE = 0.2
"""The largest share of all influence that one organisation has, however much it decides."""


@dataclass(frozen=True, slots=True)
class Example:
    """One decision: whose demand, who decided, whether the pair was accepted, and how its signals were rated."""

    demand: str
    offer: str
    organisation: str
    accepted: bool
    ratings: tuple[Rating, ...]


def by_demand(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """The examples of each demand, demands in the order of the alphabet, so that no two runs differ."""
    grouped: defaultdict[str, list[Example]] = defaultdict(list)
    for example in sorted(examples, key=lambda one: (one.demand, one.offer, one.organisation)):
        grouped[example.demand].append(example)
    return dict(grouped)


def influence(examples: Sequence[Example]) -> Mapping[str, float]:
    """What one decision of each organisation counts for: 1, and less where it would otherwise exceed its share.

    With so few organisations that the share cannot be kept, all of them count the same.
    """
    decided = Counter(example.organisation for example in examples)
    if not decided:
        return {}
    cap = _cap(sorted(decided.values()))
    return {organisation: min(1.0, cap / count) for organisation, count in decided.items()}


def _cap(counts: Sequence[int]) -> float:
    """The most decisions of one organisation that count in full: the largest cap at which nobody exceeds his share.

    `counts` are in rising order. With the `n` largest cut down to the cap c, c = share · (rest + n · c).
    """
    for cut in range(len(counts)):
        rest = sum(counts[: len(counts) - cut])
        largest = counts[len(counts) - cut - 1]
        room = 1 - MOST_OF_ONE * cut
        if room <= 0:
            break
        cap = MOST_OF_ONE * rest / room
        if largest <= cap:
            return float(largest) if cut == 0 else cap
    return float(counts[0])
