"""The other exchanges, for the staff of the national one: who they are, how it stands, whom to let in."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, g, render_template, request
from werkzeug.wrappers import Response

from marketplace.errors import Conflict, Invalid
from marketplace.services.sync import (
    enrolment,
    issues,
    lag,
    own_keys,
    rolling_back,
    session,
    source_sheets,
    trust,
    watching,
)
from marketplace.services.sync.enrolment import Invited
from marketplace.web.filling import moment, typed
from marketplace.web.lag_chart import pictures
from marketplace.web.proving import now
from marketplace.web.request import actor, begin, go, look, runtime, say
from vocabulary.problems import Problem

exchanges = Blueprint("exchanges", __name__)

STATUSES = {"suspend": "suspended", "resume": "active", "revoke": "revoked"}
"""What can be done with an exchange -> its status afterwards."""


@exchanges.get("/exchanges")
def index() -> str:
    return _index()


@exchanges.post("/exchanges/invite")
def invite() -> str | tuple[str, int]:
    """The token is shown on this page and nowhere else: it is not stored."""
    try:
        with begin() as work:
            invited = enrolment.invite(
                work, actor(), typed("node_id").strip(), replaces=typed("replaces") == "1"
            )
    except Invalid as refused:
        return _index(problems=refused.problems), Invalid.status
    except Conflict as refused:
        problem = Problem("node_id", "node_exists", {"node": str(refused.params["node"])})
        return _index(problems=(problem,)), Conflict.status
    return _index(invited=invited)


@exchanges.get("/exchanges/<node_id>")
def show(node_id: str) -> str:
    return _show(node_id)


def _show(node_id: str, problems: Sequence[Problem] = ()) -> str:
    with look() as work:
        sheet = watching.sheet(work, actor(), node_id)
        day = lag.day(work, actor(), node_id)
    return render_template(
        "exchanges/show.html", sheet=sheet, day=day, pictures=pictures(day, g.language), values=request.form,
        problems=problems,
    )  # fmt: skip


@exchanges.post("/exchanges/<node_id>/keys/<kid>/<any(approve,reject):decision>")
def decide(node_id: str, kid: str, decision: str) -> Response:
    with begin() as work:
        if decision == "reject":
            enrolment.reject(work, actor(), kid)
            said = "exchanges.rejected"
        else:
            complete = enrolment.approve(work, actor(), kid)
            said = "exchanges.approved" if complete else "exchanges.approved_once"
    say(said)
    return go("exchanges.show", node_id=node_id)


@exchanges.post("/exchanges/<node_id>/<any(suspend,resume,revoke):step>")
def set_status(node_id: str, step: str) -> Response:
    with begin() as work:
        trust.set_status(work, actor(), node_id, STATUSES[step])
    say(f"exchanges.done_{step}")
    return go("exchanges.show", node_id=node_id)


@exchanges.post("/exchanges/<node_id>/keys/<kid>/revoke")
def revoke_key(node_id: str, kid: str) -> Response | tuple[str, int]:
    """With a day: others may have had the key since then, and what came under it is to be looked at."""
    on, at = f"since.{kid}", f"at.{kid}"
    try:
        since = moment(on, at) if typed(on).strip() else None
    except Invalid as refused:
        return _show(node_id, refused.problems), Invalid.status
    with begin() as work:
        trust.revoke(work, actor(), kid, compromised_since=since)
    say("exchanges.done_revoke_key")
    return go("exchanges.show", node_id=node_id, _anchor="keys")


@exchanges.post("/exchanges/<node_id>/keys/<kid>/roll-back")
def roll_back(node_id: str, kid: str) -> Response:
    with begin() as work:
        done = rolling_back.roll_back(work, actor(), kid)
    say("exchanges.done_roll_back", restored=done.restored, removed=done.removed, erased=done.erased)
    return go("exchanges.show", node_id=node_id, _anchor="keys")


@exchanges.post("/exchanges/<node_id>/go-on")
def go_on(node_id: str) -> Response:
    with begin() as work:
        session.go_on(work, actor(), node_id)
    say("exchanges.done_go_on")
    return go("exchanges.show", node_id=node_id)


@exchanges.post("/<any(exchanges,sources):pages>/<node_id>/issues/<issue_id>/waive")
def waive(pages: str, node_id: str, issue_id: str) -> Response:
    """From the page of an exchange, or of a catalogue that is only read."""
    with begin() as work:
        issues.waive(work, actor(), node_id, issue_id)
    say("exchanges.done_waive")
    return go(f"{pages}.show", node_id=node_id)


def _index(*, invited: Invited | None = None, problems: tuple[Problem, ...] = ()) -> str:
    if runtime().settings.role != "national":
        abort(404)
    with look() as work:
        standings = watching.exchanges(work, actor())
        catalogues = source_sheets.standings(work, actor())
    return render_template(
        "exchanges/index.html", standings=standings, invited=invited, problems=problems,
        key=own_keys.shown(runtime().settings, now()), catalogues=catalogues,
    )  # fmt: skip
