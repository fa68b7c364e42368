"""Many listings in one transaction: what an imported file says, some hundreds of rows at a time.

A row of the file is known by its owner and its own id. The same row again writes nothing; a row that says
something else becomes a revision. Every item ends in exactly one outcome, and one bad item stops nothing.

`post_many` does it all. An import of many thousands of rows takes its two halves: `prepare` does the computing in a
transaction that only reads, so that nobody waits for the writer's lock meanwhile, and `store` writes what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select

from marketplace.db import insert_rows, rows_of
from marketplace.errors import Conflict
from marketplace.models.accounts import Organisation
from marketplace.models.listings import Listing, Revision, TimelineEvent
from marketplace.services import feed, revisions, slices, steps
from marketplace.services import sealed as sealing
from marketplace.services.bulk_rows import Item, NewRows, Posting
from marketplace.services.lifecycle import Standing, after
from marketplace.services.locks import alone
from marketplace.services.policy import Actor, permit
from marketplace.services.revisions import New
from marketplace.work import Work
from vocabulary.checks import problems
from vocabulary.problems import Problem

__all__ = ["Item", "Outcome", "Prepared", "post_many", "prepare", "settled", "store"]

Result = Literal["created", "revised", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one item ended. `problems` say why it was refused, and hold warnings of one that was not."""

    source_id: str
    result: Result
    uid: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """An item and all that is written should it be new; no `rows` when something is wrong with it."""

    item: Item
    problems: tuple[Problem, ...]
    rows: NewRows | None


def post_many(
    work: Work, actor: Actor, organisation_id: str, items: Sequence[Item], *, publish: bool = False
) -> list[Outcome]:
    """Post or revise all `items` for the organisation; their outcomes in the same order.

    With `publish` they are public at once, without review: only operators and the command line may ask for
    that, and their timelines say so. Without it they are drafts. Some hundreds of items should share a transaction.
    """
    prepared = prepare(work, actor, organisation_id, items, publish=publish)
    return store(work, actor, organisation_id, prepared, publish=publish)


def prepare(
    work: Work, actor: Actor, organisation_id: str, items: Iterable[Item], *, publish: bool
) -> list[Prepared]:
    """Check the items and make their rows. `work` may be one that only reads."""
    permit(actor, "listing.import", organisation_id)
    if publish:
        permit(actor, "operations.act")
    party = slices.party(work.session.get_one(Organisation, organisation_id))
    posting = Posting(work, actor, party, publish)
    return [_prepared(posting, item) for item in items]


def _prepared(posting: Posting, item: Item) -> Prepared:
    found = tuple(problems(item.content, publishing=posting.publish))
    right = all(problem.warning for problem in found)
    return Prepared(item, found, posting.rows(item) if right else None)


def settled(work: Work, organisation_id: str, items: Sequence[Item], *, publish: bool) -> dict[str, str]:
    """Of those items that are here already and say nothing new: their own id -> uid."""
    columns = (Listing.source_id, Listing.source_hash, Listing.uid, Listing.status, Listing.version)
    known = {
        str(row.source_id): row
        for row in work.session.execute(_ours(select(*columns), organisation_id, items))
    }
    return {
        item.source_id: row.uid
        for item in items
        if (row := known.get(item.source_id)) and row.source_hash == item.source_hash
        if not (publish and _is_untouched_draft(row.status, row.version))
    }


def store(
    work: Work, actor: Actor, organisation_id: str, prepared: Sequence[Prepared], *, publish: bool
) -> list[Outcome]:
    """Write what was prepared, in a transaction of its own or in that of the preparation."""
    # The same new row may come twice at once, in two imports of one file: the second has to see what the first wrote.
    alone(work, f"import {organisation_id}")
    items = [one.item for one in prepared]
    known = work.session.scalars(_ours(select(Listing), organisation_id, items).with_for_update())
    storing = _Storing(work, actor, publish, {str(listing.source_id): listing for listing in known})
    outcomes = [storing.take(one) for one in prepared]
    storing.write()
    return outcomes


def _ours(statement: Any, organisation_id: str, items: Sequence[Item]) -> Any:
    ids = [item.source_id for item in items]
    return statement.where(Listing.organisation_id == organisation_id, Listing.source_id.in_(ids))


