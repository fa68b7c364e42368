"""Asking to be introduced to the other side of a match, and a broker's taking one up himself."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from marketplace.errors import Forbidden
from marketplace.services import assigning, board, catalogue
from marketplace.services import introductions as service
from marketplace.services.introductions import Pair
from marketplace.services.policy import may
from marketplace.web.cards import card
from marketplace.web.filling import Page, form_page, typed
from marketplace.web.request import actor, begin, go, look, say

introductions = Blueprint("introductions", __name__)


@introductions.route("/introductions/new/<demand_uid>/<offer_uid>", methods=["GET", "POST"])
def new(demand_uid: str, offer_uid: str) -> Page:
    """The three questions. Who has a case of this pair already is led to it."""
    with look() as work:
        running = board.running(work, actor(), demand_uid, offer_uid)
        public = catalogue.published(work, (demand_uid, offer_uid))
        sides = _sides(service.pair(work, demand_uid, offer_uid))
    if running and request.method == "GET":
        return go("deals.room", deal_id=running)
    if not sides:
        raise Forbidden("not_your_pair")
    return form_page(
        "deals/ask.html", lambda: _ask(demand_uid, offer_uid, sides[0]), side=sides[0], ready=service.READY,
        demand=card(public[demand_uid]), offer=card(public[offer_uid]), limit=service.LONGEST_ANSWER,
    )  # fmt: skip


def _ask(demand_uid: str, offer_uid: str, side: str) -> Response:
    said = service.answers(aim=typed("aim"), ready=typed("ready"), open_point=typed("open_point"))
    with begin() as work:
        deal = service.ask(
            work, actor(), demand_uid, offer_uid, side=side, said=said, direct=typed("through") == "direct"
        )
        through = assigning.through(work, deal)
    say(f"deal.asked_{through}")
    return go("deals.room", deal_id=deal)


@introductions.post("/introductions/shortlist/<demand_uid>/<offer_uid>")
def shortlist(demand_uid: str, offer_uid: str) -> Response:
    """A broker takes up a match of his own accord."""
    with begin() as work:
        deal = service.shortlist(work, actor(), demand_uid, offer_uid)
    say("deal.shortlisted")
    return go("deals.room", deal_id=deal)


def _sides(pair: Pair) -> list[str]:
    """The sides for which the reader may ask."""
    listings = {"demand": pair.demand, "offer": pair.offer}
    return [side for side, one in listings.items() if may(actor(), "deal.ask", one.organisation_id)]
