"""What an organisation has brought about on this exchange, as one of four steps: so much may be known, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from matching.rating import FULL

FEWEST = 3
"""Partners with a settled case, below which nothing is known: one or two cases say more about chance."""
GRADES: Mapping[str, int] = {"A": FULL, "B": FULL, "C": FULL // 2, "D": FULL // 4}
"""What a settled case is worth by the grade of its outcome; one that is disputed is worth nothing."""
SMOOTHING = 1
"""So many cases that went well, and as many that did not, are counted beside the real ones."""
STEPS = (2 * FULL // 5, 3 * FULL // 5, 4 * FULL // 5)
"""The smoothed shares from which the next step is reached. Steps hide how many cases there were, and with whom."""
HIGHEST = len(STEPS) + 1


def step(worths: Iterable[Sequence[int]]) -> int | None:
    """From 1 to `HIGHEST`, by what the settled cases with each partner were worth; None below `FEWEST` partners.

    Many cases with one partner count as one, their mean, so that two who attest each other's cases gain nothing.
    """
    partners = [sum(cases) // len(cases) for cases in worths]
    if len(partners) < FEWEST:
        return None
    smoothed = (sum(partners) + SMOOTHING * FULL) // (len(partners) + 2 * SMOOTHING)
    return 1 + sum(smoothed >= least for least in STEPS)
