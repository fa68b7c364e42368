"""Matches between published listings and why they are matches. All of it rests on what is public."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, render_template, request, url_for

from marketplace.errors import NotFound
from marketplace.services import catalogue, matchmaking
from marketplace.services import matches as services
from marketplace.services.matches import Listed
from marketplace.web.cards import Card, card
from marketplace.web.request import actor, look
from marketplace.web.saying import said, sentence
from marketplace.work import Work

matches = Blueprint("matches", __name__)

ON_LISTING = 5
OPPOSITE_PLACE = {"offer": "demands", "demand": "offers"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One match as a list shows it: the other side, the score, one sentence, and where the reasons are."""

    card: Card
    total: int
    sentence: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    card: Card
    url: str
    matches: list[Shown]


@matches.get("/listings/<uid>/matches")
def of_listing(uid: str) -> str:
    with look() as work:
        subject = catalogue.listing(work, uid)
        if not matchmaking.matched(subject.kind):
            raise NotFound("not_found")
        shown = shown_matches(work, uid)
    return render_template(
        "matches/of_listing.html",
        subject=card(subject),
        shown=shown,
        opposite=OPPOSITE_PLACE[subject.kind],
        held=False,
    )


@matches.get("/matches/<demand_uid>/<offer_uid>")
def pair(demand_uid: str, offer_uid: str) -> str:
    with look() as work:
        sides = catalogue.published(work, (demand_uid, offer_uid))
        score = services.explained(work, demand_uid, offer_uid)
    demand, offer = sides[demand_uid], sides[offer_uid]
    return render_template(
        "matches/pair.html", demand=card(demand), offer=card(offer), score=score, say=said,
        sentence=sentence(score.signals), requirements=demand.content.requirements,
        unknown=[signal.name for signal in score.signals if signal.state == "unknown"],
    )  # fmt: skip


@matches.get("/matches")
def mine() -> str:
    number = request.args.get("page", 1, type=int)
    with look() as work:
        page = services.of_member(work, actor(), page=max(number, 1))
        public = catalogue.published(work, page.uids)
        groups = [
            Group(
                card(public[uid]),
                url_for("matches.of_listing", uid=uid),
                shown_matches(work, uid, ON_LISTING),
            )
            for uid in page.uids
            if uid in public
        ]
    return render_template(
        "matches/mine.html",
        groups=groups,
        page=number,
        pages=page.pages,
        page_url=lambda n: url_for("matches.mine", page=n),
    )


def shown_matches(work: Work, uid: str, limit: int = 50) -> list[Shown]:
    """The stored matches of a listing, best first, those with listings that are still public."""
    listed = services.of_listing(work, uid, limit=limit)
    public = catalogue.published(work, [one.partner for one in listed])
    return [_shown(one, card(public[one.partner])) for one in listed if one.partner in public]


def _shown(one: Listed, other: Card) -> Shown:
    address = url_for("matches.pair", demand_uid=one.demand_uid, offer_uid=one.offer_uid, lang=g.language)
    return Shown(other, one.total, sentence(one.signals), address)
