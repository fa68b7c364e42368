"""Asking to be introduced to the other side of a match, and a broker's taking one up himself."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from marketplace.errors import Conflict, Forbidden
from marketplace.services import assigning, catalogue, openings
from marketplace.services import introductions as service
from marketplace.web.cards import card
from marketplace.web.filling import Page, form_page, typed
from marketplace.web.request import actor, back_to, begin, go, look, say

introductions = Blueprint("introductions", __name__)


@introductions.route("/introductions/new/<demand_uid>/<offer_uid>", methods=["GET", "POST"])
def new(demand_uid: str, offer_uid: str) -> Page:
    """The three questions. Who has a case of this pair already is led to it."""
    with look() as work:
        found = openings.opening(work, actor(), demand_uid, offer_uid)
        public = catalogue.published(work, (demand_uid, offer_uid))
    if found.case:
        return go("deals.room", deal_id=found.case)
    if found.refused:
        raise Conflict(found.refused)
    if not found.side:
        raise Forbidden("not_your_pair")
    return form_page(
        "deals/ask.html", lambda: _ask(demand_uid, offer_uid, found.side), side=found.side, ready=service.READY,
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
    """A broker takes up a match of his own accord; from a list of pairs he comes back to it."""
    with begin() as work:
        deal = service.shortlist(work, actor(), demand_uid, offer_uid)
    say("deal.shortlisted")
    return back_to("deals.room", deal_id=deal)
