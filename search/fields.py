"""The one table of what is indexed and how much it counts. Tantivy's schema and Elasticsearch's mapping are made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from search.document import Document
from search.query import PRICE_BANDS, Sort

INDEX_VERSION = 8
"""Counted up with every change of the tables below or of `analysis`: an index of another version is not read."""


@dataclass(frozen=True, slots=True)
class TextField:
    """Words of a listing. A word found here adds `boost` times its BM25 score (k1 1.2, b 0.75, as both engines do)."""

    name: str
    reads: tuple[str, ...]
    """Texts of `Document`, in the order in which they are read."""
    boost: float


SAID = ("title", "summary", "description", "advantages", "requirements")
"""The listing's own texts, of which passages are shown."""
EVERYTHING = (*SAID, "layer")

BODY = TextField("body", EVERYTHING, 1.0)
"""All words: a listing is found by this field, the others only raise it."""
TEXTS = (TextField("title", ("title",), 0.15), TextField("summary", ("summary",), 0.1), BODY)
"""Small boosts, for words of the title and the summary are counted in the body already, and are rarer, so heavier, in
their own field: a word of the title counts by a fifth more. Measured in docs/matching.md."""
PAIRS = TextField("pairs", EVERYTHING, 0.3)
"""Neighbouring words joined to one term (a Vietnamese word is mostly two syllables), and neighbouring characters of
scripts without spaces."""
SPELLING = TextField("spelling", EVERYTHING, 0.0)
"""Words whose stem differs from them, as they are written: where a typo looks for what may have been meant."""
WRITTEN = TextField("written", EVERYTHING, 0.4)
"""Words of texts with marks in their one spelling: where a translated word finds only what is written like it, and what
somebody typed with marks is found first where it is written so. Measured in docs/matching.md."""

OPEN_PRICE = 2**62
"""Stands for «no upper end»."""
HIGHEST_PRICE = 2**45 - 1
"""Whole VND, 35 trillion: above it prices are filtered as usual, but no longer told apart in the order."""
NEVER = 2**33 - 1
"""Seconds since 1970: the year 2242."""
TIME_BITS, PRICE_BITS = 30, 18
"""How many low bits of the version stand below a moment or a price in the numbers that give the order."""


@dataclass(frozen=True, slots=True)
class CodeField:
    """Codes by which listings are filtered and counted."""

    name: str
    of: Callable[[Document], Sequence[str]]


@dataclass(frozen=True, slots=True)
class NumberField:
    """A whole number from 0 to 2^63 - 1 by which listings are filtered or put in order."""

    name: str
    of: Callable[[Document], int | None]


@dataclass(frozen=True, slots=True)
class Order:
    """By which number field results stand, and which way."""

    field: str
    descending: bool = False


def seconds(moment: datetime | None) -> int | None:
    """Whole seconds since 1970; moments before are 1970."""
    return None if moment is None else max(0, int(moment.astimezone(UTC).timestamp()))


def _alone(code: str) -> tuple[str, ...]:
    return (code,) if code else ()


def _whole(code: str, more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_alone(code), *more)))


def _trl_levels(document: Document) -> Sequence[str]:
    """Every technology readiness level the listing covers, as text; none when it says nothing."""
    low, high = document.trl_min, document.trl_max
    if low is None and high is None:
        return ()
    return tuple(str(level) for level in range(low or 1, (high or 9) + 1))


def _price_bands(document: Document) -> Sequence[str]:
    """The bands of `PRICE_BANDS` that the listing's price touches."""
    low, high = _price_low(document), _price_high(document)
    if low is None or high is None:
        return ()
    return tuple(
        name for name, start, end in PRICE_BANDS if (end is None or low < end) and high >= (start or 0)
    )


def _price_low(document: Document) -> int | None:
    """The lower end of the price, 0 when only the upper is said."""
    if document.price_min is None and document.price_max is None:
        return None
    return document.price_min or 0


def _price_high(document: Document) -> int | None:
    """The upper end of the price; open when only the lower is said."""
    if document.price_min is None and document.price_max is None:
        return None
    return OPEN_PRICE if document.price_max is None else document.price_max


def _updated(document: Document) -> int | None:
    return seconds(document.updated_at or document.published_at)


# An order is one number: the value above, the low bits of the version below. So listings of the same value still
# have one order, the same on both engines, in which a page can begin after a given listing.


def _by_time(document: Document) -> int:
    return min(_updated(document) or 0, NEVER) << TIME_BITS | document.version % (1 << TIME_BITS)


def _by_expiry(document: Document) -> int:
    moment = seconds(document.expires_at)
    return min(NEVER if moment is None else moment, NEVER) << TIME_BITS | document.version % (1 << TIME_BITS)


def _by_cheapest(document: Document) -> int:
    price = document.price_max if document.price_min is None else document.price_min
    return _priced(HIGHEST_PRICE if price is None else price, document)


def _by_dearest(document: Document) -> int:
    price = document.price_min if document.price_max is None else document.price_max
    return _priced(0 if price is None else price, document)


def _priced(price: int, document: Document) -> int:
    return min(price, HIGHEST_PRICE) << PRICE_BITS | document.version % (1 << PRICE_BITS)


CODES = (
    CodeField("kind", lambda document: (document.kind,)),
    CodeField("field", lambda document: document.fields),
    CodeField("trl", _trl_levels),
    CodeField("transfer_form", lambda document: document.transfer_forms),
    CodeField("right", lambda document: document.rights),
    CodeField("industry", lambda document: document.industries),
    CodeField("province", lambda document: _whole(document.province, document.more_provinces)),
    CodeField("price", _price_bands),
    CodeField("origin", lambda document: _whole(document.origin, document.more_origins)),
    CodeField("language", lambda document: document.languages),
    CodeField("ipc", lambda document: document.ipc),
    CodeField("owner", lambda document: _alone(document.owner)),
)
NUMBERS = (
    NumberField("price_low", _price_low),
    NumberField("price_high", _price_high),
    NumberField("updated", _updated),
    NumberField("by_time", _by_time),
    NumberField("by_expiry", _by_expiry),
    NumberField("by_cheapest", _by_cheapest),
    NumberField("by_dearest", _by_dearest),
)
ORDERS: dict[Sort, Order] = {
    "newest": Order("by_time", descending=True),
    "oldest": Order("by_time"),
    "price_up": Order("by_cheapest"),
    "price_down": Order("by_dearest", descending=True),
    "expiring": Order("by_expiry"),
}
"""Listings without a price stand last both ways, those that never expire last. Relevance is no field."""
