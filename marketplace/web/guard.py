"""Before a view runs: may this person use this route, and did the form come from our own page?

A route that is not in the policy table is refused to everybody: forgetting an entry closes a door, never opens one.
"""

from __future__ import annotations

import hmac

from flask import Flask, g, request

from marketplace.errors import Forbidden
from marketplace.services.policy import permit
from marketplace.web.login import csrf_token
from marketplace.web.policy import ROUTES, SIGNED

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask) -> None:
    app.before_request(_check)


def _check() -> None:
    if request.endpoint is None:
        return  # Nothing is there; the answer is 404 or 405 for everybody.
    action = ROUTES.get(request.endpoint)
    if action is None:
        raise RuntimeError(f"the route {request.endpoint} is missing from marketplace/web/policy.py")
    if request.endpoint in SIGNED:
        return  # Known by the signature of the request, which `web.sync` verifies before it reads anything of it.
    permit(g.actor, action)
    if request.method not in SAFE:
        _from_our_own_page()


def _from_our_own_page() -> None:
    """The browser's own word first (Fetch Metadata), then the token of the form."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("cross_site")
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(given.encode(), csrf_token().encode()):
        raise Forbidden("csrf")
