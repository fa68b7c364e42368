"""The sealed part of a listing in a deal room: the agreement, what it opens, and ending it."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from marketplace.services import disclosure as service
from marketplace.services import parties
from marketplace.web.deals import download
from marketplace.web.filling import Page, form_page, typed
from marketplace.web.request import actor, begin, go, look, say

disclosure = Blueprint("disclosure", __name__)

OWNER = "<any(demand,offer):owner>"


@disclosure.route("/deals/<deal_id>/agreement", methods=["GET", "POST"])
def agreement(deal_id: str) -> Page:
    """The confidentiality terms, to be accepted by name."""
    with look() as work:
        parties.seat(work, actor(), deal_id, "protect")
        known = service.under(work, actor(), deal_id)
    return form_page(
        "deals/agreement.html", lambda: _accept(deal_id), deal_id=deal_id, known=known, days=service.TERMS,
        version=service.TEXT_VERSION, limit=service.LONGEST_PURPOSE,
    )  # fmt: skip


def _accept(deal_id: str) -> Response:
    with begin() as work:
        service.accept(
            work, actor(), deal_id, name=typed("name"), purpose=typed("purpose"), days=typed("days")
        )
    say("nda.accepted")
    return go("deals.room", deal_id=deal_id, _anchor="sealed")


@disclosure.post("/deals/<deal_id>/agreements/<agreement_id>/allow")
def allow(deal_id: str, agreement_id: str) -> Response:
    with begin() as work:
        service.allow(work, actor(), deal_id, agreement_id)
    say("nda.allowed")
    return go("deals.room", deal_id=deal_id, _anchor="sealed")


@disclosure.post("/deals/<deal_id>/agreements/<agreement_id>/revoke")
def revoke(deal_id: str, agreement_id: str) -> Response:
    with begin() as work:
        service.revoke(work, actor(), deal_id, agreement_id)
    say("nda.revoked")
    return go("deals.room", deal_id=deal_id, _anchor="sealed")


@disclosure.get(f"/deals/<deal_id>/sealed/{OWNER}")
def part(deal_id: str, owner: str) -> str:
    """Each look is a row the owner sees, so this page is never kept anywhere."""
    with begin() as work:
        opened = service.open_part(work, actor(), deal_id, owner)
        return render_template("deals/sealed.html", opened=opened, deal_id=deal_id, owner=owner)


@disclosure.get(f"/deals/<deal_id>/sealed/{OWNER}/<file_id>")
def file(deal_id: str, owner: str, file_id: str) -> Response:
    with look() as work:
        known, stamped = service.read_file(work, actor(), deal_id, owner, file_id)
    data = stamped()
    with begin() as work:
        service.seen(work, actor(), deal_id, owner, file_id)
    return download(data, known.media_type, known.name)
