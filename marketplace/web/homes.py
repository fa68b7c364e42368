"""Where a listing comes from, and every exchange that lists the same technology."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g

from exchange.clusters import Member, view
from marketplace.services import catalogue
from marketplace.services.catalogue import Public
from marketplace.services.clusters import showing
from marketplace.services.sync import neighbours
from marketplace.web.cards import Card, card
from marketplace.web.describing import described, field_label
from marketplace.web.labels import label
from marketplace.web.request import runtime
from marketplace.work import Work

OWN_TO_EACH = frozenset(
    {"title", "description", "summary", "anonymous", "open_for_interest", "contact_email", "broker"}
)
"""What a listing says for itself, and no other for it."""


@dataclass(frozen=True, slots=True)
class Home:
    """The exchange a listing comes from. `url` is its page there; empty where that is not known."""

    url: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One exchange's listing of a technology, and its page at home; empty on the page of our own."""

    card: Card
    url: str


@dataclass(frozen=True, slots=True)
class Said:
    """A field as another exchange has it."""

    label: str
    value: str
    exchange: str


@dataclass(frozen=True, slots=True)
class Technology:
    """`differs` is what another listing says newer or alone."""

    national_id: str
    homes: tuple[Listed, ...] = ()
    differs: tuple[Said, ...] = ()


def home(work: Work, listing: Public) -> Home | None:
    """Where a listing comes from when that is another exchange, and its page there where that is known."""
    if listing.origin == runtime().settings.node_id:
        return None
    if listing.source:
        return Home(str(listing.source["url"]))
    base = neighbours.base_url(work, listing.origin)
    return Home(f"{base}/{g.language}/listings/{listing.uid}" if base else "")


def technology(work: Work, listing: Public) -> Technology:
    """The technology of this listing over all exchanges."""
    found = catalogue.homes(work, listing.uid)
    return Technology(
        showing.national_id(work, listing.uid),
        tuple(Listed(card(one), (at.url if (at := home(work, one)) else "")) for one in found),
        tuple(_differs(listing, found)),
    )


def _differs(listing: Public, found: Sequence[Public]) -> list[Said]:
    """Each field from the listing that `exchange.clusters.view` chooses, where it is not what this one says."""
    said = {one.uid: {field.name: field.value for field in described(one.content)} for one in found}
    mine = said.get(listing.uid, {})
    chosen = view(Member(one.uid, one.rev, said[one.uid]) for one in found)
    return [
        Said(field_label(name), shown.value, label("origin", shown.uid.partition(":")[0]))
        for name, shown in chosen.items()
        if name not in OWN_TO_EACH and shown.uid != listing.uid and shown.value != mine.get(name)
    ]
