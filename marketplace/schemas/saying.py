"""A row of a file speaks of a part of a listing only; the rest stays as it was.

What a row says are the names of `schemas.listing`: a column that is there is said, an empty cell of it too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields, replace
from typing import Any, Final, TypeVar

from marketplace.schemas.listing import TEXTS
from vocabulary.listing import Contact, Content, Localisation, Price, Text
from vocabulary.text import clean

_Part = TypeVar("_Part", Contact, Localisation)

PLAIN: Final = (
    "requirements", "fields", "ipc", "industries", "strategic", "rights", "transfer_forms", "province", "territory",
    "standards", "needed_by", "anonymous", "open_for_interest", "broker",
)  # fmt: skip
"""Fields of a listing that have one name of their own."""
_LEVELS = {"trl_min": {"trl", "trl_min"}, "trl_max": {"trl", "trl_max"}}
_ENDS = {"minimum": {"price", "price_min"}, "maximum": {"price", "price_max"}}
"""Field -> the names that speak of it."""


def said_over(row: Content, before: Content, said: Collection[str]) -> Content:
    """`before` with what the row says written over it. `said` are the names that the row has.

    The kind stays. A row that does not say its language speaks in that of the listing.
    """
    language = row.language if "language" in said else before.language
    return before.revised(
        language=language,
        texts=_texts(row, before, language, said),
        price=_price(row.price, before.price, said),
        contact=_part(row.contact, before.contact, said, "contact_"),
        localisation=_part(row.localisation, before.localisation, said),
        **_levels(row, before, said),
        **{name: getattr(row, name) for name in PLAIN if name in said},
    )


def record_says(record: Any, content: Content) -> Iterator[str]:
    """The same names of a whole record, which may leave out what it does not speak of. `content` is what it holds."""
    yield "language"
    for name in record:
        yield name
        for one in fields(_PARTS[name]) if name in _PARTS else ():
            yield f"contact_{one.name}" if name == "contact" else one.name
    if "price" in record:
        yield "price_kind"
    for language, text in (record.get("texts") or {}).items():
        suffix = "" if clean(language) == content.language else f"_{clean(language)}"
        yield from (f"{name}{suffix}" for name in text or ())


_PARTS: Final = {"contact": Contact, "localisation": Localisation}


def _texts(row: Content, before: Content, language: str, said: Collection[str]) -> dict[str, Text]:
    """The listing's own text is one thing, even when its language is another one now."""
    own = before.texts.get(before.language, Text())
    texts = {language: _written(own, row.texts.get(row.language), said)}
    for other in (one for one in (*before.texts, *row.texts) if one != language):
        second = Text() if other == before.language else before.texts.get(other, Text())
        # What the row says in a language that was only guessed is its own text, and no second one.
        guessed = other == row.language
        texts[other] = second if guessed else _written(second, row.texts.get(other), said, f"_{other}")
    return {name: text for name, text in texts.items() if text != Text()}


def _written(before: Text, row: Text | None, said: Collection[str], suffix: str = "") -> Text:
    """A title that was made of the text stands only where there is none."""
    now = row or Text()
    spoken = [name for name in TEXTS if f"{name}{suffix}" in said or not getattr(before, name)]
    return replace(before, **{name: getattr(now, name) for name in spoken})


def _part(row: _Part, before: _Part, said: Collection[str], prefix: str = "") -> _Part:
    names = [one.name for one in fields(row) if f"{prefix}{one.name}" in said]
    return replace(before, **{name: getattr(row, name) for name in names})


def _levels(row: Content, before: Content, said: Collection[str]) -> dict[str, int | None]:
    """Only a demand has two of them: elsewhere who says one end says both."""
    spoken = [name for name, names in _LEVELS.items() if not names.isdisjoint(said)]
    if spoken and before.kind != "demand":
        spoken = [*_LEVELS]
    return {name: getattr(row, name) for name in spoken}


def _price(row: Price | None, before: Price | None, said: Collection[str]) -> Price | None:
    """An end that was not spoken of stays beside the other only where both are in one currency."""
    unsaid = [end for end, names in _ENDS.items() if names.isdisjoint(said)]
    if before is None or (len(unsaid) == len(_ENDS) and "price_kind" not in said):
        return before or row
    price = row or Price(currency=before.currency)
    if price.currency == before.currency or not _is_amount(price):
        kept = {end: getattr(before, end) for end in unsaid}
        price = replace(price, currency=before.currency, **kept)
    if "price_kind" not in said and _is_amount(price) and _is_amount(before):
        price = replace(price, kind=before.kind)
    return None if row is None and not _is_amount(price) else price


def _is_amount(price: Price) -> bool:
    return price.minimum is not None or price.maximum is not None
