"""Listings of one kind that are like another: by their words and their meaning alone, whatever else they state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matching import points, text_signals
from matching.column import column
from matching.pair import pairs
from matching.prepared import Ready
from matching.profile import Profile
from matching.statistics import Statistics

SIGNALS = (
    (text_signals.text, 2),
    (text_signals.heading, 14),
    (text_signals.opening, 7),
    (text_signals.telling, 7),
    (text_signals.meaning, 70),
)
"""What is like a listing is rather of the same matter than in the same words. Set on judged English and Vietnamese
listings, see docs/matching.md."""
WEIGHTS = tuple(weight for _, weight in SIGNALS)


def alike(subject: Profile, others: Sequence[Ready], statistics: Statistics, limit: int) -> list[str]:
    """The uids of the `limit` others that are most like the subject, best first; of equals the lesser uid. The subject is
    read as what is asked for, the others as what is offered, whatever they are."""
    asking = Ready(replace(subject, kind="demand"), statistics)
    compared = pairs(asking, others)
    sums = points.sums([column(rate, compared) for rate, _ in SIGNALS], WEIGHTS)
    likeness = [points.total_of(earned, known) for earned, known in sums]
    ranked = sorted((-like, pair.offer.profile.uid) for like, pair in zip(likeness, compared, strict=True))
    return [uid for _, uid in ranked[:limit]]
