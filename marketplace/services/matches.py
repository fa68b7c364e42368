"""Reading stored matches: of one listing, of all listings of a member, and one pair with every reason."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import case, func, or_, select, true
from sqlalchemy.orm import aliased

from marketplace.db import in_pairs
from marketplace.errors import NotFound
from marketplace.models.feed import Published
from marketplace.models.listings import Listing
from marketplace.models.matches import Match
from marketplace.services import crowd, embeddings, feed, profiles, statistics, weights
from marketplace.services.matchmaking import KEPT
from marketplace.services.policy import Actor
from marketplace.work import Work
from matching.crowd import mutual
from matching.engine import explain, score
from matching.model import BAR
from matching.profile import Profile
from matching.records import signals
from matching.result import Score, Signal
from matching.statistics import Statistics
from matching.weights import Weights

LISTINGS_A_PAGE = 10
PAGE = 20

Pair = tuple[str, str]
"""The uids of a demand and an offer."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed:
    """One stored match, seen from one of its sides."""

    demand_uid: str
    offer_uid: str
    partner: str
    total: int
    signals: tuple[Signal, ...]
    lowered: str = ""
    """Why it stands lower than its total would put it: `crowd`, `owner` or empty."""
    suggested: int = 0
    """To how many other demands the offer is suggested, where that is why."""
    copies: tuple[str, ...] = ()
    """Offers that say nearly the same."""


@dataclass(frozen=True, slots=True)
class Mine:
    """Listings of a member that have matches, the strongest first, a page of them."""

    uids: tuple[str, ...]
    pages: int


@dataclass(frozen=True, slots=True)
class Extent:
    """Which part of a list of matches is shown: those over the bar (`good`) or those below it (`weak`); how many there
    are of each, and a page of which."""

    show: str
    good: int
    weak: int
    page: int
    pages: int

    @property
    def total(self) -> int:
        return self.good if self.show == "good" else self.weak


def of_listing(work: Work, uid: str, *, limit: int) -> list[Listed]:
    """The first stored matches of a listing in the order they are shown, near-copies folded below the first of them."""
    heads, copied = _ranked(work, uid)
    return _listed(work, uid, heads[:limit], copied)


def page(
    work: Work, uid: str, *, show: str = "", number: int = 1, size: int = PAGE, last: Collection[Pair] = ()
) -> tuple[Extent, list[Listed]]:
    """A page of them all, `last` at the end."""
    heads, copied = _ranked(work, uid)
    heads.sort(key=lambda row: (row.demand_uid, row.offer_uid) in last)
    extent, rows = cut(heads, lambda row: int(row.total), show=show, number=number, size=size)
    return extent, _listed(work, uid, rows, copied)


