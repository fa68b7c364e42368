"""Matches between published listings, why they are matches, and what people say of them.

The reasons rest on what is public. What an organisation said of a match is shown to its own people and to brokers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from marketplace.errors import Invalid, NotFound
from marketplace.schemas.values import whole
from marketplace.services import catalogue, decisions, matchmaking, openings, weights
from marketplace.services import matches as services
from marketplace.services.catalogue import Public
from marketplace.services.matches import Extent, Listed
from marketplace.services.reasons import LONGEST, Reason
from marketplace.web import homes
from marketplace.web.cards import Card, card
from marketplace.web.filling import Page, typed
from marketplace.web.request import actor, back_to, begin, look, say
from marketplace.web.saying import said, sentence
from marketplace.work import Work
from matching.model import BAR
from vocabulary.problems import Problem

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
    decide: str = ""
    """Where to say that it fits or does not."""
    verdict: str = ""
    """What the reader's organisation said of it."""
    lowered: str = ""
    """Why it stands lower than its score: the message `place.<lowered>`."""
    suggested: int = 0
    copies: tuple[Card, ...] = ()
    """Offers that say nearly the same."""


@dataclass(frozen=True, slots=True)
class Group:
    card: Card
    url: str
    matches: list[Shown]
    total: int


@matches.get("/listings/<uid>/matches")
def of_listing(uid: str) -> str:
    with look() as work:
        subject = catalogue.listing(work, uid)
        if not matchmaking.matched(subject.kind):
            raise NotFound("not_found")
        extent, shown = matches_page(work, uid, **asked_part())
    return list_page(subject, extent, shown, held=False)


def list_page(subject: Public, extent: Extent, shown: Sequence[Shown], *, held: bool) -> str:
    """The page of a listing's matches; `held` when it is not public, and they are those it would have."""

    def address(show: str, number: int | None = None) -> str:
        return url_for(request.endpoint or "", uid=subject.uid, show=show, page=number)

    return render_template(
        "matches/of_listing.html", subject=card(subject), shown=shown, extent=extent, bar=BAR, held=held,
        opposite=OPPOSITE_PLACE.get(subject.kind, "offers"), address=address,
    )  # fmt: skip


@matches.get("/matches/<demand_uid>/<offer_uid>")
def pair(demand_uid: str, offer_uid: str) -> Page:
    return _pair(demand_uid, offer_uid)


@matches.post("/matches/<demand_uid>/<offer_uid>/decision")
def decide(demand_uid: str, offer_uid: str) -> Page:
    """The button that was pressed says it: accepted, rejected, or undo of what was said."""
    about, verdict = (demand_uid, offer_uid), typed("verdict")
    try:
        with begin() as work:
            if verdict == "undo":
                said_before = decisions.undo(work, actor(), about)
                say("deciding.undone" if said_before else "deciding.nothing_to_undo")
            else:
                decisions.decide(work, actor(), about, verdict, _reason(verdict))
                say(f"deciding.told_{verdict}")
    except Invalid as refused:
        return _pair(demand_uid, offer_uid, refused.problems), Invalid.status
    return back_to("matches.pair", demand_uid=demand_uid, offer_uid=offer_uid)


def _reason(verdict: str) -> Reason:
    """That something fits needs no reason; that it does not teaches nobody without one."""
    codes, text = tuple(request.form.getlist("reason")), typed("text")
    if verdict == "accepted" and not codes and not text.strip():
        return Reason()
    return Reason.given(codes, text, of=decisions.REASONS.get(verdict, ()))


