"""One entry of the log, and one observation for the metrics, for every request."""

from __future__ import annotations

import logging
import time

from flask import Flask, g, request
from werkzeug.wrappers import Response

from marketplace import tracing
from marketplace.services import throttle
from marketplace.web.request import counted

log = logging.getLogger("giao.access")

QUIET = frozenset({"static", "health.live", "health.ready"})
"""Asked for so often that nobody would read the rest."""
SECRET = frozenset({"token"})
"""Arguments of addresses that are as good as a password."""
NOWHERE = "nowhere"
"""What an address is called that leads to no route: its own text may hold anything."""


def install(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_tell)
    app.teardown_request(_forget)


def _begin() -> None:
    g.begun = time.perf_counter()


def _tell(response: Response) -> Response:
    endpoint = request.endpoint or NOWHERE
    seconds = time.perf_counter() - g.get("begun", time.perf_counter())
    counted().answered(endpoint, request.method, response.status_code, seconds)
    actor = g.actor.user_id if "actor" in g else ""
    said = {
        "actor": actor or "visitor",
        "action": f"request {endpoint}",
        "object": _object(),
        "outcome": _outcome(response.status_code),
        "trace": g.get("trace", ""),
        "method": request.method,
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "agent": request.user_agent.string,
        "network": throttle.network(request.remote_addr or ""),
    }
    log.log(
        logging.DEBUG if endpoint in QUIET else logging.INFO, "%s %s", request.method, endpoint, extra=said
    )
    return response


def _forget(_: BaseException | None) -> None:
    """The thread serves somebody else next: what it says then must not be said in this one's name."""
    tracing.trace.set("")
    tracing.actor.set("")


def _object() -> str:
    """What the address names, such as the uid of a listing; never the secret of a link from a letter."""
    named = request.view_args or {}
    return next((str(value) for name, value in named.items() if name not in SECRET), "")


def _outcome(status: int) -> str:
    if status < 400:
        return "ok"
    return "denied" if status in (401, 403, 429) else "failed"
