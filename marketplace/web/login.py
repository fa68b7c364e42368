"""Who asks: from the cookie of a sign-in to an Actor. The only place that reads or writes that cookie.

Two cookies are kept apart: `session` for a person who signed in, `visitor` for somebody who has only filled a form.
Their names hold NODE_ID, for browsers send cookies of every port of a host.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import Flask, g, request
from werkzeug.wrappers import Response

from marketplace import tracing
from marketplace import work as working
from marketplace.db import new_id
from marketplace.services import sessions
from marketplace.services.policy import VISITOR, Actor
from marketplace.settings import Settings
from marketplace.web.request import runtime


def cookie_name(settings: Settings, what: str) -> str:
    """`__Host-` binds a cookie to this host and to https; browsers refuse it on plain http, so loopback goes without."""
    return f"{'__Host-' if settings.secure else ''}giao-{settings.node_id}-{what}"


def install(app: Flask) -> None:
    app.before_request(_recognise)
    app.after_request(_write_cookies)


def sign_in_with(token: str) -> None:
    """Give this browser the session; any earlier one of it is forgotten (no session fixation)."""
    g.new_session = token


def sign_out() -> None:
    g.new_session = ""


def session_token() -> str:
    """The token of this browser's session; empty for a visitor."""
    return request.cookies.get(cookie_name(runtime().settings, "session"), "")


def visitor() -> str:
    """A random name for this browser, made when it is first needed; it says nothing about the person."""
    if "visitor" not in g:
        g.visitor = request.cookies.get(cookie_name(runtime().settings, "visitor"), "") or _new_visitor()
    return str(g.visitor)


def holder() -> str:
    """Who holds a draft that nobody has posted: the person, or before signing in the browser."""
    actor: Actor = g.actor
    if actor.signed_in:
        return f"user:{actor.user_id}"
    return f"visitor:{hashlib.sha256(visitor().encode()).hexdigest()}"


def csrf_token() -> str:
    """Bound to the session (or the visitor), so that a token taken from one browser is worth nothing in another."""
    return _csrf_token_of(session_token() if g.actor.signed_in else visitor())


def gave(token: str) -> bool:
    """Whether this browser had the CSRF token from us: now, before it signed in, or in a session that has ended since."""
    held = (session_token(), request.cookies.get(cookie_name(runtime().settings, "visitor"), ""))
    return any(hmac.compare_digest(token.encode(), _csrf_token_of(one).encode()) for one in held if one)


def seconds_left() -> int:
    """How long the session lives if nothing more is asked for; 0 for a visitor."""
    return int(g.session_left.total_seconds()) if g.actor.signed_in else 0


def has_ended() -> bool:
    """Whether this browser holds a session that is over."""
    return bool(session_token()) and not g.actor.signed_in


def _csrf_token_of(bound: str) -> str:
    return hmac.new(runtime().settings.secret_keys[0], f"csrf {bound}".encode(), "sha256").hexdigest()


def _new_visitor() -> str:
    g.new_visitor = secrets.token_urlsafe(24)
    return str(g.new_visitor)


def _recognise() -> None:
    g.trace = new_id()
    tracing.trace.set(g.trace)
    token = session_token()
    g.actor = VISITOR
    if token and request.endpoint != "static":
        # Read only, as nearly every request is: a page must not wait for a writer, an import for instance.
        with working.look(runtime(), trace=g.trace) as work:
            known = sessions.recognise(work, token)
        g.actor = known.actor
        tracing.actor.set(known.actor.user_id)
        g.session_left = known.left
        if known.unseen and not _only_looks():
            with working.begin(runtime(), trace=g.trace) as work:
                sessions.seen(work, token)
            g.session_left = known.most


def _only_looks() -> bool:
    """Whether a page asks by itself how long the session has left: nobody has done anything, so it is no longer for that."""
    return request.endpoint == "accounts.session" and request.method == "GET"


def _write_cookies(response: Response) -> Response:
    settings = runtime().settings
    for what in ("session", "visitor"):
        value = g.get(f"new_{what}")
        name = cookie_name(settings, what)
        if value == "":
            response.delete_cookie(name, secure=settings.secure, httponly=True, samesite="Lax")
        elif value:
            response.set_cookie(name, value, secure=settings.secure, httponly=True, samesite="Lax")
    return response
