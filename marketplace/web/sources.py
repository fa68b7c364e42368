"""Catalogues that are only read, for the staff of the national exchange: enter one, approve it, answer its alarms."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, render_template
from werkzeug.wrappers import Response

from marketplace.errors import Conflict
from marketplace.services.policy import Actor
from marketplace.services.sync import source_sheets, sources
from marketplace.services.sync.harvest import KINDS
from marketplace.services.sync.sources import Entered
from marketplace.web.filling import Page, form_page, typed
from marketplace.web.request import actor, begin, go, look, runtime, say
from marketplace.work import Work

reading = Blueprint("sources", __name__)

JUDGING: Mapping[str, Callable[[Work, Actor, str], None]] = {
    "approve": sources.approve,
    "reject": sources.reject,
}
"""What an admin may say to a source that waits."""
STEPS: Mapping[str, Callable[[Work, Actor, str], None]] = {
    "pause": sources.pause,
    "resume": sources.resume,
    "harvest": sources.ask,
}
"""What the buttons of the page do."""


@reading.route("/sources/new", methods=["GET", "POST"])
def new() -> Page:
    _national_only()
    return form_page("sources/new.html", _enter, kinds=KINDS, formats=sources.FORMATS)


@reading.get("/sources/<node_id>")
def show(node_id: str) -> str:
    with look() as work:
        sheet = source_sheets.sheet(work, actor(), node_id)
    return render_template("sources/show.html", sheet=sheet)


@reading.post("/sources/<node_id>/<any(approve,reject):step>")
def judge(node_id: str, step: str) -> Response:
    return _done(node_id, step, JUDGING[step], after="exchanges.index" if step == "reject" else "")


@reading.post("/sources/<node_id>/<any(pause,resume,harvest):step>")
def act(node_id: str, step: str) -> Response:
    return _done(node_id, step, STEPS[step])


@reading.post("/sources/<node_id>/decide/<any(confirm,relink,admit):choice>")
def decide(node_id: str, choice: str) -> Response:
    return _done(node_id, choice, lambda work, who, node: sources.decide(work, who, node, choice))


def _enter() -> Response:
    said = {name: typed(name).strip() for name in ("node_id", "name_vi", "name_en", "url", "chosen", "kind")}
    said["format"] = typed("format") or sources.FORMATS[0]
    with begin() as work:
        sources.enter(work, actor(), Entered(**said))
    say("source.done_enter")
    return go("sources.show", node_id=said["node_id"])


def _done(node_id: str, step: str, do: Callable[[Work, Actor, str], None], *, after: str = "") -> Response:
    try:
        with begin() as work:
            do(work, actor(), node_id)
    except Conflict as refused:
        say(f"error.{refused.code}", "bad", **refused.params)
    else:
        say(f"source.done_{step}")
        if after:
            return go(after)
    return go("sources.show", node_id=node_id)


def _national_only() -> None:
    if runtime().settings.role != "national":
        abort(404)
