"""A search as its address says it, and back. The whole state of a search page is in its URL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from search.query import FACETS, Query, Sort
from vocabulary import money
from vocabulary.problems import Problem, Unreadable
from vocabulary.text import nfc

FILTERS = tuple(name for name in FACETS if name not in ("kind", "trl", "price"))
SORTS: tuple[str, ...] = get_args(Sort)
LONGEST_TEXT = 10_000
MOST_VALUES = 50
PAGE_SIZE = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked: the query, the words of the form as they were typed, and what could not be read."""

    query: Query
    values: MultiDict[str, str]
    problems: tuple[Problem, ...] = ()

    @property
    def active(self) -> int:
        """How many filters are set."""
        query = self.query
        return (
            sum(len(codes) for codes in query.filters.values())
            + (query.trl is not None)
            + (query.price is not None)
        )

    def url(self, path: str, *, without: Iterable[tuple[str, str]] = (), **changes: Any) -> str:
        """The address of this search with some values changed (None drops one) or single pairs left out.

        Every change but that of the page leads back to the first page.
        """
        left_out = set(without)
        kept = [
            (name, value)
            for name, value in self.values.items(multi=True)
            if value and name not in ("page", "after")
        ]
        pairs = [pair for pair in kept if pair not in left_out and pair[0] not in changes]
        pairs += [(name, str(value)) for name, value in changes.items() if value not in (None, "")]
        return f"{path}?{urlencode(pairs)}" if pairs else path


def read(values: MultiDict[str, str], *, kind: str, now: datetime) -> Asked:
    """Read the query of a search page. A value that cannot be read is left out and said, never an error page."""
    problems: list[Problem] = []
    query = Query(
        text=nfc(values.get("q", ""))[:LONGEST_TEXT],
        kinds=(kind,),
        filters={name: tuple(codes) for name in FILTERS if (codes := values.getlist(name)[:MOST_VALUES])},
        trl=_levels(values, problems),
        price=_prices(values, problems),
        sort=_sort(values.get("sort", "")),
        page=_page(values.get("page", "")),
        after=values.get("after", ""),
        size=PAGE_SIZE,
        facets=tuple(name for name in FACETS if name not in ("kind", "trl", "price")),
        highlight=True,
        now=now,
    )
    return Asked(query, values, tuple(problems))


def _sort(value: str) -> Sort:
    return value if value in SORTS else "relevance"  # type: ignore[return-value]  # one of the literals


def _page(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and 0 < len(value) < 6 and int(value) else 1


def _levels(values: MultiDict[str, str], problems: list[Problem]) -> tuple[int, int] | None:
    low, high = (_level(values, name, problems) for name in ("trl_from", "trl_to"))
    if low is None and high is None:
        return None
    ends = (low or 1, high or 9)
    return min(ends), max(ends)


def _level(values: MultiDict[str, str], name: str, problems: list[Problem]) -> int | None:
    value = values.get(name, "").strip()
    if not value:
        return None
    if value in tuple("123456789"):
        return int(value)
    problems.append(Problem(name, "trl.range", {"value": value}))
    return None


def _prices(values: MultiDict[str, str], problems: list[Problem]) -> tuple[int | None, int | None] | None:
    low, high = (_amount(values, name, problems) for name in ("price_from", "price_to"))
    if low is None and high is None:
        return None
    if low is None or high is None:
        return low, high
    return min(low, high), max(low, high)


def _amount(values: MultiDict[str, str], name: str, problems: list[Problem]) -> int | None:
    value = values.get(name, "").strip()
    if not value:
        return None
    try:
        read_as = money.read(value)
    except Unreadable as error:
        problems.append(error.at(name))
        return None
    return read_as.amount if read_as is not None else None
