"""A published listing as the macros of `templates/_listing_macros.html` show it: labels ready in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import g, url_for

from marketplace.services.catalogue import Finding, Public
from marketplace.web.labels import label
from marketplace.web.request import runtime
from search.query import Passage
from vocabulary.listing import Price
from vocabulary.text import cut

SUMMARY_SHOWN = 280
"""Characters of the description shown where a listing has no summary."""


FACTS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Card:
    uid: str
    url: str
    kind: str
    title: str
    language: str
    summary: str
    organisation: str
    province: str
    exchange: str
    updated_at: datetime | None
    trl_min: int | None
    trl_max: int | None
    rights: tuple[str, ...]
    transfer_forms: tuple[str, ...]
    price: Price | None
    needed_by: str
    status: str = ""
    foreign: bool = False
    """Its home is another exchange."""
    also: tuple[str, ...] = ()
    """Names of the other exchanges that list the same technology."""
    passages: Mapping[str, Passage] = field(default_factory=dict)


def card(listing: Public, passages: Mapping[str, Passage] | None = None, also: Sequence[str] = ()) -> Card:
    """The card of a listing in the language of this request, or in its own where it is not translated."""
    content = listing.content
    language, text = content.text_in(g.language)
    return Card(
        uid=listing.uid,
        url=url_for("catalogue.listing", uid=listing.uid),
        kind=listing.kind,
        title=text.title,
        language=language,
        summary=text.summary or cut(text.description, SUMMARY_SHOWN),
        organisation=organisation_name(listing),
        province=label("province", content.province),
        exchange=label("origin", listing.origin),
        updated_at=listing.updated_at,
        trl_min=content.trl_min,
        trl_max=content.trl_max,
        rights=_first(list(dict.fromkeys(label("right", right.kind) for right in content.rights))),
        transfer_forms=_first([label("transfer_form", form) for form in content.transfer_forms]),
        price=content.price,
        needed_by=content.needed_by if listing.kind == "demand" else "",
        foreign=listing.origin != runtime().settings.node_id,
        also=tuple(label("origin", node) for node in also),
        passages=_in_one_language(passages or {}, text.title),
    )


def _first(labels: list[str]) -> tuple[str, ...]:
    """A row of facts has room for two; the page of the listing has them all."""
    return (
        (*labels[:FACTS_SHOWN], f"+{len(labels) - FACTS_SHOWN}")
        if len(labels) > FACTS_SHOWN
        else tuple(labels)
    )


def _in_one_language(passages: Mapping[str, Passage], title: str) -> Mapping[str, Passage]:
    """The index holds a title in all its languages, one below the other; the card shows one of them."""
    whole = passages.get("title")
    if whole is None or whole.text == title:
        return passages
    start = whole.text.find(title)
    end = start + len(title)
    marks = tuple(
        (left - start, right - start) for left, right in whole.marks if start <= left and right <= end
    )
    return {**passages, "title": Passage(title, marks if start >= 0 else ())}


def found(finding: Finding) -> Card:
    return card(finding.listing, finding.passages, finding.also)


def organisation_name(listing: Public) -> str:
    """In English the English name, where the organisation has one."""
    named = listing.organisation
    return str((g.language == "en" and named.get("name_en")) or named.get("name", ""))
