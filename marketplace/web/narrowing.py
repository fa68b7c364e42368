"""What narrows a search: each filter that is set, the way back without it, and how much would be found then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import g

from marketplace.languages import catalogue
from marketplace.services import catalogue as services
from marketplace.web.asking import Asked
from marketplace.web.labels import label
from marketplace.work import Work
from search.query import Query

MOST_COUNTED = 12
"""Filters of which each costs a search of its own; nobody sets more by hand."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: its words, the address of the search without it, and that search."""

    label: str
    url: str
    without: Query


@dataclass(frozen=True, slots=True)
class WayOut:
    """What would be found if one filter were dropped."""

    label: str
    url: str
    count: int


def chips(asked: Asked, path: str) -> list[Chip]:
    """All filters that are set, in the order of their facets."""
    query = asked.query
    found = [
        Chip(label(name, code), asked.url(path, without=[(name, code)]), _without_code(query, name, code))
        for name, codes in query.filters.items()
        for code in codes
    ]
    if query.trl:
        found.append(
            Chip(_levels(query.trl), asked.url(path, trl_from=None, trl_to=None), replace(query, trl=None))
        )
    if query.price:
        url = asked.url(path, price_from=None, price_to=None)
        found.append(Chip(_prices(asked), url, replace(query, price=None)))
    return found


def ways_out(chips: Sequence[Chip], work: Work) -> list[WayOut]:
    """Of a search that found nothing: each filter whose loss would help, that which helps most first."""
    counted = [
        WayOut(chip.label, chip.url, services.total(work, _counting(chip.without)))
        for chip in chips[:MOST_COUNTED]
    ]
    return sorted((way for way in counted if way.count), key=lambda way: -way.count)


def _counting(query: Query) -> Query:
    return replace(query, size=0, page=1, after="", facets=(), highlight=False, forgiving=False)


def _without_code(query: Query, name: str, code: str) -> Query:
    left = {
        other: tuple(c for c in codes if (other, c) != (name, code)) for other, codes in query.filters.items()
    }
    return replace(query, filters={other: codes for other, codes in left.items() if codes})


def _levels(trl: tuple[int, int]) -> str:
    low, high = trl
    return f"TRL {low}" if low == high else f"TRL {low}–{high}"


def _prices(asked: Asked) -> str:
    """As they were typed, and which end of the range is open."""
    words = catalogue(g.language)
    low, high = (asked.values.get(name, "").strip() for name in ("price_from", "price_to"))
    if low and high:
        return f"{low} – {high}"
    return words.gettext("chip.price_from", price=low) if low else words.gettext("chip.price_to", price=high)
