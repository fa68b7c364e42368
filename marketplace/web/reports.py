"""Saying that something is wrong with a listing: open to anyone."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from marketplace.services import catalogue
from marketplace.services import reports as service
from marketplace.services.reasons import REPORT
from marketplace.services.reports import Report
from marketplace.web.cards import card
from marketplace.web.filling import Page, address, form_page, typed
from marketplace.web.request import actor, begin, go, look, say

reports = Blueprint("reports", __name__)


@reports.route("/listings/<uid>/report", methods=["GET", "POST"])
def new(uid: str) -> Page:
    with look() as work:
        listing = catalogue.listing(work, uid)
    return form_page("moderation/report.html", lambda: _report(uid), listing=card(listing), reasons=REPORT)


def _report(uid: str) -> Response:
    said = Report(typed("reason"), typed("text"), typed("reply_to"))
    service.accept(said)
    with begin() as work:
        service.count(work, address())
    with begin() as work:
        service.report(work, actor(), uid, said)
    say("report.received")
    return go("catalogue.listing", uid=uid)
