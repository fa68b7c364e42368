"""All that is public, as records that `giao import` reads back and as flat rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marketplace.schemas import form
from marketplace.schemas.listing import LANGUAGES, TEXTS
from marketplace.services import feed
from marketplace.work import Work
from vocabulary import money
from vocabulary.listing import Content, Price, Requirement, Right, Sealed, from_record
from vocabulary.money import Money

PAGE = 500
BETWEEN = "; "
"""Stands between the values of one cell; inside a value it would be read as the end of it."""

COLUMNS = (
    "id", "kind", "language", *TEXTS, *(f"{name}_{language}" for language in LANGUAGES for name in TEXTS),
    "requirements", "trl_min", "trl_max", "fields", "ipc", "industries", "strategic", "rights", "transfer_forms",
    "price_min", "price_max", "currency", "price_kind", "province", "territory", "standards", "domestic_value",
    "key_components", "mastery", "needed_by", "anonymous", "open_for_interest", "broker", "organisation",
    "published_at", "updated_at", "expires_at",
)  # fmt: skip
"""Columns of a table, those of the form and a few that only tell."""


def public_records(work: Work, kind: str | None = None) -> Iterator[dict[str, Any]]:
    """Every published listing in the order of the feed: its id, kind and public content."""
    position = 0
    while rows := feed.after(work, position, PAGE):
        position = rows[-1].sequence
        for row in rows:
            if row.live and kind in (None, row.kind):
                yield {"id": row.uid, "kind": row.kind, "rev": row.rev, **row.body}


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """One record as the cells of `COLUMNS`."""
    content = from_record(record["content"])
    told = {name: record.get(name, "") for name in ("id", "kind", "published_at", "updated_at", "expires_at")}
    organisation = (record.get("organisation") or {}).get("name", "")
    return told | cells(content) | {"organisation": organisation}


def cells(content: Content) -> dict[str, str]:
    """A listing as the cells of a table, from which `files.rows` reads the same listing."""
    values = form.typed(content, Sealed()) | _price(content.price)
    values["requirements"] = [_requirement(row) for row in content.requirements]
    values["rights"] = [_right(row) for row in content.rights]
    return {
        name: BETWEEN.join(map(_whole, value)) if isinstance(value, list) else str(value)
        for name, value in values.items()
    }


def _price(price: Price | None) -> dict[str, str]:
    if price is None:
        return {}
    ends = {"price_min": price.minimum, "price_max": price.maximum}
    return {
        name: money.plain(Money(amount, price.currency))
        for name, amount in ends.items()
        if amount is not None
    }


def _requirement(row: Requirement) -> str:
    """As one writes it: «Salinity error <= 0.5 ‰ (should)»."""
    weight = "" if row.must else "(should)"
    sign = {"text": ":", "range": "="}.get(row.operator, row.operator) if row.value else ""
    value = row.value.replace("..", " – ") if row.operator == "range" else row.value
    return " ".join(part for part in (row.name, sign, value, row.unit, weight) if part)


def _right(row: Right) -> str:
    return " ".join(part for part in (row.kind, row.status, row.number, row.territory) if part)


def _whole(value: str) -> str:
    """A value without the signs that part values."""
    return value.replace(";", ",").replace("|", "/").replace("\n", " ")
