"""Reading stored matches: of one listing, of all listings of a member, and one pair with every reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from marketplace.errors import NotFound
from marketplace.models.listings import Listing
from marketplace.models.matches import Match
from marketplace.services import crowd, embeddings, feed, profiles, statistics, weights
from marketplace.services.matchmaking import KEPT
from marketplace.services.policy import Actor
from marketplace.work import Work
from matching.crowd import mutual
from matching.engine import explain, score
from matching.profile import Profile
from matching.records import signals
from matching.result import Score, Signal
from matching.statistics import Statistics
from matching.weights import Weights

LISTINGS_A_PAGE = 10


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


def of_listing(work: Work, uid: str, *, limit: int) -> list[Listed]:
    """The stored matches of a listing in the order they are shown, near-copies folded below the first of them."""
    statement = select(
        Match.demand_uid, Match.offer_uid, Match.total, Match.score, Match.place, Match.lowered, Match.copy_of
    ).where(or_(Match.demand_uid == uid, Match.offer_uid == uid))
    ranked = sorted(work.session.execute(statement), key=lambda row: _shown_first(row, uid))
    known = {row.offer_uid for row in ranked}
    copied = [row for row in ranked if row.demand_uid == uid and row.copy_of in known]
    folded = {row.offer_uid for row in copied}
    heads = [row for row in ranked if row.offer_uid not in folded][:limit]
    counted = crowd.suggested(work, [row.offer_uid for row in heads if row.lowered == "crowd"], besides=uid)
    return [
        Listed(
            demand_uid=row.demand_uid,
            offer_uid=row.offer_uid,
            partner=row.offer_uid if row.demand_uid == uid else row.demand_uid,
            total=row.total,
            signals=signals(row.score),
            lowered=row.lowered if row.demand_uid == uid else "",
            suggested=counted.get(row.offer_uid, 0),
            copies=tuple(one.offer_uid for one in copied if one.copy_of == row.offer_uid),
        )
        for row in heads
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
