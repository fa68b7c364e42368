"""Where the navigation leads. A place this reader may not enter is not shown to him."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, g, url_for

from marketplace.services.policy import may
from marketplace.web.policy import ROUTES
from marketplace.web.request import runtime

PLACES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "home": ("pages.home", {}),
    "offers": ("catalogue.offers", {}),
    "demands": ("catalogue.demands", {}),
    "initiatives": ("catalogue.initiatives", {}),
    "desk": ("desk.mine", {}),
    "notices": ("desk.all_notices", {}),
    "matches": ("matches.mine", {}),
    "board": ("board.columns", {}),
    "waiting": ("brokers.waiting", {}),
    "deals": ("board.mine", {}),
    "brokers": ("brokers.register", {}),
    "moderation": ("moderation.queue", {}),
    "erasures": ("erasures.index", {}),
    "glossary": ("glossary.show", {}),
    "classification": ("classifying.queue", {}),
    "exchanges": ("exchanges.index", {}),
    "sync": ("syncing.show", {}),
    "clusters": ("clusters.queue", {}),
    "suggested": ("suggested.index", {}),
    "jobs": ("operations.jobs", {}),
    "weights": ("quality.versions", {}),
    "quality": ("quality.show", {}),
    "organisation": ("organisations.mine", {}),
    "account": ("own_account.show", {}),
    "post_offer": ("posting.new", {"kind": "offer"}),
    "post_demand": ("posting.new", {"kind": "demand"}),
    "sign_in": ("accounts.sign_in", {}),
    "sign_up": ("accounts.register", {}),
    "sign_out": ("accounts.sign_out", {}),
    "session": ("accounts.session", {}),
    "help": ("pages.help", {}),
    "terms": ("pages.terms", {}),
    "accessibility": ("pages.accessibility", {}),
    "contact": ("pages.help", {"_anchor": "contact"}),
}
"""Name in the templates -> endpoint and its values."""
ONLY: Mapping[str, str] = {
    "exchanges": "national",
    "sync": "local",
    "classification": "national",
    "clusters": "national",
    "suggested": "local",
}
"""Places that an exchange of one role has, and the other has not."""


def places() -> dict[str, str]:
    """The addresses of the places this reader may enter, in the language of the page."""
    known, role = current_app.view_functions, runtime().settings.role
    return {
        name: url_for(endpoint, **values)
        for name, (endpoint, values) in PLACES.items()
        if endpoint in known
        and ONLY.get(name, role) == role
        and may(g.actor, ROUTES.get(endpoint, "people.manage"))
    }
