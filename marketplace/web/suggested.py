"""What the national exchange takes for one technology, seen and answered at home."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from marketplace.errors import Invalid
from marketplace.services.sync import decisions
from marketplace.web.filling import Page, typed
from marketplace.web.likeness import because
from marketplace.web.request import actor, begin, go, look, runtime, say
from vocabulary.problems import Problem

suggested = Blueprint("suggested", __name__)


@suggested.get("/sync/suggestions")
def index() -> str:
    """All of this exchange, for its operators."""
    if runtime().settings.role == "national":
        abort(404)
    with look() as work:
        found = decisions.waiting(work, actor())
    return render_template("clusters/suggestions.html", suggestions=found, because=because)


@suggested.get("/desk/suggestions/<suggestion_uid>")
def show(suggestion_uid: str) -> Page:
    return _show(suggestion_uid, ())


@suggested.post("/desk/suggestions/<suggestion_uid>")
def answer(suggestion_uid: str) -> Page:
    """The button that was pressed is the answer."""
    said = typed("answer")
    try:
        with begin() as work:
            decisions.answer(work, actor(), suggestion_uid, said, typed("note"))
    except Invalid as refused:
        return _show(suggestion_uid, refused.problems)
    say(f"suggested.done_{said}")
    return go("suggested.show", suggestion_uid=suggestion_uid)


def _show(suggestion_uid: str, problems: tuple[Problem, ...]) -> Page:
    with look() as work:
        found = decisions.one(work, actor(), suggestion_uid)
    page = render_template(
        "clusters/suggestion.html", one=found, because=because, problems=problems,
        note=typed("note") or found.own_note, longest=decisions.LONGEST_NOTE,
    )  # fmt: skip
    return (page, Invalid.status) if problems else page
