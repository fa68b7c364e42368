"""All that is public, as records that `giao import` reads back and as flat rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marketplace.services import feed
from marketplace.work import Work
from vocabulary.listing import from_record

PAGE = 500

COLUMNS = (
    "id", "kind", "language", "title", "summary", "description", "organisation", "province", "trl_min", "trl_max",
    "fields", "industries", "ipc", "transfer_forms", "price_min", "price_max", "currency", "published_at", "expires_at",
)  # fmt: skip


def public_records(work: Work, kind: str | None = None) -> Iterator[dict[str, Any]]:
    """Every published listing in the order of the feed: its id, kind and public content."""
    position = 0
    while rows := feed.after(work, position, PAGE):
        position = rows[-1].sequence
        for row in rows:
            if row.live and kind in (None, row.kind):
                yield {"id": row.uid, "kind": row.kind, "rev": row.rev, **row.body}


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """One record as cells. Lists stand with semicolons, as the import reads them."""
    content = from_record(record["content"])
    price = content.price
    return {
        "id": record["id"],
        "kind": record["kind"],
        "language": content.language,
        "title": content.text.title,
        "summary": content.text.summary,
        "description": content.text.description,
        "organisation": (record.get("organisation") or {}).get("name", ""),
        "province": content.province,
        "trl_min": content.trl_min,
        "trl_max": content.trl_max,
        "fields": ";".join(content.fields),
        "industries": ";".join(content.industries),
        "ipc": ";".join(content.ipc),
        "transfer_forms": ";".join(content.transfer_forms),
        "price_min": price.minimum if price else None,
        "price_max": price.maximum if price else None,
        "currency": price.currency if price else "",
        "published_at": record.get("published_at", ""),
        "expires_at": record.get("expires_at", ""),
    }
