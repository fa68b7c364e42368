"""A demand beside an offer: what every signal reads."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

from matching.answers import Finding, findings
from matching.prepared import Prepared, prepare
from matching.profile import Profile
from matching.statistics import Statistics


class Pair(NamedTuple):
    """`shared` are the terms both sides use, `findings` the offer's answers to the demand's requirements."""

    demand: Prepared
    offer: Prepared
    shared: Set[str]
    findings: tuple[Finding, ...]


def pair(demand: Profile, offer: Profile, statistics: Statistics) -> Pair:
    return beside(prepare(demand, statistics), prepare(offer, statistics))


def beside(demand: Prepared, offer: Prepared) -> Pair:
    shared = demand.vector.keys() & offer.vector.keys()
    return Pair(demand, offer, shared, findings(demand, offer))
