"""What the two sides state beside their texts: requirements, readiness, terms, money, place, time and rights; and what
the offer's organisation has achieved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from datetime import date
from functools import lru_cache
from operator import attrgetter

from matching.answers import prospects
from matching.facts import Facts
from matching.limits import Judgement
from matching.money import amounts
from matching.pair import Pair
from matching.prepared import Prepared
from matching.rating import FULL, MET, UNKNOWN, UNMET, Rating, mean, rated
from matching.stated import Stated
from matching.track_record import HIGHEST
from vocabulary import regions, terms
from vocabulary.countries import HOME, covers
from vocabulary.listing import Price, Right

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
    return _answered(pair, [finding.judgement for finding in pair.findings])


def hoped(pair: Pair) -> Iterator[Rating]:
    """What is the most that `requirements` can do for a pair, before its sentences are read: one of these, for half an
    answer raises a low total and lowers a high one."""
    best = prospects(pair.demand, pair.offer)
    yield _answered(pair, best)
    if "partly" in best:
        yield _answered(pair, ["met" if one == "met" else "unknown" for one in best])


def _answered(pair: Pair, judgements: Iterable[Judgement]) -> Rating:
    rows = zip(judgements, pair.demand.asked, strict=True)
    return mean((ANSWERS[judgement], MUST if asked.must else SHOULD) for judgement, asked in rows)


# -- what each side states, and how well the two fit ---------------------------------------------------------


Levels = tuple[int | None, int | None]


@lru_cache(maxsize=4_096)
def _ready(wanted: Levels, reached: Levels) -> Rating:
    """The offer's technology readiness level beside the range the demand asks for (ISO 16290)."""
    lowest, highest = wanted
    level = reached[1] or reached[0]
    if level is None or (lowest is None and highest is None):
        return UNKNOWN
    below = (lowest or 1) - level
    if below > 0:
        return rated(BELOW_RANGE[below] if below < len(BELOW_RANGE) else 0)
    return rated(FULL - ABOVE_RANGE * max(0, level - (highest or 9)))


@lru_cache(maxsize=4_096)
def _transferable(wanted: tuple[str, ...], offered: tuple[str, ...]) -> Rating:
    """The transfer forms both would accept; related forms (licence kinds, joint work) count in part."""
    if not wanted or not offered:
        return UNKNOWN
    return rated(max(round(FULL * terms.closeness(one, other)) for one in wanted for other in offered))


