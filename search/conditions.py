"""From the filters of a query to conditions on the index."""

from __future__ import annotations

from datetime import datetime, timedelta

from search.fields import OPEN_PRICE, seconds
from search.plan import Between, Condition, OneOf
from search.query import FACETS, UPDATED_WINDOWS, Query


def conditions(query: Query) -> dict[str, tuple[Condition, ...]]:
    """Facet -> what its filters ask. Raises `ValueError` for a filter that is none."""
    found: dict[str, list[Condition]] = {}
    if query.kinds:
        found.setdefault("kind", []).append(OneOf("kind", query.kinds))
    for name, codes in query.filters.items():
        if codes:
            found.setdefault(name, []).append(_filter(name, codes, query.now))
    if query.languages:
        found.setdefault("language", []).append(OneOf("language", query.languages))
    if query.trl is not None:
        low, high = query.trl
        levels = tuple(str(level) for level in range(max(1, low), min(9, high) + 1))
        found.setdefault("trl", []).append(OneOf("trl", levels))
    if query.price is not None:
        found.setdefault("price", []).extend(_price(*query.price))
    return {name: tuple(asked) for name, asked in found.items()}


def without(query: Query) -> tuple[OneOf, ...]:
    """What must not be found."""
    owner = (OneOf("owner", (query.exclude_owner,)),) if query.exclude_owner else ()
    return (*owner, OneOf("uid", query.exclude)) if query.exclude else owner


def windows(now: datetime | None) -> dict[str, int]:
    """The windows of the facet `updated`, narrowest first: name -> its beginning, in seconds since 1970."""
    if now is None:
        raise ValueError("the facet «updated» needs Query.now")
    return {name: seconds(now - timedelta(days=days)) or 0 for name, days in UPDATED_WINDOWS}


def _filter(name: str, codes: tuple[str, ...], now: datetime | None) -> Condition:
    if name not in FACETS:
        raise ValueError(f"no such filter: {name}")
    if name != "updated":
        return OneOf(name, codes)
    # The widest window asked for holds the others; codes that are no windows are never met.
    since = [start for window, start in windows(now).items() if window in codes]
    return Between("updated", low=min(since)) if since else OneOf("kind", ())


def _price(low: int | None, high: int | None) -> list[Condition]:
    """The listing's range and the one asked for overlap. Without either end it only has to say a price."""
    return [
        Between("price_high", low=low or 0),
        Between("price_low", high=OPEN_PRICE if high is None else high),
    ]
