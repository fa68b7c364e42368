"""What templates may use: formats of the reader's language, the viewer, the notes left for this page."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, g, get_flashed_messages

from marketplace.errors import Unavailable
from marketplace.languages import catalogue
from marketplace.services import notices
from marketplace.services.policy import VISITOR, may
from marketplace.web import filters
from marketplace.web.login import csrf_token, seconds_left
from marketplace.web.places import places
from marketplace.web.request import look, runtime


def install(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(filters.FILTERS)
    app.context_processor(_context)
    app.url_defaults(lambda endpoint, values: _fingerprint(app, endpoint, values))


def _fingerprint(app: Flask, endpoint: str, values: dict[str, Any]) -> None:
    """A static file's address changes with its content, so that it can be kept for a year."""
    if endpoint == "static":
        values["v"] = _digest(Path(str(app.static_folder)) / values["filename"])


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"


def _context() -> dict[str, Any]:
    actor = g.get("actor", VISITOR)
    settings = runtime().settings
    return {
        "viewer": actor if actor.signed_in else None,
        "unread": _unread(),
        "places": places(),
        "may": lambda action, organisation_id=None: may(actor, action, organisation_id),
        "exchange": settings.exchange_name or catalogue(g.language).gettext("exchange.name"),
        "contact": settings.contact,
        "csrf_token": csrf_token,
        "seconds_left": seconds_left,
        "notes": _notes(),
        "now": runtime().clock(),
    }


def _notes() -> list[tuple[str, str, dict[str, Any]]]:
    """What `request.say` left: kind, key and parameters."""
    left: Any = get_flashed_messages(with_categories=True)
    return [(kind, key, params) for kind, (key, params) in left]


def _unread() -> int:
    """How many notices wait for the reader; asked once a page."""
    if not g.actor.signed_in:
        return 0
    try:
        with look() as work:
            return notices.unread(work, g.actor)
    except Unavailable:
        return 0  # The page that says so must not fail for the same reason.