def _affordable(budget: tuple[Price | None, Facts], asked: Price | None) -> Rating:
    """The asking price against the budget, in one currency or at the rates in force; it fades to nothing at twice the
    budget. Without a rate between their currencies nothing is known, nor above a budget that only begins somewhere."""
    found = amounts(budget[0], asked, budget[1])
    if found is None or (found.open and found.high > found.ceiling):
        return UNKNOWN
    return Rating((_left(found.low, found.ceiling) + _left(found.high, found.ceiling)) // 2)


def _left(amount: int, ceiling: int) -> int:
    return FULL if amount <= ceiling else max(0, FULL - FULL * (amount - ceiling) // ceiling)


Place = tuple[tuple[str, ...], str]
"""Territory and province."""


def countries(territory: tuple[str, ...], province: str) -> frozenset[str]:
    """Where a demand wants the technology; empty means anywhere. One that names a province and no country means this one."""
    return frozenset(territory) or (frozenset({HOME}) if province else frozenset())


def apart(wanted: Place, offered: Place) -> bool:
    """Whether the technology is wanted where it is not offered."""
    return bool(offered[0]) and bool(asked := countries(*wanted)) and asked.isdisjoint(offered[0])


@lru_cache(maxsize=4_096)
def _near(wanted: Place, offered: Place) -> Rating:
    """Where the technology is wanted and where it is: the territory must fit, then the nearer the better."""
    if apart(wanted, offered):
        return UNMET
    if wanted[1] not in regions.PROVINCES or offered[1] not in regions.PROVINCES:
        return UNKNOWN
    kilometres = min(FAR, round(regions.distance_km(wanted[1], offered[1])))
    return Rating(FULL - (FULL - DISTANT) * kilometres // FAR)


@lru_cache(maxsize=4_096)
def _in_time(needed: str, ready: str) -> Rating:
    """The day the offer can be delivered against the day it is needed by."""
    if not needed or not ready:
        return UNKNOWN
    late = (date.fromisoformat(ready) - date.fromisoformat(needed)).days
    return rated(FULL - FULL * max(0, late) // LATE)


def _held(
    wanted: tuple[tuple[Right, ...], tuple[str, ...], tuple[str, ...], str], held: tuple[Right, ...]
) -> Rating:
    """Whether the offer holds the rights that are asked for, or one that the wanted transfer needs, where it is wanted, and
    how firmly. An offer that names trademarks alone says nothing of rights in its technology."""
    rights, forms, territory, province = wanted
    if not held or not (rights or needs_right(forms)):
        return UNKNOWN
    where = countries(territory, province)
    if kinds := {right.kind for right in rights}:
        return rated(sum(_firmest(held, {kind}, where) for kind in kinds) // len(kinds))
    kinds = {*terms.TECHNICAL, "trademark"} if "franchise" in forms else {*terms.TECHNICAL}
    return rated(_firmest(held, kinds, where)) if any(right.kind in kinds for right in held) else UNKNOWN


def _firmest(held: tuple[Right, ...], kinds: Set[str], where: Set[str]) -> int:
    fitting = [right for right in held if right.kind in kinds]
    return max((standing(right) for right in fitting if holds_in(right, where)), default=0)


def holds_in(right: Right, where: Set[str]) -> bool:
    """What is kept secret, and what was written, is protected without being registered anywhere."""
    return right.kind in {"trade_secret", "copyright"} or covers(right.territory, where)


def _achieved(_: str, reached: int | None) -> Rating:
    """What the offer's organisation has brought about on this exchange, by its step."""
    return UNKNOWN if reached is None else Rating(FULL * reached // HIGHEST)


def track_record(offer: Prepared) -> int | None:
    """The step of the offer's organisation in the facts of the snapshot. Of an organisation that hides its name nothing is
    known: a record could tell who it is."""
    return None if offer.profile.anonymous else offer.facts.records.get(offer.profile.owner)


def needs_right(forms: tuple[str, ...]) -> bool:
    """Whether one of these transfer forms hands over a right, which somebody must hold."""
    return any(form in terms.NEEDS_RIGHT for form in forms)


def standing(right: Right) -> int:
    if right.kind == "trade_secret" and right.status == "none":
        return FULL
    return STANDING.get(right.status, 0)


def distance(pair: Pair) -> int:
    """Whole kilometres between the two provinces."""
    return round(regions.distance_km(pair.demand.profile.province, pair.offer.profile.province))


_LEVELS = attrgetter("profile.trl_min", "profile.trl_max")
_FORMS = attrgetter("profile.transfer_forms")
_PLACE = attrgetter("profile.territory", "profile.province")
_DAY = attrgetter("profile.needed_by")

readiness = Stated(_LEVELS, _LEVELS, _ready)
transfer = Stated(_FORMS, _FORMS, _transferable)
price = Stated(attrgetter("profile.price", "facts"), attrgetter("profile.price"), _affordable)
place = Stated(_PLACE, _PLACE, _near)
timing = Stated(_DAY, _DAY, _in_time)
_RIGHTS = attrgetter("profile.rights", "profile.transfer_forms", "profile.territory", "profile.province")
rights = Stated(_RIGHTS, attrgetter("profile.rights"), _held)
# A record is asked for by nobody: of the demand nothing counts.
record = Stated(attrgetter("profile.kind"), track_record, _achieved)
