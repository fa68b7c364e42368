"""Before a view runs: may this person use this route, and did the form come from our own page?

A route that is not in the policy table is refused to everybody: forgetting an entry closes a door, never opens one.
"""

from __future__ import annotations

import hmac

from flask import Flask, g, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from marketplace.errors import Forbidden, GiaoError, NotFound, Outlived
from marketplace.services.policy import permit
from marketplace.web import kept
from marketplace.web.asking import FILTERS
from marketplace.web.login import csrf_token
from marketplace.web.policy import ROUTES, SIGNED

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask) -> None:
    app.before_request(_check)


def _check() -> None:
    if request.endpoint not in SIGNED:
        _no_nul_in_the_address()
    if request.endpoint is None:
        return  # Nothing is there; the answer is 404 or 405 for everybody.
    action = ROUTES.get(request.endpoint)
    if action is None:
        raise RuntimeError(f"the route {request.endpoint} is missing from marketplace/web/policy.py")
    if request.endpoint in SIGNED:
        return  # Known by the signature of the request, which `web.sync` verifies before it reads anything of it.
    permit(g.actor, action)
    _each_said_once()
    if request.method not in SAFE:
        _no_nul_in_the_form()
        _from_our_own_page()


def _no_nul_in_the_address() -> None:
    """PostgreSQL holds no NUL in a text and takes no question with one: there is nothing at such a place, and in a question
    it says nothing."""
    if "\0" in request.path:
        raise NotFound("not_found")
    request.args = _without_nul(request.args)


def _no_nul_in_the_form() -> None:
    """One may have come with what was pasted, and is left out."""
    request.form = _without_nul(request.form)


def _without_nul(said: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    pairs = said.items(multi=True)
    return ImmutableMultiDict((name.replace("\0", ""), text.replace("\0", "")) for name, text in pairs)


def _each_said_once() -> None:
    """An address that says one thing twice is read differently by different programs (OWASP ASVS 5.0, 15.3.7).

    Filters of a search are meant to be said several times.
    """
    for name, values in request.args.lists():
        if len(values) > 1 and name not in FILTERS:
            raise GiaoError("said_twice", name=name[:80])


def _from_our_own_page() -> None:
    """The browser's own word first (Fetch Metadata), then the token of the form."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("cross_site")
    if not hmac.compare_digest(kept.token().encode(), csrf_token().encode()):
        raise Outlived if kept.is_ours() else Forbidden("csrf")
