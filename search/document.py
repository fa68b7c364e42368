"""What is indexed of one published listing. The public slice only: nothing sealed, and no name of a hidden organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Document:
    """The search copy of a listing.

    Texts hold the listing's own language first, then its translations, one after another on lines of their own.
    `version` is this node's feed sequence of the record, or of what was last said beside it: an engine never lets an
    older version replace a newer one.
    Code lists carry codes only (`fields` with every ancestor, so that a filter on a branch finds its leaves).
    `price_min` and `price_max` are whole VND, None where the listing says nothing or uses another currency.
    """

    uid: str
    version: int
    kind: str
    title: str
    summary: str = ""
    description: str = ""
    advantages: str = ""
    requirements: str = ""
    layer: str = ""
    """Words that the national exchange has added beside the listing. They find it, and are never shown as its own."""
    languages: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    ipc: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    trl_min: int | None = None
    trl_max: int | None = None
    transfer_forms: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    """Right statuses and kinds as `kind:status` and `kind`, e.g. `patent:granted`, `patent`."""
    province: str = ""
    more_provinces: tuple[str, ...] = ()
    """Of other exchanges' listings of the same technology, for which this one is found; so is the next."""
    price_min: int | None = None
    price_max: int | None = None
    origin: str = ""
    more_origins: tuple[str, ...] = ()
    organisation: str = ""
    """Public name of the organisation; empty when it is hidden."""
    owner: str = ""
    """Organisation id, for leaving one's own listings out; empty when the organisation is hidden."""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    expires_at: datetime | None = None
    hash: str = ""
    """Content hash of the published record, `sha-256:` and 64 hexadecimal digits; by it an index is compared."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A record that must not be found any more, with the feed sequence that says so."""

    uid: str
    version: int


@dataclass(frozen=True, slots=True)
class Changes:
    """A stretch of the feed, applied and made visible in one commit. `position` is the last sequence it covers.

    `since` is the sequence it begins after: an index that has not come so far would be left with a gap.
    """

    position: int
    put: tuple[Document, ...] = ()
    remove: tuple[Removal, ...] = ()
    since: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that an index cannot hold as it is, now or later, and why."""

    uid: str
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What an index holds of one listing: the feed sequence it was filled from, and the mark of its content."""

    uid: str
    version: int
    fingerprint: int


def fingerprint(content_hash: str) -> int:
    """The first 60 bits of a content hash, which fit into a number field; 0 where there is none."""
    return int(content_hash.rpartition(":")[2][:15] or "0", 16)
