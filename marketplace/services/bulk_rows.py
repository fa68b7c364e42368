"""The rows of a listing that an imported file brings, gathered first so that few statements insert them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exchange.canonical import first_value
from marketplace.db import Written, new_id
from marketplace.schemas.saying import said_over
from marketplace.services import slices
from marketplace.services.feed import Record
from marketplace.services.lifecycle import LIFE
from marketplace.services.listings import uid_of
from marketplace.services.policy import Actor
from marketplace.services.slices import Party
from marketplace.work import Work
from vocabulary.listing import Content, as_record

_NEW_LISTING = {
    "status": "draft", "earlier": "", "version": 1, "live_id": None, "mark": "", "mark_ground": "",
    "published_at": None, "expires_at": None, "confirmed_at": None, "warned_at": None,
}  # fmt: skip
_NEW_REVISION = {
    "number": 1, "state": "draft", "sealed": None, "sealed_key": "", "submitted_at": None, "decided_at": None,
    "decided_by": None, "reason": "",
}  # fmt: skip
"""Every row names every column, so that one statement inserts them all."""
_NOTHING = Written("{}")


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a file, read. `source_hash` stands for all it says: equal hash, nothing to do.

    `said` are the names it speaks of (`schemas.saying`): the rest of a listing that is here stays. None: all of it.
    """

    source_id: str
    source_hash: str
    content: Content
    said: frozenset[str] | None = None

    def over(self, before: Content) -> Content:
        """What a listing that said `before` says now."""
        if self.said is None:
            return self.content.revised(kind=before.kind)
        return said_over(self.content, before, self.said)


@dataclass(frozen=True, slots=True)
class NewRows:
    """All that is written for one new listing."""

    listing: dict[str, Any]
    revision: dict[str, Any]
    events: tuple[dict[str, Any], ...]
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """Who posts for whom, and whether it is public at once. `work` may be one that only reads."""

    work: Work
    actor: Actor
    party: Party
    publish: bool

    def rows(self, item: Item) -> NewRows:
        """What a new listing is made of."""
        own = new_id()
        said = as_record(item.content)
        listing, revision = self._listing(item, own), self._revision(item, own, said)
        listing["working_id"] = revision["id"]
        posted = self._event(own, "post", public=False)
        if not self.publish:
            return NewRows(listing, revision, (posted,))
        now = self.work.now
        dates = {"published_at": now, "expires_at": now + LIFE, "confirmed_at": now}
        listing |= {"status": "published", "live_id": revision["id"], **dates}
        revision |= {"state": "approved", "decided_at": now, "decided_by": self.actor.user_id or None}
        published = self._event(own, "publish", public=True)
        record = self._record(item, listing["uid"], said)
        if record.body["content"] is said:
            revision["content"] = Written(first_value(record.written.text, record.body))
        return NewRows(listing, revision, (posted, published), record)

    def _listing(self, item: Item, own: str) -> dict[str, Any]:
        return _NEW_LISTING | {
            "id": own,
            "uid": uid_of(self.work, item.content.kind, own),
            "kind": item.content.kind,
            "organisation_id": self.party.id,
            "created_by": self.actor.user_id or None,
            "source_id": item.source_id,
            "source_hash": item.source_hash,
            "created_at": self.work.now,
            "updated_at": self.work.now,
        }

    def _revision(self, item: Item, own: str, said: dict[str, Any]) -> dict[str, Any]:
        return _NEW_REVISION | {
            "id": new_id(),
            "listing_id": own,
            "content": said,
            "title": item.content.title,
            "author_id": self.actor.user_id or None,
            "created_at": self.work.now,
            "updated_at": self.work.now,
        }

    def _event(self, own: str, what: str, *, public: bool) -> dict[str, Any]:
        by = self.actor.user_id or None
        event = {"id": new_id(), "listing_id": own, "at": self.work.now, "what": what, "actor_id": by}
        return event | {"params": _NOTHING, "public": public}

    def _record(self, item: Item, uid: str, said: dict[str, Any]) -> Record:
        now = self.work.now
        body = slices.public_body(
            item.content, self.party, published_at=now, updated_at=now, expires_at=now + LIFE, record=said
        )
        return Record(uid, item.content.kind, "upsert", body)