def cut(
    items: Sequence[T], total: Callable[[T], int], *, show: str = "", number: int = 1, size: int = PAGE
) -> tuple[Extent, list[T]]:
    """A page of the items over the bar or below it, as `show` says; by itself of the former, if there are any."""
    good, weak = ([one for one in items if (total(one) >= BAR) is over] for over in (True, False))
    show = show if show in ("good", "weak") else "good" if good or not weak else "weak"
    chosen = good if show == "good" else weak
    pages = max(1, -(-len(chosen) // size))
    number = min(max(number, 1), pages)
    return Extent(show, len(good), len(weak), number, pages), chosen[(number - 1) * size : number * size]


def good(work: Work, uids: Collection[str]) -> dict[str, int]:
    """How many matches over the bar the lists of these listings show; without those that have none."""
    head = aliased(Match)
    is_folded = (
        select(head.offer_uid)
        .join(Published, Published.id == head.offer_uid)
        .where(head.demand_uid == Match.demand_uid, head.offer_uid == Match.copy_of, Published.op == "upsert")
        .exists()
    )
    counts: dict[str, int] = {}
    for own, other, shown in (
        (Match.demand_uid, Match.offer_uid, ~is_folded),
        (Match.offer_uid, Match.demand_uid, true()),
    ):
        public = select(own, func.count()).join(Published, Published.id == other)
        counted = public.where(Published.op == "upsert", own.in_(uids), Match.total >= BAR, shown)
        counts.update((uid, count) for uid, count in work.session.execute(counted.group_by(own)))
    return counts


def _ranked(work: Work, uid: str) -> tuple[list[Any], list[Any]]:
    """The stored matches with what is public, in the order they are shown and without their reasons; and the near-copies
    that are folded below one of them."""
    partner = case((Match.demand_uid == uid, Match.offer_uid), else_=Match.demand_uid)
    columns = (Match.demand_uid, Match.offer_uid, Match.total, Match.place, Match.lowered, Match.copy_of)
    stored = select(*columns).where(or_(Match.demand_uid == uid, Match.offer_uid == uid))
    public = stored.join(Published, Published.id == partner).where(Published.op == "upsert")
    ranked = sorted(work.session.execute(public), key=lambda row: _shown_first(row, uid))
    known = {row.offer_uid for row in ranked}
    copied = [row for row in ranked if row.demand_uid == uid and row.copy_of in known]
    folded = {row.offer_uid for row in copied}
    return [row for row in ranked if row.demand_uid != uid or row.offer_uid not in folded], copied


def _listed(work: Work, uid: str, rows: Sequence[Any], copied: Sequence[Any]) -> list[Listed]:
    """These rows with their reasons and what is folded below them."""
    if not rows:
        return []
    counted = crowd.suggested(work, [row.offer_uid for row in rows if row.lowered == "crowd"], besides=uid)
    shown = in_pairs(Match.demand_uid, Match.offer_uid, [(row.demand_uid, row.offer_uid) for row in rows])
    reasons = select(Match.demand_uid, Match.offer_uid, Match.score).where(shown)
    scores = {(demand, offer): score for demand, offer, score in work.session.execute(reasons)}
    return [
        Listed(
            demand_uid=row.demand_uid,
            offer_uid=row.offer_uid,
            partner=row.offer_uid if row.demand_uid == uid else row.demand_uid,
            total=row.total,
            signals=signals(scores[row.demand_uid, row.offer_uid]),
            lowered=row.lowered if row.demand_uid == uid else "",
            suggested=counted.get(row.offer_uid, 0),
            copies=tuple(one.offer_uid for one in copied if one.copy_of == row.offer_uid),
        )
        for row in rows
    ]


def _shown_first(row: Any, uid: str) -> tuple[float, float, str, str]:
    """For a demand by the place each offer has there; for an offer by what its own place leaves of the total."""
    worth = mutual(row.total, row.place)
    if row.demand_uid == uid:
        return row.place or KEPT + 1, -row.total, row.demand_uid, row.offer_uid
    return -worth, -row.total, row.demand_uid, row.offer_uid


@dataclass(frozen=True, slots=True)
class Explained:
    """One pair with every reason. `stored` is the total it was found with when that rests on other revisions or
    rules than these, so that the two differ for a reason that can be named."""

    score: Score
    stored: int | None = None
    found_at: datetime | None = None


def explained(work: Work, demand_uid: str, offer_uid: str) -> Explained:
    """One pair with every reason, as both are published now.

    A stored match names its statistics and its weights, so the same revisions give the same score for ever. A pair
    that was never stored is scored with the current ones. Raises `NotFound` unless both are public.
    """
    stored = work.session.get(Match, (demand_uid, offer_uid))
    basis = _basis(work, stored)
    found = explain(*_sides(work, demand_uid, offer_uid, basis[0].encoder), *basis)
    if stored is None:
        return Explained(found)
    rests_on = (stored.demand_rev, stored.offer_rev), stored.model_version
    same = rests_on == (found.revisions, found.model_version)
    return Explained(found, None if same else stored.total, stored.found_at)


def scored(work: Work, demand_uid: str, offer_uid: str) -> Score:
    """The pair's score alone, on the same basis. Raises `NotFound` unless both are public."""
    stored = work.session.get(Match, (demand_uid, offer_uid))
    basis = _basis(work, stored)
    return score(*_sides(work, demand_uid, offer_uid, basis[0].encoder), *basis)


def _sides(work: Work, demand_uid: str, offer_uid: str, encoder: str) -> tuple[Profile, Profile]:
    """Both profiles, the demand first, with what this sentence model makes of them."""
    rows = feed.rows(work, (demand_uid, offer_uid))
    pair = [rows.get(uid) for uid in (demand_uid, offer_uid)]
    live = [row for row in pair if row is not None and row.live]
    if [row.kind for row in live] != ["demand", "offer"]:
        raise NotFound("not_found")
    demand, offer = embeddings.attached(work, profiles.built(work, live), encoder)
    return demand, offer


def of_member(work: Work, actor: Actor, *, page: int) -> Mine:
    """The actor's published listings that have matches."""
    mine = Listing.organisation_id.in_(list(actor.roles))
    best = func.max(Match.total)
    joined = select(Listing.uid).join(
        Match, or_(Match.demand_uid == Listing.uid, Match.offer_uid == Listing.uid)
    )
    grouped = joined.where(mine, Listing.status == "published").group_by(Listing.uid)
    count = work.session.scalar(select(func.count()).select_from(grouped.subquery())) or 0
    ordered = (
        grouped.order_by(best.desc(), Listing.uid).offset((page - 1) * LISTINGS_A_PAGE).limit(LISTINGS_A_PAGE)
    )
    return Mine(tuple(work.session.scalars(ordered)), -(-count // LISTINGS_A_PAGE))


def _basis(work: Work, stored: Match | None) -> tuple[Statistics, Weights]:
    """What the stored match rests on, as far as this code still has its rules; else what new ones rest on."""
    if stored is None:
        return statistics.current(work), weights.live(work)
    try:
        named = weights.of_version(work, stored.model_version)
    except NotFound:
        named = weights.live(work)
    return statistics.of_version(work, stored.statistics_version), named
