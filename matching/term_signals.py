"""What the two sides state beside their texts: requirements, readiness, terms, money, place, time and rights; and what
the offer's organisation has achieved."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from matching.money import amounts
from matching.pair import Pair
from matching.rating import FULL, MET, UNKNOWN, UNMET, Rating, mean, rated
from matching.track_record import HIGHEST
from vocabulary import regions, terms
from vocabulary.listing import Right

ANSWERS = {"met": MET, "partly": Rating(FULL // 2), "conflict": UNMET, "unknown": UNKNOWN}
MUST, SHOULD = 2, 1
BELOW_RANGE = (FULL, 600_000, 300_000, 100_000)
"""What is left of a rate for each level an offer is below the levels asked for; nothing from the fourth on.
One level is some months of work, three are a research project."""
ABOVE_RANGE = 100_000
"""Taken for each level above: a finished product is rarely wrong, though a joint project was wanted."""
FAR = 1_500
"""Kilometres, about Hà Nội to Cà Mau. Distance beyond it changes nothing any more."""
DISTANT = 400_000
"""The rate at that distance: technology travels, service less so."""
LATE = 365
"""Days after the deadline from which an offer is of no use."""
STANDING = {"granted": FULL, "published": 800_000, "filed": 600_000, "none": 400_000}
"""How firmly a right lets its owner hand the technology over. Lapsed, expired, refused, withdrawn or
disputed: not."""


def requirements(pair: Pair) -> Rating:
    """The demand's requirements that the offer speaks to: met, partly met or contradicted; a «must» counts
    double.

    A requirement the offer is silent about is unknown by itself: it takes its share of the weight out of the
    sum.
    """
    rows = zip(pair.findings, pair.demand.asked, strict=True)
    return mean((ANSWERS[finding.judgement], MUST if asked.must else SHOULD) for finding, asked in rows)


def readiness(pair: Pair) -> Rating:
    """The offer's technology readiness level beside the range the demand asks for (ISO 16290)."""
    demand, offer = pair.demand.profile, pair.offer.profile
    level = offer.trl_max or offer.trl_min
    if level is None or (demand.trl_min is None and demand.trl_max is None):
        return UNKNOWN
    below = (demand.trl_min or 1) - level
    if below > 0:
        return rated(BELOW_RANGE[below] if below < len(BELOW_RANGE) else 0)
    return rated(FULL - ABOVE_RANGE * max(0, level - (demand.trl_max or 9)))


def transfer(pair: Pair) -> Rating:
    """The transfer forms both would accept; related forms (licence kinds, joint work) count in part."""
    wanted, offered = pair.demand.profile.transfer_forms, pair.offer.profile.transfer_forms
    if not wanted or not offered:
        return UNKNOWN
    return rated(_nearest(wanted, offered))


def price(pair: Pair) -> Rating:
    """The asking price against the budget, in one currency or at the rates in force; it fades to nothing at twice the
    budget. Without a rate between their currencies nothing is known."""
    found = amounts(pair)
    if found is None:
        return UNKNOWN
    return Rating((_affordable(found.low, found.ceiling) + _affordable(found.high, found.ceiling)) // 2)


def place(pair: Pair) -> Rating:
    """Where the technology is wanted and where it is: the territory must fit, then the nearer the better."""
    demand, offer = pair.demand.profile, pair.offer.profile
    if demand.territory and offer.territory and not set(demand.territory) & set(offer.territory):
        return UNMET
    if demand.province not in regions.PROVINCES or offer.province not in regions.PROVINCES:
        return UNKNOWN
    return _near(demand.province, offer.province)


def timing(pair: Pair) -> Rating:
    """The day the offer can be delivered against the day it is needed by."""
    needed, ready = pair.demand.profile.needed_by, pair.offer.profile.needed_by
    if not needed or not ready:
        return UNKNOWN
    return _in_time(needed, ready)


def rights(pair: Pair) -> Rating:
    """Whether the offer holds a right that the wanted transfer needs, and how firmly."""
    wanted, held = pair.demand.profile, pair.offer.profile.rights
    if not held or not (wanted.rights or needs_right(wanted.transfer_forms)):
        return UNKNOWN
    kinds = {right.kind for right in wanted.rights}
    return rated(max((standing(right) for right in held if not kinds or right.kind in kinds), default=0))


def record(pair: Pair) -> Rating:
    """What the offer's organisation has brought about on this exchange, by its step. Of an organisation that hides its name
    nothing is known: a record could tell who it is."""
    reached = track_record(pair)
    return UNKNOWN if reached is None else Rating(FULL * reached // HIGHEST)


# -- what the parts above are made of ------------------------------------------------------------------------


def track_record(pair: Pair) -> int | None:
    """The step of the offer's organisation in the facts of the snapshot."""
    offer = pair.offer.profile
    return None if offer.anonymous else pair.offer.facts.records.get(offer.owner)


def needs_right(forms: tuple[str, ...]) -> bool:
    """Whether one of these transfer forms hands over a right, which somebody must hold."""
    return any(form in terms.NEEDS_RIGHT for form in forms)


def standing(right: Right) -> int:
    if right.kind == "trade_secret" and right.status == "none":
        return FULL
    return STANDING.get(right.status, 0)


@lru_cache(maxsize=4_096)
def _near(wanted: str, offered: str) -> Rating:
    kilometres = min(FAR, round(regions.distance_km(wanted, offered)))
    return Rating(FULL - (FULL - DISTANT) * kilometres // FAR)


@lru_cache(maxsize=4_096)
def _in_time(needed: str, ready: str) -> Rating:
    late = (date.fromisoformat(ready) - date.fromisoformat(needed)).days
    return rated(FULL - FULL * max(0, late) // LATE)


@lru_cache(maxsize=4_096)
def _nearest(wanted: tuple[str, ...], offered: tuple[str, ...]) -> int:
    return max(round(FULL * terms.closeness(one, other)) for one in wanted for other in offered)


def distance(pair: Pair) -> int:
    """Whole kilometres between the two provinces."""
    return round(regions.distance_km(pair.demand.profile.province, pair.offer.profile.province))


def _affordable(amount: int, ceiling: int) -> int:
    return FULL if amount <= ceiling else max(0, FULL - FULL * (amount - ceiling) // ceiling)
