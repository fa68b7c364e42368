"""A demand beside an offer: what every signal reads."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from matching.answers import Finding, findings
from matching.meeting import commons, overlaps
from matching.overlap import Common, Overlap, common, overlap
from matching.prepared import Prepared, Ready
from matching.profile import Profile
from matching.statistics import Statistics


@dataclass(slots=True, eq=False)
class Pair:
    """`overlap` is what their words have in common."""

    demand: Prepared
    offer: Prepared
    overlap: Overlap
    _common: Common | None = field(default=None, init=False)
    _findings: tuple[Finding, ...] | None = field(default=None, init=False)

    @property
    def common(self) -> Common:
        """How many terms they have in common: said of a pair, and no part of its score."""
        if self._common is None:
            self._common = common(self.demand, self.offer)
        return self._common

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The offer's answers to the demand's requirements, looked for when they are first asked for: they cost as much
        as all else of a pair."""
        if self._findings is None:
            self._findings = findings(self.demand, self.offer)
        return self._findings

    @property
    def shared(self) -> Set[str]:
        """The terms of the demand that the offer uses, too."""
        return self.demand.text.terms.keys() & self.offer.words.keys()


def pair(demand: Profile, offer: Profile, statistics: Statistics) -> Pair:
    return beside(*_prepared(Ready(demand, statistics), Ready(offer, statistics)))


def pairs(subject: Ready, others: Sequence[Ready]) -> list[Pair]:
    """The subject beside each of these listings of the other kind. All that are compared in one language meet at once, so
    they come language by language."""
    asking, statistics = subject.profile.kind == "demand", subject.statistics
    together: dict[str, list[Prepared]] = {}
    for other in others:
        spoken = languages(*sides(subject.profile, other.profile), statistics)
        mine, theirs = spoken if asking else spoken[::-1]
        together.setdefault(mine, []).append(other.prepared(theirs))
    found: list[Pair] = []
    for language, group in together.items():
        own = [subject.prepared(language)] * len(group)
        demands, offers = (own, group) if asking else (group, own)
        common = overlaps(demands[:1], offers) if asking else overlaps(demands, offers[:1])
        found += map(Pair, demands, offers, common)
    return found


def count_together(found: Sequence[Pair]) -> None:
    """Let all these pairs know at once how many terms their two sides have in common."""
    together: dict[int, list[Pair]] = {}
    alone = len({id(one.demand.profile) for one in found}) == 1
    for one in found:
        together.setdefault(id(one.demand if alone else one.offer), []).append(one)
    for group in together.values():
        demands, offers = [one.demand for one in group], [one.offer for one in group]
        met = commons(demands[:1], offers) if alone else commons(demands, offers[:1])
        for one, shared in zip(group, met, strict=True):
            one._common = shared


def sides(subject: Profile, other: Profile) -> tuple[Profile, Profile]:
    """The demand, then the offer."""
    return (subject, other) if subject.kind == "demand" else (other, subject)


def _prepared(demand: Ready, offer: Ready) -> tuple[Prepared, Prepared]:
    mine, theirs = languages(demand.profile, offer.profile, demand.statistics)
    return demand.prepared(mine), offer.prepared(theirs)


def languages(demand: Profile, offer: Profile, statistics: Statistics) -> tuple[str, str]:
    """The languages to compare in: one that both speak, an own one first; without such, the offer's, where the term
    table leads from the demand's to it; else each its own."""
    if demand.language == offer.language or demand.language in offer.translations:
        return demand.language, demand.language
    if offer.language in demand.translations:
        return offer.language, offer.language
    both = min(demand.translations.keys() & offer.translations.keys(), default="")
    if both:
        return both, both
    leads = offer.language in statistics.terms.partners(demand.language)
    return (offer.language if leads else demand.language), offer.language


def beside(demand: Prepared, offer: Prepared) -> Pair:
    return Pair(demand, offer, overlap(demand, offer))
