"""Many listings in one transaction: what an imported file says, some hundreds of rows at a time.

A row of the file is known by its owner and its own id. The same row again writes nothing; a row that says
something else becomes a revision. Every item ends in exactly one outcome, and one bad item stops nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import insert, select

from marketplace.db import new_id
from marketplace.errors import Conflict
from marketplace.models.accounts import Organisation
from marketplace.models.listings import Listing, Revision, TimelineEvent
from marketplace.services import feed, revisions, slices, steps
from marketplace.services import sealed as sealing
from marketplace.services.lifecycle import LIFE, Standing, after
from marketplace.services.listings import uid_of
from marketplace.services.policy import Actor, permit
from marketplace.services.slices import Party
from marketplace.work import Work
from vocabulary.checks import problems
from vocabulary.listing import Content, as_record
from vocabulary.problems import Problem

Result = Literal["created", "revised", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a file, read. `source_hash` stands for all it says: equal hash, nothing to do."""

    source_id: str
    source_hash: str
    content: Content


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one item ended. `problems` say why it was refused, and hold warnings of one that was not."""

    source_id: str
    result: Result
    uid: str = ""
    problems: tuple[Problem, ...] = ()


def post_many(
    work: Work, actor: Actor, organisation_id: str, items: Sequence[Item], *, publish: bool = False
) -> list[Outcome]:
    """Post or revise all `items` for the organisation; their outcomes in the same order.

    With `publish` they are public at once, without review: only operators and the command line may ask for
    that, and their timelines say so. Without it they are drafts. Some hundreds of items should share a transaction.
    """
    permit(actor, "listing.import", organisation_id)
    if publish:
        permit(actor, "operations.act")
    batch = _Batch(work, actor, slices.party(work.session.get_one(Organisation, organisation_id)), publish)
    known = _known(work, organisation_id, [item.source_id for item in items])
    outcomes = [batch.take(item, known.get(item.source_id)) for item in items]
    batch.store()
    return outcomes


def _known(work: Work, organisation_id: str, source_ids: Sequence[str]) -> dict[str, Listing]:
    ours = select(Listing).where(
        Listing.organisation_id == organisation_id, Listing.source_id.in_(source_ids)
    )
    return {str(listing.source_id): listing for listing in work.session.scalars(ours.with_for_update())}


_NEW_LISTING = {
    "status": "draft", "earlier": "", "version": 1, "live_id": None, "mark": "", "mark_ground": "",
    "published_at": None, "expires_at": None, "confirmed_at": None, "warned_at": None,
}  # fmt: skip
_NEW_REVISION = {
    "number": 1, "state": "draft", "sealed": None, "sealed_key": "", "submitted_at": None, "decided_at": None,
    "decided_by": None, "reason": "",
}  # fmt: skip
"""Every row names every column, so that one statement inserts them all."""


@dataclass
class _Batch:
    """The rows of one transaction, gathered first and then inserted by four statements."""

    work: Work
    actor: Actor
    party: Party
    publish: bool

    def __post_init__(self) -> None:
        self._listings: list[dict[str, Any]] = []
        self._revisions: list[dict[str, Any]] = []
        self._events: list[dict[str, Any]] = []
        self._records: list[feed.Record] = []
        self._taken: set[str] = set()

    def take(self, item: Item, known: Listing | None) -> Outcome:
        found = tuple(problems(item.content, publishing=self.publish))
        if any(not problem.warning for problem in found):
            return Outcome(item.source_id, "refused", problems=found)
        if item.source_id in self._taken:
            return Outcome(
                item.source_id, "refused", problems=(Problem("id", "id.repeated", {"value": item.source_id}),)
            )
        self._taken.add(item.source_id)
        if known is None:
            return Outcome(item.source_id, "created", self._create(item), found)
        if known.source_hash == item.source_hash:
            return Outcome(item.source_id, "unchanged", known.uid, found)
        return self._revise(item, known, found)

    def store(self) -> None:
        for table, rows in (
            (Listing, self._listings),
            (Revision, self._revisions),
            (TimelineEvent, self._events),
        ):
            if rows:
                self.work.session.execute(insert(table), rows)
        feed.write(self.work, self._records)

    def _create(self, item: Item) -> str:
        own, revision_id = new_id(), new_id()
        uid = uid_of(self.work, item.content.kind, own)
        self._listings.append(self._listing(item, own, uid) | {"working_id": revision_id})
        self._revisions.append(self._revision(item, own) | {"id": revision_id})
        self._events.append(self._event(own, "post", public=False))
        if self.publish:
            self._publish(item, uid)
        return uid

    def _publish(self, item: Item, uid: str) -> None:
        """Make public what was just created."""
        now = self.work.now
        listing, revision = self._listings[-1], self._revisions[-1]
        dates = {"published_at": now, "expires_at": now + LIFE, "confirmed_at": now}
        listing |= {"status": "published", "live_id": revision["id"], **dates}
        revision |= {"state": "approved", "decided_at": now, "decided_by": self.actor.user_id or None}
        self._events.append(self._event(listing["id"], "publish", public=True))
        body = slices.public_body(
            item.content, self.party, published_at=now, updated_at=now, expires_at=now + LIFE
        )
        self._records.append(feed.Record(uid, item.content.kind, "upsert", body))

    def _listing(self, item: Item, own: str, uid: str) -> dict[str, Any]:
        return _NEW_LISTING | {
            "id": own,
            "uid": uid,
            "kind": item.content.kind,
            "organisation_id": self.party.id,
            "created_by": self.actor.user_id or None,
            "source_id": item.source_id,
            "source_hash": item.source_hash,
            "created_at": self.work.now,
            "updated_at": self.work.now,
        }

    def _revision(self, item: Item, own: str) -> dict[str, Any]:
        return _NEW_REVISION | {
            "listing_id": own,
            "content": as_record(item.content),
            "title": item.content.title,
            "author_id": self.actor.user_id or None,
            "created_at": self.work.now,
            "updated_at": self.work.now,
        }

    def _event(self, own: str, what: str, *, public: bool) -> dict[str, Any]:
        by = self.actor.user_id or None
        event = {"id": new_id(), "listing_id": own, "at": self.work.now, "what": what, "actor_id": by}
        return event | {"params": {}, "public": public}

    def _revise(self, item: Item, listing: Listing, found: tuple[Problem, ...]) -> Outcome:
        """A row that says something else than last time; few in a file, so one after the other."""
        before = steps.working(self.work, listing)
        try:
            then = after("revise", Standing(listing.status, before.state))
            after("publish" if self.publish else "revise", then)
        except Conflict as refusal:
            stuck = Problem("id", "listing.not_open", {"status": str(refusal.params["standing"])})
            return Outcome(item.source_id, "refused", listing.uid, (*found, stuck))
        if before.state == "draft":
            before.state = "dropped"
        kept = sealing.read(self.work, before)
        revisions.add(self.work, self.actor, listing, item.content.revised(kind=listing.kind), kept)
        steps.settle(self.work, self.actor, listing, "revise")
        listing.source_hash = item.source_hash
        if self.publish:
            steps.take(self.work, self.actor, listing, "publish")
        return Outcome(item.source_id, "revised", listing.uid, found)
