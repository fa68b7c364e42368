"""What came of a case: claimed, attested, disputed; how it was; and the public count of what is proven."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from marketplace.services import claims, outcome_figures, parties, records, surveys
from marketplace.services import outcomes as service
from marketplace.web.choices import form_options
from marketplace.web.filling import Page, form_page, typed
from marketplace.web.request import actor, begin, go, look, say

outcomes = Blueprint("outcomes", __name__)

ROWS = 4
"""Rows of the fee's split that the form shows."""


@outcomes.get("/outcomes")
def public() -> str:
    with look() as work:
        figures = outcome_figures.public(work)
    return render_template("deals/outcomes.html", figures=figures)


@outcomes.route("/deals/<deal_id>/outcome", methods=["GET", "POST"])
def claim(deal_id: str) -> Page:
    with look() as work:
        parties.seat(work, actor(), deal_id, "claim")
    return form_page(
        "deals/claim.html", lambda: _claim(deal_id), deal_id=deal_id, forms=form_options(), bands=claims.BANDS,
        rows=ROWS, names=request.form.getlist("split_name"), shares=request.form.getlist("split_share"),
    )  # fmt: skip


def _claim(deal_id: str) -> Response:
    body = claims.read(
        request.form, names=request.form.getlist("split_name"), shares=request.form.getlist("split_share")
    )
    with begin() as work:
        service.claim(work, actor(), deal_id, body)
    say("outcome.claimed")
    return go("deals.room", deal_id=deal_id, _anchor="outcome")


@outcomes.post("/deals/<deal_id>/outcome/<int(max=999999999):n>/<any(attest,settle):act>")
def attest(deal_id: str, n: int, act: str) -> Response:
    done: Callable[..., object] = service.attest if act == "attest" else service.settle
    with begin() as work:
        done(work, actor(), deal_id, n)
    say(f"outcome.{act}_done")
    return go("deals.room", deal_id=deal_id, _anchor="outcome")


@outcomes.route("/deals/<deal_id>/outcome/<int(max=999999999):n>/dispute", methods=["GET", "POST"])
def dispute(deal_id: str, n: int) -> Page:
    with look() as work:
        parties.seat(work, actor(), deal_id, "attest")
    return form_page(
        "deals/dispute.html", lambda: _dispute(deal_id, n), deal_id=deal_id, limit=service.LONGEST_NOTE
    )


def _dispute(deal_id: str, n: int) -> Response:
    with begin() as work:
        service.dispute(work, actor(), deal_id, n, typed("why"))
    say("outcome.disputed_now")
    return go("deals.room", deal_id=deal_id, _anchor="outcome")


@outcomes.route("/deals/<deal_id>/survey", methods=["GET", "POST"])
def survey(deal_id: str) -> Page:
    with look() as work:
        parties.seat(work, actor(), deal_id, "survey")
    return form_page(
        "deals/survey.html",
        lambda: _survey(deal_id),
        deal_id=deal_id,
        questions=records.QUESTIONS,
        scale=surveys.SCALE,
    )


def _survey(deal_id: str) -> Response:
    with begin() as work:
        surveys.answer(work, actor(), deal_id, request.form, typed("note"))
    say("survey.thanks")
    return go("deals.room", deal_id=deal_id)
