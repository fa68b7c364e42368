"""My desk: what waits for me, and all listings of my organisations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.schemas import form as forms
from marketplace.schemas.values import whole
from marketplace.services import desk as service
from marketplace.services import drafts, leading, notices
from marketplace.services.drafts import Draft
from marketplace.web import login
from marketplace.web.request import actor, back_to, begin, look

desk = Blueprint("desk", __name__)


NEWS = 5
"""Notices on the desk; they all have a page of their own."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form that was begun and never saved: its name, and where to go on with it."""

    kind: str
    title: str
    url: str
    saved_at: datetime


@desk.get("/desk")
def mine() -> str:
    number = request.args.get("page", 1, type=whole)
    with look() as work:
        seen = service.desk(work, actor(), page=number)
        unsent = [
            _unsent(draft) for draft in drafts.held(work, login.holder()) if draft.form.startswith("new:")
        ]
        return render_template(
            "desk/mine.html",
            desk=seen,
            unsent=unsent,
            notices=leading.told(work, actor(), notices.latest(work, actor(), most=NEWS)),
            page_url=lambda n: url_for("desk.mine", page=n),
        )


@desk.get("/desk/notices")
def all_notices() -> str:
    with look() as work:
        page = notices.page(work, actor(), number=request.args.get("page", 1, type=whole))
        return render_template(
            "desk/notices.html",
            page=page,
            notices=leading.told(work, actor(), page.notices),
            page_url=lambda n: url_for("desk.all_notices", page=n),
        )


@desk.post("/desk/notices/read")
def read_notices() -> Response:
    with begin() as work:
        notices.mark_read(work, actor(), request.form.getlist("notice"))
    return back_to("desk.mine")


def _unsent(draft: Draft) -> Unsent:
    _, kind, *further = draft.form.split(":")
    typed = forms.raw(draft.fields)
    title = str(typed.get("title") or typed.get("description") or "").strip()[:120]
    url = url_for("posting.new", kind=kind, draft=further[0] if further else None)
    return Unsent(kind, title, url, draft.saved_at)
