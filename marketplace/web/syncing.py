"""How it stands with the national exchange, for the staff of a local one: one page, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, g, render_template
from werkzeug.wrappers import Response

from marketplace import sync_key
from marketplace.errors import Conflict
from marketplace.services.policy import Actor
from marketplace.services.sync import choosing, lag, outlook, replays
from marketplace.web.lag_chart import pictures
from marketplace.web.request import actor, begin, go, look, runtime, say
from marketplace.work import Work

syncing = Blueprint("syncing", __name__)

Step = Callable[[Work, Actor], None]
STEPS: Mapping[str, Step] = {
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
        day = lag.day(work, actor(), seen.node_id)
        batches = replays.latest(work, actor())
    key = sync_key.ensure(runtime().settings.key_file).public
    return render_template(
        "exchanges/sync.html", outlook=seen, batches=batches, day=day, pictures=pictures(day, g.language),
        fingerprint=key.fingerprint,
    )  # fmt: skip


@syncing.post("/sync/<any(pause,resume,retry,compare):step>")
def act(step: str) -> Response:
    return _done(STEPS[step], f"sync.done_{step}")


@syncing.post("/sync/batches/<batch_id>/replay")
def replay(batch_id: str) -> Response:
    return _done(lambda work, who: replays.ask(work, who, batch_id), "sync.done_replay", "batches")


@syncing.post("/sync/records/<uid>/send")
def send_record(uid: str) -> Response:
    return _done(lambda work, who: replays.send_record(work, who, uid), "sync.done_send_record", "faults")


def _done(step: Step, said: str, place: str | None = None) -> Response:
    """Do it, or say why it cannot be done; then the page again, at the part that was used."""
    try:
        with begin() as work:
            step(work, actor())
    except Conflict as refused:
        say(f"error.{refused.code}", "bad", **refused.params)
    else:
        say(said)
    return go("syncing.show", _anchor=place)
