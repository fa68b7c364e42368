"""Codes as words in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import g

from marketplace.languages import OWN_NAMES, catalogue
from marketplace.services.sync import neighbours
from marketplace.web.request import look, runtime
from vocabulary.fields import FORD
from vocabulary.industries import VSIC
from vocabulary.patents import IPC
from vocabulary.regions import PROVINCES
from vocabulary.strategic import STRATEGIC
from vocabulary.terms import RIGHT_KINDS, RIGHT_STATUSES, TRANSFER_FORMS


def label(name: str, code: str) -> str:
    """The word for `code` of the list `name`; the code itself where the list does not know it."""
    if not code:
        return ""
    return LISTS[name](code) or code


def _right(code: str) -> str:
    """A right by its kind, or `kind:status`."""
    kind, _, status = code.partition(":")
    named = RIGHT_KINDS.label(kind, g.language)
    return f"{named} · {RIGHT_STATUSES.label(status, g.language)}" if status else named


def _exchange(node: str) -> str:
    """This exchange by its name; another one by the name it has given itself, else by its node id."""
    settings = runtime().settings
    if node != settings.node_id:
        if "exchange_names" not in g:
            with look() as work:
                g.exchange_names = neighbours.names(work)
        return str(g.exchange_names.get(node, {}).get(g.language, node))
    return settings.exchange_name or catalogue(g.language).gettext("exchange.name")


def _worded(room: str) -> Callable[[str], str]:
    """Codes whose words stand in the language files."""
    return lambda code: catalogue(g.language).gettext(f"{room}.{code}")


LISTS: Mapping[str, Callable[[str], str]] = {
    "kind": _worded("kind"),
    "field": lambda code: FORD.label(code, g.language),
    "industry": lambda code: VSIC.label(code, g.language),
    "ipc": lambda code: IPC.label(code, g.language),
    "strategic": lambda code: STRATEGIC.label(code, g.language),
    "transfer_form": lambda code: TRANSFER_FORMS.label(code, g.language),
    "right": _right,
    "province": lambda code: PROVINCES.label(code, g.language),
    "language": lambda code: OWN_NAMES.get(code, code),
    "price": _worded("price_band"),
    "updated": _worded("updated"),
    "trl": lambda code: f"TRL {code}",
    "origin": _exchange,
}
"""List name -> the word for a code. The names are those of the facets, so that a facet labels itself."""
