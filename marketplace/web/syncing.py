"""How it stands with the national exchange, for the staff of a local one: one page, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, render_template
from werkzeug.wrappers import Response

from marketplace import sync_key
from marketplace.errors import Conflict
from marketplace.services.policy import Actor
from marketplace.services.sync import choosing, outlook
from marketplace.web.request import actor, begin, go, look, runtime, say
from marketplace.work import Work

syncing = Blueprint("syncing", __name__)

STEPS: Mapping[str, Callable[[Work, Actor], None]] = {
    "pause": choosing.pause,
    "resume": choosing.go_on,
    "retry": choosing.try_now,
    "compare": choosing.compare,
}
"""What the buttons of the page do."""


@syncing.get("/sync")
def show() -> str:
    if runtime().settings.role == "national":
        abort(404)
    with look() as work:
        seen = outlook.outlook(work, actor())
    key = sync_key.ensure(runtime().settings.key_file).public
    return render_template("exchanges/sync.html", outlook=seen, fingerprint=key.fingerprint)


@syncing.post("/sync/<any(pause,resume,retry,compare):step>")
def act(step: str) -> Response:
    try:
        with begin() as work:
            STEPS[step](work, actor())
    except Conflict as refused:
        say(f"error.{refused.code}", "bad", **refused.params)
    else:
        say(f"sync.done_{step}")
    return go("syncing.show")
