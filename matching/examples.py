"""What people decided, as the examples that weights are learned from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matching.rating import Rating

DULL_FROM = 10
"""So many decisions of one organisation, all the same, and it tells nothing."""
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


def telling(examples: Sequence[Example]) -> list[Example]:
    """The examples of those who tell pairs apart, in an order that is the same in every run.

    Whoever accepts, or refuses, all of many pairs says something about himself and nothing about the pairs: with one
    of each kind among ten, what a total was said to mean was off by 0.07 to 0.12, without them by 0.03.
    """
    said: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for example in examples:
        said[example.organisation][example.accepted] += 1
    dull = {name for name, verdicts in said.items() if len(verdicts) == 1 and verdicts.total() >= DULL_FROM}
    kept = [example for example in examples if example.organisation not in dull]
    return sorted(kept, key=lambda one: (one.demand, one.offer, one.organisation))


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
