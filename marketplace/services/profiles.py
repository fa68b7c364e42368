"""What the scorer knows of published listings: built from what is published, kept beside it, and read from there.

A match compares one listing with a hundred others, and to build one costs ten times as much as to read it. What is kept
belongs to one state of one published row, one snapshot of word statistics and one set of rules; under any other it is not
found, and built anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, delete, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from marketplace.models.feed import Published
from marketplace.models.listings import Listing
from marketplace.models.matches import CompiledListing
from marketplace.services import feed
from marketplace.services.feed import Row
from marketplace.work import Work
from matching.building import profile
from matching.compiled import compiled, version
from matching.opened import opened
from matching.prepared import Ready
from matching.profile import Profile
from matching.statistics import Statistics
from vocabulary.listing import from_record

Directions = Mapping[tuple[str, int], bytes]
"""(uid, revision) -> what a sentence model makes of it."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What `matching.compiled` makes of one state of a published listing."""

    uid: str
    sequence: int
    version: str
    body: bytes


def ready(
    work: Work, uids: Iterable[str], snapshot: Statistics, directions: Directions
) -> tuple[list[Ready], tuple[Compiled, ...]]:
    """Those of these listings that are published offers and demands, to be compared; and what had to be compiled for it."""
    found, fresh = _kept(work, list(uids), version(snapshot)), list[Compiled]()
    unknown = [uid for uid, (_, body) in found.items() if body is None]
    for row in feed.rows(work, unknown).values() if unknown else ():
        if row.live:
            body = _compiled(_Subject.of(row), snapshot)
            found[row.uid] = row.rev, body
            # What has no number yet may change without anybody seeing it.
            if row.sequence is not None:
                fresh.append(Compiled(row.uid, row.sequence, version(snapshot), body))
    owners = _owners(work, list(found))
    listings = [
        _opened(body, snapshot, uid, rev, owners.get(uid, ""), directions.get((uid, rev), b""))
        for uid, (rev, body) in found.items()
        if body is not None
    ]
    return listings, tuple(fresh)


def _kept(work: Work, uids: Sequence[str], under: str) -> dict[str, tuple[int, bytes | None]]:
    """uid -> revision and what is kept of it, of those that are published now."""
    same = and_(
        CompiledListing.uid == Published.id,
        CompiledListing.sequence == Published.pub_seq,
        CompiledListing.version == under,
    )
    statement = select(Published.id, Published.rev, CompiledListing.body).outerjoin(CompiledListing, same)
    live = (Published.id.in_(uids), Published.op == "upsert", Published.kind.in_(feed.MATCHED))
    return {uid: (rev, body) for uid, rev, body in work.session.execute(statement.where(*live))}


def keep(work: Work, fresh: Iterable[Compiled]) -> None:
    """Store what was compiled in place of what was kept before, of those that are still published as they were."""
    made = {one.uid: one for one in fresh}
    if not made:
        return
    now = select(Published.id, Published.pub_seq).where(Published.id.in_(list(made)))
    rows = [
        asdict(made[uid]) for uid, sequence in work.session.execute(now) if made[uid].sequence == sequence
    ]
    if rows:
        insert = postgresql.insert if work.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        statement = insert(CompiledListing)
        taken = {name: statement.excluded[name] for name in ("sequence", "version", "body")}
        work.session.execute(statement.on_conflict_do_update(index_elements=["uid"], set_=taken), rows)


def forget(work: Work, uid: str) -> None:
    """The listing is no longer public: nothing made of its texts stays."""
    work.session.execute(delete(CompiledListing).where(CompiledListing.uid == uid))


def sweep(work: Work, snapshot: Statistics) -> None:
    """Remove what is not read any more: of an older snapshot or other rules, and what came too late for `forget`."""
    public = exists().where(Published.id == CompiledListing.uid, Published.op == "upsert")
    old = CompiledListing.version != version(snapshot)
    work.session.execute(
        delete(CompiledListing).where(or_(old, ~public)).execution_options(synchronize_session=False)
    )


# -- built ------------------------------------------------------------------------------------------------------------


def built(work: Work, rows: Sequence[Row]) -> list[Profile]:
    """What the scorer may know of these published listings, with every word of theirs."""
    owners = _owners(work, [row.uid for row in rows])
    return [_profile(_Subject.of(row, owners.get(row.uid, ""))) for row in rows]


def _owners(work: Work, uids: Sequence[str]) -> dict[str, str]:
    """Also of anonymous listings, whose public body does not tell: nobody is to be matched with himself."""
    statement = select(Listing.uid, Listing.organisation_id).where(Listing.uid.in_(uids))
    return dict(work.session.execute(statement).all())


@dataclass(frozen=True, slots=True, eq=False)
class _Subject:
    """A published revision; equal to itself in the same state, so that its profile is built once."""

    uid: str
    rev: int
    sequence: int
    owner: str
    body: Mapping[str, Any]

    @classmethod
    def of(cls, row: Row, owner: str = "") -> _Subject:
        return cls(row.uid, row.rev, row.sequence, owner, row.body)

    @property
    def _key(self) -> tuple[str, int, int, str]:
        return self.uid, self.rev, self.sequence, self.owner

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Subject) and self._key == other._key


def _made(of: _Subject) -> Profile:
    body = of.body
    return profile(
        from_record(body["content"]), uid=of.uid, rev=of.rev, owner=of.owner, prohibition=body.get("mark", ""),
        ground=body.get("ground", ""), grants=tuple(body.get("licences", ())),
    )  # fmt: skip


_profile = lru_cache(maxsize=200)(_made)
"""Of the states that pages have shown last, some thirty kilobytes each."""


@lru_cache(maxsize=500)
def _opened(body: bytes, snapshot: Statistics, uid: str, rev: int, owner: str, embedding: bytes) -> Ready:
    """Known by all it is made of, so that no change is missed. Of those seen last, sixteen kilobytes each, and fifty once
    their words and sentences were read."""
    return opened(body, snapshot, uid=uid, rev=rev, owner=owner, embedding=embedding)


@lru_cache(maxsize=1_000)
def _compiled(of: _Subject, snapshot: Statistics) -> bytes:
    """Of the states seen last, ten kilobytes each with the row: several demands of one batch meet the same offers before
    anything is stored."""
    return compiled(_made(of), snapshot)
