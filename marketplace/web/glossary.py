"""The librarians' room: which terms of two languages mean the same, looked up, added, corrected and set aside."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.errors import Invalid
from marketplace.schemas.values import whole
from marketplace.services import librarians, term_tables
from marketplace.web.filling import Page, typed
from marketplace.web.request import actor, begin, go, look, say
from vocabulary.bilingual import FULL
from vocabulary.problems import Problem

glossary = Blueprint("glossary", __name__)

STRENGTHS = {"same": FULL, "near": FULL * 6 // 10, "loose": FULL * 3 // 10}
"""What people choose from -> thousandths: the same thing; mostly the same; sometimes."""


@glossary.get("/glossary")
def show() -> Page:
    return _page(())


@glossary.post("/glossary")
def decide() -> Page:
    """An entry added, or another strength for one there is."""
    terms = typed("vi"), typed("en")
    try:
        with begin() as work:
            librarians.decide(work, actor(), terms, STRENGTHS.get(typed("strength"), FULL))
    except Invalid as refused:
        return _page(refused.problems)
    say("glossary.done_decide", one=terms[0].strip(), other=terms[1].strip())
    return go("glossary.show", q=terms[0].strip())


@glossary.post("/glossary/aside")
def set_aside() -> Response:
    """These two do not mean the same, whatever was learned."""
    terms = typed("vi"), typed("en")
    with begin() as work:
        librarians.decide(work, actor(), terms, 0)
    say("glossary.done_aside", one=terms[0].strip(), other=terms[1].strip())
    return go("glossary.show", q=typed("q") or None)


@glossary.post("/glossary/<int(max=999999999):n>/undo")
def undo(n: int) -> Response:
    with begin() as work:
        entry = librarians.undo(work, actor(), n)
    say("glossary.done_undo", one=entry.terms[0], other=entry.terms[1])
    return go("glossary.show", q=typed("q") or None)


def _page(problems: tuple[Problem, ...] | list[Problem]) -> Page:
    text, decided = request.args.get("q", "")[:200], request.args.get("show") == "decided"
    number = max(1, request.args.get("page", 1, type=whole))
    with look() as work:
        found = term_tables.page(work, actor(), text=text, decided=decided, number=number)
    page = render_template(
        "glossary/show.html", found=found, text=text, decided=decided, number=number, problems=problems, values=request.form,
        strengths=STRENGTHS, full=FULL,
        page_url=lambda n: url_for("glossary.show", q=text or None, show="decided" if decided else None, page=n),
    )  # fmt: skip
    return (page, Invalid.status) if problems else page
