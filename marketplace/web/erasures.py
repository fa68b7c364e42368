"""Erasing a listing for good, for the staff: asking for it, and deciding on what somebody else has asked for."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.errors import Invalid
from marketplace.schemas.values import whole
from marketplace.services import erasure_requests
from marketplace.services import erasures as service
from marketplace.services.erasures import FILTERS, Filter
from marketplace.services.reasons import LONGEST
from marketplace.web.filling import Page, form_page, typed
from marketplace.web.request import actor, begin, go, look, say
from vocabulary.problems import Problem

erasures = Blueprint("erasures", __name__)


@erasures.get("/erasures")
def index() -> str:
    which: Filter = next((name for name in FILTERS if name == request.args.get("show")), "open")
    with look() as work:
        page = service.all_requests(work, actor(), which=which, page=request.args.get("page", 1, type=whole))
    return render_template(
        "erasures/index.html", requests=page, which=which, filters=FILTERS,
        page_url=lambda n: url_for("erasures.index", show=which, page=n),
    )  # fmt: skip


@erasures.route("/erasures/new", methods=["GET", "POST"])
def new() -> Page:
    return form_page("erasures/new.html", _ask, values=request.args, longest=erasure_requests.LONGEST_GROUND)


def _ask() -> Response:
    with begin() as work:
        request_id = erasure_requests.ask(work, actor(), typed("uid").strip(), typed("ground"))
    say("erasures.done_ask")
    return go("erasures.show", request_id=request_id)


@erasures.get("/erasures/<request_id>")
def show(request_id: str) -> Page:
    return _show(request_id, ())


@erasures.post("/erasures/<request_id>/<any(confirm,refuse,take_back):step>")
def decide(request_id: str, step: str) -> Page:
    try:
        with begin() as work:
            if step == "refuse":
                erasure_requests.refuse(work, actor(), request_id, typed("reason"))
            elif step == "confirm":
                erasure_requests.confirm(work, actor(), request_id)
            else:
                erasure_requests.take_back(work, actor(), request_id)
    except Invalid as refused:
        return _show(request_id, refused.problems)
    say(f"erasures.done_{step}")
    return go("erasures.show", request_id=request_id)


def _show(request_id: str, problems: tuple[Problem, ...]) -> Page:
    with look() as work:
        line = service.one_request(work, actor(), request_id)
    page = render_template(
        "erasures/show.html", line=line, problems=problems, reason=typed("reason"), longest=LONGEST
    )
    return (page, Invalid.status) if problems else page
