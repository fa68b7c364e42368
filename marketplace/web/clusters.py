"""Pairs that may be one technology, for the reviewers of the national exchange; and where a national id leads."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.errors import Invalid
from marketplace.schemas.values import whole
from marketplace.services.clusters import reviewing, showing
from marketplace.services.clusters.reviewing import DECISIONS, FILTERS, Filter
from marketplace.web.cards import card
from marketplace.web.describing import described
from marketplace.web.filling import Page, typed
from marketplace.web.likeness import because
from marketplace.web.request import actor, begin, go, look, runtime, say
from vocabulary.problems import Problem

clusters = Blueprint("clusters", __name__)


@clusters.get("/clusters")
def queue() -> str:
    _at_the_centre()
    which: Filter = next((name for name in FILTERS if name == request.args.get("show")), "waiting")
    with look() as work:
        page = reviewing.queue(work, actor(), which=which, page=request.args.get("page", 1, type=whole))
    return render_template(
        "clusters/queue.html", queue=page, which=which, filters=FILTERS,
        because=because,
        page_url=lambda n: url_for("clusters.queue", show=which, page=n),
    )  # fmt: skip


@clusters.get("/clusters/<candidate_id>")
def case(candidate_id: str) -> Page:
    return _case(candidate_id, ())


@clusters.post("/clusters/<candidate_id>/decide")
def decide(candidate_id: str) -> Page:
    """The button that was pressed is the decision."""
    decision = next((name for name in DECISIONS if name == typed("decision")), None)
    if decision is None:
        abort(400)
    try:
        with begin() as work:
            reviewing.decide(work, actor(), candidate_id, decision, typed("note"))
    except Invalid as refused:
        return _case(candidate_id, refused.problems)
    say(f"clusters.done_{decision}")
    return go("clusters.case", candidate_id=candidate_id)


@clusters.get("/id/<national_id>")
def follow(national_id: str) -> Response:
    """For ever the address of a technology, whichever record stands for it now."""
    with look() as work:
        uid = showing.by_national_id(work, national_id)
    return redirect(url_for("catalogue.listing", uid=uid))


def _case(candidate_id: str, problems: tuple[Problem, ...]) -> Page:
    _at_the_centre()
    with look() as work:
        found = reviewing.case(work, actor(), candidate_id)
    sides = [
        (side, card(side.listing), described(side.listing.content)) if side.listing else (side, None, [])
        for side in found.line.sides
    ]
    page = render_template(
        "clusters/case.html", case=found, sides=sides, problems=problems, note=typed("note"),
        longest=reviewing.LONGEST_NOTE, because=because,
    )  # fmt: skip
    return (page, Invalid.status) if problems else page


def _at_the_centre() -> None:
    if runtime().settings.role != "national":
        abort(404)
