"""What would change the score: the smallest changes, each tried before it is told."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

from matching.edits import edited
from matching.gates import checked
from matching.model import BAR, FIRST
from matching.pair import Pair, beside, pair
from matching.prepared import Prepared, worked_out
from matching.profile import Profile
from matching.proposals import Proposal, proposed
from matching.result import Lift
from matching.scoring import rated, total
from matching.statistics import Statistics
from matching.weights import Weights

SHOWN = 6
"""More would not be read."""
TOGETHER, AMONG = 3, 10
"""At most so many changes are tried together when none alone lifts the pair over the bar, out of the strongest ones."""


def apply(lift: Lift, demand: Profile, offer: Profile) -> tuple[Profile, Profile]:
    """Both profiles as they would be. `score` of them is the total before plus the lift's gain."""
    for edit in lift.edits:
        demand, offer = edited(demand, offer, edit)
    return demand, offer


class _Start(NamedTuple):
    """The pair as it is, its total, the gates it fails, and what it is scored by."""

    pair: Pair
    total: int
    closed: frozenset[str]
    statistics: Statistics
    weights: Weights


def lifts(
    demand: Profile, offer: Profile, statistics: Statistics, weights: Weights = FIRST
) -> tuple[Lift, ...]:
    """The changes that raise this pair's score, the smallest first; when the pair is below the bar and none
    of them lifts it over, also the least work that does when done together, if there is such."""
    before = pair(demand, offer, statistics)
    start = _Start(before, total(rated(before), weights), _closed(demand, offer), statistics, weights)
    tried = [(proposal, _gain([proposal], start)) for proposal in proposed(before)]
    helpful = sorted((item for item in tried if item[1] > 0), key=_smallest_first)
    shown = [_lift([proposal], gain, start.total) for proposal, gain in helpful]
    if start.total < BAR and not any(lift.crosses_bar for lift in shown):
        strongest = sorted(helpful, key=lambda item: -item[1])[:AMONG]
        return (*shown[: SHOWN - 1], *_together([item[0] for item in strongest], start))
    return _kept(shown)


def _kept(found: list[Lift]) -> tuple[Lift, ...]:
    """The smallest ones; the smallest of those that cross the bar is never cut off."""
    crossing = [lift for lift in found[SHOWN:] if lift.crosses_bar][:1]
    if crossing and not any(lift.crosses_bar for lift in found[:SHOWN]):
        return (*found[: SHOWN - 1], *crossing)
    return tuple(found[:SHOWN])


def _together(helpful: list[Proposal], start: _Start) -> tuple[Lift, ...]:
    """The least work of two or three changes that crosses the bar"""
    for count in range(2, TOGETHER + 1):
        groups = [group for group in combinations(helpful, count) if _independent(group)]
        for group in sorted(groups, key=lambda items: sum(item.effort for item in items)):
            gain = _gain(list(group), start)
            if start.total + gain >= BAR:
                return (_lift(list(group), gain, start.total),)
    return ()


def _independent(group: tuple[Proposal, ...]) -> bool:
    """On one side, so that one person can decide; and no value set twice."""
    edits = {(item.edit.field, item.edit.value if item.edit.field == "requirement" else "") for item in group}
    return len(edits) == len(group) and len({item.edit.side for item in group}) == 1


def _gain(proposals: list[Proposal], start: _Start) -> int:
    before, statistics = start.pair, start.statistics
    demand, offer = before.demand.profile, before.offer.profile
    for proposal in proposals:
        demand, offer = edited(demand, offer, proposal.edit)
    if not _closed(demand, offer) <= start.closed:
        return 0  # What leads to a closed gate leads nowhere.
    after = _after(
        before, _prepared(before.demand, demand, statistics), _prepared(before.offer, offer, statistics)
    )
    return total(rated(after), start.weights) - start.total


def _closed(demand: Profile, offer: Profile) -> frozenset[str]:
    """The gates that keep the two apart."""
    return frozenset(gate.name for gate in checked(demand, offer) if not gate.passed)


def _after(before: Pair, demand: Prepared, offer: Prepared) -> Pair:
    """What their words have in common is compared anew only when words changed."""
    if demand.words is before.demand.words and offer.words is before.offer.words:
        return Pair(demand, offer, before.overlap)
    return beside(demand, offer)


def _prepared(before: Prepared, profile: Profile, statistics: Statistics) -> Prepared:
    """Worked out anew only when words changed."""
    if profile.asked is before.profile.asked and profile.spoken(before.language).words is before.words:
        return replace(before, profile=profile)
    return worked_out(profile, statistics, before.language)


def _lift(proposals: list[Proposal], gain: int, now: int) -> Lift:
    first, *others = sorted(proposals, key=lambda item: -item.effort)
    return Lift(
        side=first.edit.side,
        signal=first.signal,
        change=first.change,
        gain=gain,
        crosses_bar=now < BAR <= now + gain,
        edits=tuple(proposal.edit for proposal in proposals),
        also=tuple(proposal.change for proposal in others),
    )


def _smallest_first(tried: tuple[Proposal, int]) -> tuple[int, int, str, str]:
    proposal, gain = tried
    return proposal.effort, -gain, proposal.change.code, proposal.edit.value
