"""What is asked and what is answered, in our words, never an engine's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Sort = Literal["relevance", "newest", "oldest", "price_up", "price_down", "expiring"]

FACETS = (
    "kind", "field", "trl", "transfer_form", "right", "industry", "province", "price", "origin", "language", "updated",
)  # fmt: skip
"""The facets people see. `trl` counts single levels an offer or demand covers, `price` the bands of `PRICE_BANDS`,
`updated` the windows of `UPDATED_WINDOWS` (days before `Query.now`)."""

PRICE_BANDS: tuple[tuple[str, int | None, int | None], ...] = (
    ("under_100m", None, 100_000_000),
    ("100m_500m", 100_000_000, 500_000_000),
    ("500m_1b", 500_000_000, 1_000_000_000),
    ("1b_5b", 1_000_000_000, 5_000_000_000),
    ("over_5b", 5_000_000_000, None),
)
"""Whole VND, lower end included, upper end not. A listing is in every band its price range touches."""

UPDATED_WINDOWS: tuple[tuple[str, int], ...] = (("week", 7), ("month", 30), ("quarter", 91), ("year", 365))

LAST_NUMBERED_RESULT = 10_000
"""Pages go by number up to this result; beyond it only by the `after` of the page before."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What a text asks in another language: terms as they are indexed, pairs joined by `_`, and how much each counts.

    They are looked for in listings that speak this language and nowhere else: «can» is a Vietnamese syllable, too.
    """

    language: str
    terms: Mapping[str, float]
    sure: Mapping[str, frozenset[str]] | None = None
    """Those that surely mean the same, with the words as they are written: «sữa» is milk, «sửa» is not. Of a question
    that somebody typed only they find listings, for whoever types reads all that is found; the others raise. Of a listing's
    text only the best is taken, and all are looked for, as where this is None."""
    said: tuple[str, ...] = ()
    """The sure ones as people write them."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question. Values of one filter are alternatives, different filters must all hold."""

    text: str = ""
    kinds: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Facet name (of `FACETS`, without `kind`) -> codes."""
    trl: tuple[int, int] | None = None
    price: tuple[int | None, int | None] | None = None
    languages: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    """uids never returned."""
    exclude_owner: str = ""
    sort: Sort = "relevance"
    page: int = 1
    size: int = 10
    after: str = ""
    """Opaque, from `Results.after`; replaces `page`."""
    facets: tuple[str, ...] = ()
    highlight: bool = False
    forgiving: bool = True
    """Try again with typos allowed when nothing is found, and say so in `Results.corrected`."""
    typed: bool = True
    """Whether somebody typed the text into a search box, where quotation marks ask for a phrase. A listing's own words
    quote, and ask for nothing by it."""
    now: datetime | None = None
    translations: tuple[Translation, ...] = ()
    """The text in other languages, from `translating.translated`."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a listing's own words; `marks` are the (start, end) character spans that answered the query."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    uid: str
    score: float
    passages: Mapping[str, Passage] = field(default_factory=dict)
    """By field: `title`, `body`."""
    as_typed: Mapping[str, bool] = field(default_factory=dict)
    """Where passages were asked for: words that somebody typed with marks, in their one spelling -> whether the listing
    writes them so anywhere, or only with other marks or none. Those that it does not hold are left out."""


@dataclass(frozen=True, slots=True)
class Results:
    total: int
    hits: tuple[Hit, ...] = ()
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    after: str = ""
    """Where the next page starts; empty on the last."""
    corrected: str = ""
    """The text really searched, where typos were allowed because nothing matched."""
    unlike: tuple[str, ...] = ()
    """Words typed with marks that none of these listings writes so, though some hold them with other marks or without. Told
    where passages were asked for."""
