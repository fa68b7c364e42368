"""How often each offer is suggested, and where that puts it among the suggestions for a demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import distinct, func, select

from marketplace.models.matches import Match
from marketplace.services import feed
from marketplace.services.policy import Actor, permit
from marketplace.work import Work
from matching.crowd import FIRST, Suggestion, joined, placed
from matching.likeness import copies
from matching.profile import Profile
from matching.result import Score

SHOWN = 50
"""Offers of the report: those suggested to most demands."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an offer stands among the suggestions for one demand: the columns of `Match`."""

    place: int
    lowered: str = ""
    copy_of: str = ""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Which offers are suggested to how many demands, counted over the first ten of each.

    `never` is the number of live offers that stand there for nobody, `most` uid and number of demands, most first.
    """

    demands: int
    offers: int
    never: int
    most: tuple[tuple[str, int], ...]

    @property
    def largest(self) -> float:
        """The share of all demands that see the most suggested offer."""
        return self.most[0][1] / self.demands if self.most and self.demands else 0.0


def suggested(work: Work, offers: Sequence[str], *, besides: str = "") -> dict[str, int]:
    """Offer -> the number of demands, `besides` that one, that have it among their first ten."""
    counted = select(Match.offer_uid, func.count()).where(
        Match.offer_uid.in_(offers), Match.place.between(1, FIRST), Match.demand_uid != besides
    )
    return dict(work.session.execute(counted.group_by(Match.offer_uid)).all())


def order(
    scores: Sequence[Score], profiles: Mapping[str, Profile], counted: Mapping[str, int]
) -> dict[str, Standing]:
    """Offer -> where it stands for the demand of these scores, in the order of the places; `scores` are best first."""
    known = [score.offer for score in scores]
    copied = copies([profiles[uid] for uid in known])
    owners = {uid: "" if profiles[uid].anonymous else profiles[uid].owner for uid in known}
    found = [
        Suggestion(one.offer, one.total, counted.get(one.offer, 0), owners[one.offer], copied.get(one.offer, ""))
        for one in scores
    ]  # fmt: skip
    standings: dict[str, Standing] = {}
    for place in placed(found):
        standings[place.uid] = Standing(len(standings) + 1, place.lowered)
        for uid in place.copies:
            standings[uid] = Standing(len(standings) + 1, copy_of=place.uid)
    return standings


def join(work: Work, scores: Sequence[Score]) -> dict[str, Standing]:
    """Demand -> where an offer of which nothing is stored comes to the others."""
    there: dict[str, list[tuple[int, int]]] = {score.demand: [] for score in scores}
    rows = select(Match.demand_uid, Match.place, Match.total).where(Match.demand_uid.in_(there))
    for demand, place, total in work.session.execute(rows):
        there[demand].append((place, total))
    return {score.demand: Standing(joined(there[score.demand], score.total)) for score in scores}


def exposure(work: Work, actor: Actor) -> Exposure:
    """The report for operators, as matches are stored now."""
    permit(actor, "operations.read")
    among_first = Match.place.between(1, FIRST)
    number = func.count().label("number")
    counted = select(Match.offer_uid, number).where(among_first).group_by(Match.offer_uid)
    most = work.session.execute(counted.order_by(number.desc(), Match.offer_uid).limit(SHOWN)).all()
    shown = work.session.scalar(select(func.count(distinct(Match.offer_uid))).where(among_first)) or 0
    offers, demands = feed.counted(work, "offer", "demand")
    return Exposure(demands, offers, max(0, offers - shown), tuple(most))
