"""The rules of a listing, in one place for forms, imports and other exchanges.

A draft may leave anything empty; what it says must be sayable. To be published a listing needs a title and a
description.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal

from vocabulary import money
from vocabulary.codelist import CodeList
from vocabulary.countries import COUNTRIES, OFFICES
from vocabulary.fields import FORD
from vocabulary.industries import VSIC
from vocabulary.languages import is_language
from vocabulary.listing import (
    DESCRIPTION_LIMIT,
    KINDS,
    OPERATORS,
    PRICE_KINDS,
    ROWS_LIMIT,
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    Content,
    Price,
    Requirement,
    Right,
    Text,
)
from vocabulary.patents import normalise
from vocabulary.problems import Problem, Unreadable
from vocabulary.regions import PROVINCES
from vocabulary.stages import HIGHEST, LOWEST
from vocabulary.strategic import STRATEGIC
from vocabulary.terms import RIGHT_KINDS, RIGHT_STATUSES, TRANSFER_FORMS

LIMITS: Mapping[str, int] = {"title": TITLE_LIMIT, "summary": SUMMARY_LIMIT}
"""Characters of each text; those not named may have `DESCRIPTION_LIMIT`."""
LINE_LIMIT = 300
CONTACT_LIMIT = 200

_DECIMAL = "-?[0-9]+(?:[.,][0-9]+)?"
_NUMBER = re.compile(rf"{_DECIMAL}\Z")
_RANGE = re.compile(rf"(?P<low>{_DECIMAL})\.\.(?P<high>{_DECIMAL})\Z")
_TEXTS = tuple(item.name for item in fields(Text))


def problems(content: Content, *, publishing: bool) -> list[Problem]:
    """Everything that is wrong with the content, in the order of the form; empty when it may be saved or published.

    `publishing` asks also for what only a published listing needs, an initiative as much as an offer or a demand.
    """
    return list(found(content, publishing=publishing))


def found(content: Content, *, publishing: bool) -> Iterator[Problem]:
    """The same one by one, for whoever asks for the first of them only."""
    for part in (_kind, _texts, _requirements, _levels, _codes, _rights, _price, _places, _rest):
        yield from part(content)
    if publishing:
        yield from _missing(content)


def text_limit(name: str) -> int:
    """How many characters a text may have."""
    return LIMITS.get(name, DESCRIPTION_LIMIT)


def _kind(content: Content) -> Iterator[Problem]:
    if content.kind not in KINDS:
        yield Problem("kind", "kind.unknown", {"value": str(content.kind)})


def _texts(content: Content) -> Iterator[Problem]:
    if not is_language(content.language):
        yield Problem("language", "language.unknown", {"value": content.language})
    yield from _rows("texts", content.texts)
    for language, text in content.texts.items():
        if language != content.language and not is_language(language):
            yield Problem(f"texts.{language}", "language.unknown", {"value": language})
        for name in _TEXTS:
            # Asked here first, for a way is made of names in half of the time all these rules take.
            if len(value := getattr(text, name)) > text_limit(name):
                yield from _length(f"texts.{language}.{name}", value, text_limit(name))


def _length(path: str, value: str, limit: int) -> Iterator[Problem]:
    if len(value) > limit:
        yield Problem(path, "text.too_long", {"limit": str(limit), "length": str(len(value))})


def _rows(name: str, rows: Collection[object]) -> Iterator[Problem]:
    if len(rows) > ROWS_LIMIT:
        yield Problem(name, "rows.too_many", {"limit": str(ROWS_LIMIT), "count": str(len(rows))})


def _requirements(content: Content) -> Iterator[Problem]:
    yield from _rows("requirements", content.requirements)
    for place, row in enumerate(content.requirements):
        yield from _requirement(f"requirements.{place}", row)


def _requirement(path: str, row: Requirement) -> Iterator[Problem]:
    if not row.name.strip():
        yield Problem(f"{path}.name", "required")
    for name in ("name", "value", "unit"):
        yield from _length(f"{path}.{name}", getattr(row, name), LINE_LIMIT)
    if row.operator not in OPERATORS:
        yield Problem(f"{path}.operator", "operator.unknown", {"value": row.operator})
    elif row.operator != "text" and not row.value:
        yield Problem(f"{path}.value", "required")
    elif row.operator == "range":
        yield from _range(f"{path}.value", row.value)
    elif row.operator in (">=", "<=", ">", "<") and not _NUMBER.match(row.value):
        yield Problem(f"{path}.value", "number.unreadable", {"value": row.value})


def _range(path: str, value: str) -> Iterator[Problem]:
    ends = _RANGE.match(value)
    if ends is None:
        yield Problem(path, "number.range", {"value": value})
    elif Decimal(ends["low"].replace(",", ".")) > Decimal(ends["high"].replace(",", ".")):
        yield Problem(path, "number.reversed", {"value": value})


def _levels(content: Content) -> Iterator[Problem]:
    for name in ("trl_min", "trl_max"):
        level = getattr(content, name)
        if level is not None and not LOWEST <= level <= HIGHEST:
            yield Problem(name, "trl.range", {"value": str(level)})
    low, high = content.trl_min, content.trl_max
    if low is not None and high is not None and low > high:
        yield Problem("trl_max", "trl.reversed", {"value": f"{low}–{high}"})


LISTS: Mapping[str, CodeList] = {
    "fields": FORD, "industries": VSIC, "strategic": STRATEGIC, "transfer_forms": TRANSFER_FORMS,
}  # fmt: skip


def _codes(content: Content) -> Iterator[Problem]:
    for name, known in LISTS.items():
        codes = getattr(content, name)
        yield from _rows(name, codes)
        for place, code in enumerate(codes):
            if code not in known:
                yield Problem(f"{name}.{place}", "code.unknown", {"value": code, "list": known.name})
    yield from _rows("ipc", content.ipc)
    for place, symbol in enumerate(content.ipc):
        yield from _symbol(f"ipc.{place}", symbol)


def _symbol(path: str, symbol: str) -> Iterator[Problem]:
    """Two spellings of one patent class would be two classes to everyone who compares them."""
    try:
        wanted = normalise(symbol)
    except Unreadable as error:
        yield error.at(path)
        return
    if wanted != symbol:
        yield Problem(path, "ipc.form", {"value": symbol, "wanted": wanted})


def _rights(content: Content) -> Iterator[Problem]:
    yield from _rows("rights", content.rights)
    for place, right in enumerate(content.rights):
        yield from _right(f"rights.{place}", right)


def _right(path: str, right: Right) -> Iterator[Problem]:
    if right.kind not in RIGHT_KINDS:
        yield Problem(f"{path}.kind", "code.unknown", {"value": right.kind, "list": RIGHT_KINDS.name})
    if right.status not in RIGHT_STATUSES:
        yield Problem(f"{path}.status", "code.unknown", {"value": right.status, "list": RIGHT_STATUSES.name})
    if right.territory not in COUNTRIES | OFFICES:
        yield Problem(f"{path}.territory", "country.unknown", {"value": right.territory})
    yield from _length(f"{path}.number", right.number, LINE_LIMIT)


def _price(content: Content) -> Iterator[Problem]:
    if content.price is not None:
        yield from price_problems("price", content.price)


def price_problems(path: str, price: Price) -> Iterator[Problem]:
    """What is wrong with a price, wherever it stands (a reserve price is sealed, but follows the same rules)."""
    if price.currency not in money.FRACTION_DIGITS:
        yield Problem(f"{path}.currency", "currency.unknown", {"value": price.currency})
    if price.kind not in PRICE_KINDS:
        yield Problem(f"{path}.kind", "code.unknown", {"value": price.kind, "list": "price_kinds"})
    for name in ("minimum", "maximum"):
        amount = getattr(price, name)
        if amount is not None and not 0 <= amount <= money.LARGEST:
            yield Problem(f"{path}.{name}", "money.too_large", {"value": str(amount)})
    if price.minimum is not None and price.maximum is not None and price.minimum > price.maximum:
        yield Problem(f"{path}.maximum", "money.reversed", {"value": f"{price.minimum} – {price.maximum}"})


def _places(content: Content) -> Iterator[Problem]:
    if content.province and content.province not in PROVINCES:
        yield Problem("province", "region.unknown", {"value": content.province})
    yield from _rows("territory", content.territory)
    for place, country in enumerate(content.territory):
        if country not in COUNTRIES:
            yield Problem(f"territory.{place}", "country.unknown", {"value": country})


def _rest(content: Content) -> Iterator[Problem]:
    yield from _rows("standards", content.standards)
    for place, standard in enumerate(content.standards):
        yield from _length(f"standards.{place}", standard, LINE_LIMIT)
    for name, largest in (("domestic_value", 100), ("key_components", 100), ("mastery", 5)):
        value = getattr(content.localisation, name)
        if value is not None and not 0 <= value <= largest:
            yield Problem(
                f"localisation.{name}",
                "number.between",
                {"low": "0", "high": str(largest), "value": str(value)},
            )
    for name in ("name", "email", "phone"):
        yield from _length(f"contact.{name}", getattr(content.contact, name), CONTACT_LIMIT)
    yield from _length("broker", content.broker, CONTACT_LIMIT)
    if content.needed_by and not _is_day(content.needed_by):
        yield Problem("needed_by", "date.unreadable", {"value": content.needed_by})


def _is_day(value: str) -> bool:
    """ISO 8601 knows many ways to write a day; a record holds one."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _missing(content: Content) -> Iterator[Problem]:
    for name in ("title", "description"):
        if not getattr(content.text, name).strip():
            yield Problem(f"texts.{content.language}.{name}", "required")
