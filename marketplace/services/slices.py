"""Who sees what of a listing: every field has a class, and each reader gets the classes that are for him.

The published record is an allow-list made from this table: a field nobody has classed is in no slice, and a
test fails until it is classed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeVar

from marketplace.models.accounts import Organisation
from vocabulary.listing import Contact, Content, Sealed, Text, as_record

Reader = Literal["public", "member", "nda", "owner"]
_Shape = TypeVar("_Shape", Content, Text, Sealed, "Party")

READERS: tuple[Reader, ...] = ("public", "member", "nda", "owner")
"""From least to most: each sees what those before see, and more."""

CLASSES: Mapping[str, Mapping[str, Reader]] = {
    "content": {
        "kind": "public", "language": "public", "texts": "public", "requirements": "public",
        "trl_min": "public", "trl_max": "public", "fields": "public", "ipc": "public",
        "industries": "public", "strategic": "public", "rights": "public", "transfer_forms": "public",
        "price": "public", "province": "public",
        "territory": "public", "standards": "public", "localisation": "public", "needed_by": "public",
        "anonymous": "public", "open_for_interest": "public", "contact": "member", "broker": "public",
    },
    "text": {
        "title": "public", "summary": "public", "description": "public", "problem": "public",
        "comparison": "public", "effect": "public", "advantages": "public", "partner": "public",
        "evidence": "public",
    },
    "sealed": {"text": "nda", "reserve_price": "owner"},
    "organisation": {
        "id": "public", "name": "public", "name_en": "public", "kind": "public", "province": "public",
        "code": "member", "website": "member", "name_key": "owner", "is_exchange": "owner",
        "created_at": "owner",
    },
    "listing": {
        "uid": "public", "kind": "public", "mark": "public", "mark_ground": "public",
        "published_at": "public", "expires_at": "public", "confirmed_at": "member",
        "organisation_id": "owner", "id": "owner", "created_by": "owner", "status": "owner",
        "earlier": "owner", "version": "owner", "working_id": "owner", "live_id": "owner",
        "source_id": "owner", "source_hash": "owner", "created_at": "owner", "updated_at": "owner",
        "warned_at": "owner",
    },
}  # fmt: skip
"""Shape -> field -> the first reader who sees it."""

ANONYMOUS: Mapping[str, frozenset[str]] = {
    "content": frozenset({"contact", "broker"}),
    "organisation": frozenset(CLASSES["organisation"]),
}
"""What a listing with a hidden organisation shows only from `nda` on."""


@dataclass(frozen=True, slots=True)
class Party:
    """The organisation behind a listing, as far as it may be shown at all."""

    id: str
    name: str
    name_en: str = ""
    kind: str = ""
    province: str = ""
    code: str = ""
    website: str = ""


SHAPES: Mapping[str, type[Any]] = {"content": Content, "text": Text, "sealed": Sealed, "organisation": Party}
"""The shapes a slice is made of."""


@dataclass(frozen=True, slots=True)
class View:
    """One listing as one reader sees it. What is not for him is empty or None."""

    content: Content
    sealed: Sealed
    party: Party | None


def view(content: Content, sealed: Sealed, party: Party, reader: Reader) -> View:
    """The slice of `reader`."""
    hidden = content.anonymous and READERS.index(reader) < READERS.index("nda")
    words = _words(content, _unseen("text", reader, hidden))
    return View(
        content=_cleared(words, _unseen("content", reader, hidden)),
        sealed=_cleared(sealed, _unseen("sealed", reader, hidden)),
        party=None if hidden else _cleared(party, _unseen("organisation", reader, hidden)),
    )


def public_body(
    content: Content, party: Party, *, published_at: datetime, updated_at: datetime, expires_at: datetime,
    mark: str = "", ground: str = "", licences: Sequence[Mapping[str, str]] = (),
    record: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The published record: text and whole numbers only, as `exchange.canonical` asks.

    `record` is that of the content, where it is made already.
    """
    seen = view(content, Sealed(), party, "public")
    whole = record is not None and seen.content is content
    body: dict[str, Any] = {
        "content": record if whole else as_record(seen.content),
        "published_at": _moment(published_at),
        "updated_at": _moment(updated_at),
        "expires_at": _moment(expires_at),
        "mark": mark,
        "ground": ground,
    }
    if licences:
        # Only where there are any: the others keep the hash they have.
        body["licences"] = [dict(one) for one in licences]
    if seen.party is not None:
        body["organisation"] = _named(seen.party)
    return body


def party(organisation: Organisation) -> Party:
    return Party(**{item.name: getattr(organisation, item.name) for item in fields(Party)})


def may_see(shape: str, name: str, reader: Reader) -> bool:
    """Whether the class of a field is for `reader`; a field without a class is for nobody."""
    needed = CLASSES[shape].get(name)
    return needed is not None and READERS.index(reader) >= READERS.index(needed)


PUBLIC_NAMES = tuple(item.name for item in fields(Party) if may_see("organisation", item.name, "public"))


def _named(party: Party) -> dict[str, str]:
    return {name: getattr(party, name) for name in PUBLIC_NAMES}


@cache
def _unseen(shape: str, reader: Reader, hidden: bool) -> frozenset[str]:
    """The fields of a shape that are not for this reader; one without a class is not for anybody."""
    own = {item.name for item in fields(SHAPES[shape])}
    kept_back = ANONYMOUS.get(shape, frozenset()) if hidden else frozenset()
    return frozenset(name for name in own if name in kept_back or not may_see(shape, name, reader))


_EMPTY: Mapping[str, Any] = {
    "contact": Contact(),
    "broker": "",
    "text": "",
    "reserve_price": None,
    "code": "",
    "website": "",
}
"""What stands in place of a field that a reader may not see."""


def _cleared(shape: _Shape, unseen: frozenset[str]) -> _Shape:
    hidden = {name: _EMPTY[name] for name in unseen if getattr(shape, name) != _EMPTY[name]}
    return replace(shape, **hidden) if hidden else shape


def _words(content: Content, unseen: frozenset[str]) -> Content:
    """The texts without what is not for this reader; today all words of a listing are public."""
    if not unseen:
        return content
    return content.revised(
        texts={language: _cleared(text, unseen) for language, text in content.texts.items()}
    )


def _moment(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