def _pair(demand_uid: str, offer_uid: str, problems: Sequence[Problem] = ()) -> str:
    with look() as work:
        sides = catalogue.published(work, (demand_uid, offer_uid))
        found = services.explained(work, demand_uid, offer_uid)
        curve = weights.calibration(work)
        deciding = decisions.may_decide(work, actor(), demand_uid, offer_uid)
        told = decisions.of_pair(work, (demand_uid, offer_uid)) if deciding else []
        opening = openings.opening(work, actor(), demand_uid, offer_uid)
        elsewhere = {uid: at.url for uid, one in sides.items() if (at := homes.home(work, one))}
    demand, offer, score = sides[demand_uid], sides[offer_uid], found.score
    return render_template(
        "matches/pair.html", demand=card(demand), offer=card(offer), found=found, score=score, say=said,
        sentence=sentence(score.signals), requirements=demand.content.requirements,
        unknown=[signal.name for signal in score.signals if signal.state == "unknown"],
        likely=curve.word(score.total) if curve else "", deciding=deciding, told=told,
        mine=next((one for one, _ in told if one.organisation_id in actor().roles), None),
        opening=opening, elsewhere=elsewhere,
        reasons=decisions.REASONS, longest=LONGEST, problems=problems, values=request.form or MultiDict(),
        decide_url=url_for("matches.decide", demand_uid=demand_uid, offer_uid=offer_uid),
    )  # fmt: skip


@matches.get("/matches")
def mine() -> str:
    number = request.args.get("page", 1, type=whole)
    with look() as work:
        page = services.of_member(work, actor(), page=max(number, 1))
        public = catalogue.published(work, page.uids)
        groups = [_group(work, public[uid]) for uid in page.uids if uid in public]
    return render_template(
        "matches/mine.html",
        groups=groups,
        page=number,
        pages=page.pages,
        page_url=lambda n: url_for("matches.mine", page=n),
    )


def _group(work: Work, listing: Public) -> Group:
    extent, shown = matches_page(work, listing.uid, size=ON_LISTING)
    return Group(card(listing), url_for("matches.of_listing", uid=listing.uid), shown, extent.total)


def shown_matches(work: Work, uid: str, limit: int) -> list[Shown]:
    """The first stored matches of a listing. What the reader's own organisation has refused stands last."""
    shown = _all_shown(work, services.of_listing(work, uid, limit=limit), _said_of(work, uid))
    return sorted(shown, key=lambda one: one.verdict == "rejected")


def matches_page(
    work: Work, uid: str, *, show: str = "", number: int = 1, size: int = services.PAGE
) -> tuple[Extent, list[Shown]]:
    """A page of them all. What the reader's own organisation has refused stands at the end."""
    verdicts = _said_of(work, uid)
    refused = {pair for pair, verdict in verdicts.items() if verdict == "rejected"}
    extent, listed = services.page(work, uid, show=show, number=number, size=size, last=refused)
    return extent, _all_shown(work, listed, verdicts)


def asked_part() -> dict[str, Any]:
    """Which of the matches the address asks for."""
    return {"show": request.args.get("show", ""), "number": request.args.get("page", 1, type=whole)}


def _said_of(work: Work, uid: str) -> Mapping[services.Pair, str]:
    return decisions.mine(work, actor(), [uid]) if actor().signed_in else {}


def _all_shown(work: Work, listed: Sequence[Listed], verdicts: Mapping[services.Pair, str]) -> list[Shown]:
    public = catalogue.published(work, [uid for one in listed for uid in (one.partner, *one.copies)])
    return [
        _shown(one, public, verdicts.get((one.demand_uid, one.offer_uid), ""))
        for one in listed
        if one.partner in public
    ]


def _shown(one: Listed, public: Mapping[str, Public], verdict: str) -> Shown:
    where = {"demand_uid": one.demand_uid, "offer_uid": one.offer_uid, "lang": g.language}
    return Shown(
        card=card(public[one.partner]),
        total=one.total,
        sentence=sentence(one.signals),
        url=url_for("matches.pair", **where),
        decide=url_for("matches.decide", **where),
        verdict=verdict,
        lowered=one.lowered,
        suggested=one.suggested,
        copies=tuple(card(public[uid]) for uid in one.copies if uid in public),
    )
