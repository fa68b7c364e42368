"""The broker's board, by columns and as a table; and every party's list of cases."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.errors import Invalid
from marketplace.schemas.values import whole
from marketplace.services import assigning, broker_register, brokerage, stages
from marketplace.services import board as service
from marketplace.services.board import SHOWS, Show
from marketplace.web.filling import Page, typed
from marketplace.web.request import actor, begin, go, look, say
from vocabulary.problems import Problem

board = Blueprint("board", __name__)


@board.get("/board")
def columns() -> str:
    with look() as work:
        shown = service.columns(work, actor(), show=_show(), words=_words())
        entered = bool(broker_register.ids_of(work, actor()))
    return render_template(
        "deals/board.html", columns=shown, show=_show(), shows=SHOWS, words=_words(), limit=service.IN_COLUMN,
        entered=entered,
    )  # fmt: skip


@board.get("/board/table")
def table() -> str:
    return _table()


def _table(problems: Sequence[Problem] = ()) -> str:
    stage = _stage()
    with look() as work:
        page = service.table(work, actor(), stage=stage, show=_show(), words=_words(), page=_page())
    return render_template(
        "deals/table.html", page=page, stage=stage, stages=stages.STAGES, show=_show(), shows=SHOWS,
        words=_words(), reasons=stages.REASONS, problems=problems, chosen=request.form.getlist("deal"),
        page_url=lambda n: url_for("board.table", stage=stage, show=_show(), words=_words(), page=n),
    )  # fmt: skip


@board.post("/board/dismiss")
def dismiss() -> Page:
    """Close all cases that were ticked, for one reason; what could not be closed is counted.

    The form says which part of the table it stands on, and leads back there.
    """
    chosen = request.form.getlist("deal")
    missing = [] if chosen else [Problem("deal", "deal.none_chosen")]
    missing += [] if typed("reason") in stages.REASONS else [Problem("reason", "deal.reason_needed")]
    if missing:
        return _table(missing), Invalid.status
    with begin() as work:
        told = brokerage.dismiss(work, actor(), chosen, typed("reason"))
    closed = sum(error is None for error in told.values())
    say("board.dismissed", n=str(closed))
    if closed < len(told):
        say("board.not_dismissed", "warn", n=str(len(told) - closed))
    return go("board.table", stage=_stage(), show=_show(), words=_words(), page=_page())


@board.post("/board/take/<deal_id>")
def take(deal_id: str) -> Response:
    with begin() as work:
        assigning.take(work, actor(), deal_id)
    say("board.taken")
    return go("deals.room", deal_id=deal_id)


@board.get("/deals")
def mine() -> str:
    with look() as work:
        page = service.of_sides(work, actor(), page=_page())
    return render_template("deals/mine.html", page=page, page_url=lambda n: url_for("board.mine", page=n))


def _stage() -> str:
    return request.values.get("stage", "")


def _show() -> Show:
    return next((one for one in SHOWS if one == request.values.get("show")), "all")


def _words() -> str:
    return request.values.get("words", "").strip()[:100]


def _page() -> int:
    return max(request.values.get("page", 1, type=whole), 1)