def _is_untouched_draft(status: str, version: int) -> bool:
    """What an import left as a draft and nobody has worked on since: an import that publishes makes it public."""
    return status == "draft" and version == 1


@dataclass
class _Storing:
    """The rows of one transaction."""

    work: Work
    actor: Actor
    publish: bool
    known: dict[str, Listing]

    def __post_init__(self) -> None:
        self._new: list[NewRows] = []
        self._revised: list[New] = []
        self._published: list[Listing] = []
        self._taken: set[str] = set()
        working = [listing.working_id for listing in self.known.values()]
        found = self.work.session.scalars(select(Revision).where(Revision.id.in_(working)))
        # Held here, for the session forgets what nobody holds, and would read each of them again and again.
        self._working: dict[str | None, Revision] = {revision.id: revision for revision in found}

    def take(self, one: Prepared) -> Outcome:
        own = one.item.source_id
        if own in self._taken:
            return Outcome(own, "refused", problems=(Problem("id", "id.repeated", {"value": own}),))
        self._taken.add(own)
        listing = self.known.get(own)
        if listing is not None and listing.source_hash != one.item.source_hash:
            return self._revise(one, listing)
        if one.rows is None:
            return Outcome(own, "refused", problems=one.problems)
        if listing is None:
            self._new.append(one.rows)
            return Outcome(own, "created", one.rows.listing["uid"], one.problems)
        if self.publish and _is_untouched_draft(listing.status, listing.version):
            self._published.append(listing)
            return Outcome(own, "revised", listing.uid, one.problems)
        return Outcome(own, "unchanged", listing.uid, one.problems)

    def write(self) -> None:
        """Few statements for all of them: what was taken in stands in memory until here."""
        added = revisions.add_all(self.work, self.actor, self._revised)
        self._working.update({revision.id: revision for revision in added})
        for listing, _, _ in self._revised:
            steps.settle(self.work, self.actor, listing, "revise")
        if self.publish:
            self._published.extend(listing for listing, _, _ in self._revised)
            for listing in self._published:
                steps.advance(self.work, self.actor, listing, "publish")
        steps.show(self.work, self._published)
        self._insert()

    def _insert(self) -> None:
        """The rows are plain already: what the session adds for objects would be half of their cost."""
        connection = self.work.session.connection()
        for table, rows in (
            (Listing, [new.listing for new in self._new]),
            (Revision, [new.revision for new in self._new]),
            (TimelineEvent, [event for new in self._new for event in new.events]),
        ):
            insert_rows(connection, rows_of(table), rows)
        records = [new.record for new in self._new if new.record is not None]
        feed.add(self.work, records)

    def _revise(self, one: Prepared, listing: Listing) -> Outcome:
        """A row that says something else than last time. What it lacks to be a listing may be here already."""
        own, before = one.item.source_id, self._working[listing.working_id]
        try:
            then = after("revise", Standing(listing.status, before.state))
            after("publish" if self.publish else "revise", then)
        except Conflict as refusal:
            stuck = Problem("id", "listing.not_open", {"status": str(refusal.params["standing"])})
            return Outcome(own, "refused", listing.uid, (*one.problems, stuck))
        begun = self._begun(before)
        # What somebody is still writing does not become public by a file that says nothing of it.
        unsent = begun and self.publish and listing.live_id
        base = self.work.session.get_one(Revision, listing.live_id) if unsent else before
        content = one.item.over(steps.content(base))
        found = tuple(problems(content, publishing=self.publish))
        if not all(problem.warning for problem in found):
            return Outcome(own, "refused", listing.uid, found)
        if before.state == "draft":
            before.state = "dropped"
        self._revised.append(New(listing, content, sealing.read(self.work, base)))
        listing.source_hash = one.item.source_hash
        laid_by = (Problem("id", "draft.laid_by", warning=True),) if begun else ()
        return Outcome(own, "revised", listing.uid, (*found, *laid_by))

    def _begun(self, working: Revision) -> bool:
        """Whether it is somebody's work that was not sent in, or came back."""
        return working.state != "approved" and working.author_id not in (None, self.actor.user_id)
