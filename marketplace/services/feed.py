"""The feed: the only code that writes the `published` table.

Whatever changes a published record writes its row here, in the same transaction. A row gets its place in the order
after the commit, from `number`, which runs under a lock: transactions commit out of order, and a cursor over a
serial would lose the late ones. A record that changes again moves to the head, so the feed holds each record once
and never expires.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update

from exchange.canonical import hashed
from marketplace.db import Written, insert_rows, new_id, rows_of
from marketplace.models.feed import IS_LIVE, Cursor, FeedState, Published
from marketplace.work import Work

LISTED = frozenset({"offer", "demand", "initiative"})
"""Kinds of records that are listings; other kinds are neither searched nor shown."""
MATCHED = frozenset({"offer", "demand"})
"""Kinds of listings that are compared with each other."""
SCHEMA_VERSION = "1.1"
"""Since 1.1 codes of catalogues go with the edition they are of."""
SCHEMA_VERSIONS = ("1.0", SCHEMA_VERSION)
"""Those whose shape is told; a higher minor version is read too, and what it has more is passed over."""
RECENT = 1_000
"""Changes that are looked through for the newest listings; most of them are such listings."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is to be published of one record. `op` is upsert with its body, or delete with its reason.

    Its hash is computed when it is made, so that it can be made before anybody waits for the writer's lock. Raises
    `NotCanonical`.
    """

    uid: str
    kind: str
    op: str
    body: Any
    audience: str = "public"
    """`public`, or the one exchange it is for. What it is once it stays."""
    hash: str = field(init=False)
    written: Written = field(init=False)
    """The body as it was written to be hashed."""

    def __post_init__(self) -> None:
        digest, written = hashed(uid=self.uid, kind=self.kind, schema=self.schema, op=self.op, body=self.body)
        object.__setattr__(self, "hash", digest)
        object.__setattr__(self, "written", Written(written))

    @property
    def schema(self) -> str:
        return f"{self.kind}/{SCHEMA_VERSION}"


@dataclass(frozen=True, slots=True)
class Received:
    """What is shown here of another exchange's record: its home has given it `rev` and `hash`, which stay its own."""

    uid: str
    schema: str
    rev: int
    op: str
    hash: str
    body: Any
    audience: str = "public"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the feed, as readers see it."""

    uid: str
    kind: str
    origin: str
    rev: int
    op: str
    body: Any
    sequence: int
    published_at: datetime
    hash: str = ""

    @property
    def live(self) -> bool:
        return self.op == "upsert"


@dataclass(frozen=True, slots=True)
class State:
    epoch: str
    head: int


TABLE = rows_of(Published)
"""The table itself: an update of many rows by their own keys goes past the ORM."""

_OF = TABLE.c
"""Columns of the table instead of the model: what is read past the ORM costs a third, and readers read all day."""
_COLUMNS = (
    _OF.id, _OF.kind, _OF.origin, _OF.rev, _OF.op, _OF.body, _OF.pub_seq, _OF.published_at, _OF.hash,
)  # fmt: skip


def publish(work: Work, *, uid: str, kind: str, body: Mapping[str, Any]) -> bool:
    """Make `body` the published state of the record. False when it already was: nothing is written then."""
    return write(work, [Record(uid, kind, "upsert", body)]) == 1


def retire(work: Work, *, uid: str, reason: str) -> bool:
    """Take the record out of the public: `reason` is withdrawn, paused, expired, sold, legal, unshared or moved."""
    kind = uid.split(":")[1]
    return write(work, [Record(uid, kind, "delete", reason)]) == 1


def write(work: Work, records: Sequence[Record]) -> int:
    """Publish or retire many records; the number really changed."""
    known = _known(work, [record.uid for record in records])
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for record in records:
        rev, before = known.get(record.uid, (0, ""))
        if record.hash == before or (rev == 0 and record.op == "delete"):
            continue
        (changed if rev else fresh).append(_values(work, record, rev + 1))
    _store(work, fresh, changed)
    return len(fresh) + len(changed)


def add(work: Work, records: Sequence[Record]) -> None:
    """Publish records that nobody has heard of yet."""
    _store(work, [_values(work, record, 1) for record in records], [])


def receive(work: Work, records: Sequence[Received]) -> None:
    """Show others' records as they now stand at home. Only for what `services.sync` has verified and kept."""
    known = _known(work, [record.uid for record in records])
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for record in records:
        (changed if record.uid in known else fresh).append(_values(work, record, record.rev))
    _store(work, fresh, changed)


def touch(work: Work, uids: Sequence[str]) -> None:
    """Move these records to the head as they are, so that every reader sees them again."""
    work.session.execute(update(Published).where(Published.id.in_(uids)).values(pub_seq=None))
    work.after(work.runtime.bell.ring)


def lift(work: Work, uid: str, rev: int) -> None:
    """Publish a record again as it is, under this revision."""
    work.session.execute(update(Published).where(Published.id == uid).values(rev=rev, pub_seq=None))
    work.after(work.runtime.bell.ring)


def _values(work: Work, record: Record | Received, rev: int) -> dict[str, Any]:
    origin, kind, _ = record.uid.split(":")
    return {
        "id": record.uid,
        "kind": kind,
        "origin": origin,
        "schema": record.schema,
        "audience": record.audience,
        "op": record.op,
        "hash": record.hash,
        "rev": rev,
        "body": record.written if isinstance(record, Record) else record.body,
        "published_at": work.now,
        "pub_seq": None,
    }


def _store(work: Work, fresh: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    insert_rows(work.session.connection(), TABLE, fresh)
    if changed:
        statement = update(TABLE).where(Published.id == bindparam("row_id")).values(pub_seq=None)
        names = ("schema", "op", "hash", "rev", "body", "published_at")
        rows = [{"row_id": row["id"], **{name: row[name] for name in names}} for row in changed]
        work.session.connection().execute(statement.values({name: bindparam(name) for name in names}), rows)
    if fresh or changed:
        work.after(work.runtime.bell.ring)


def _known(work: Work, uids: Sequence[str]) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for start in range(0, len(uids), 500):
        statement = select(_OF.id, _OF.rev, _OF.hash).where(_OF.id.in_(uids[start : start + 500]))
        found.update({uid: (rev, digest) for uid, rev, digest in work.session.execute(statement)})
    return found


_STATE = select(rows_of(FeedState).c.epoch, rows_of(FeedState).c.head)
_POSITION = select(rows_of(Cursor).c.position).where(rows_of(Cursor).c.reader == bindparam("name"))
"""Built once: every reader asks both with each turn."""


# -- reading ----------------------------------------------------------------------------------------------------------


def state(work: Work) -> State:
    """The feed's epoch and head. The first to ask of a new database begins the first epoch."""
    found = work.session.execute(_STATE).one_or_none()
    return State(*found) if found else State("", 0)


def begin_first_epoch(work: Work) -> None:
    if work.session.get(FeedState, 1) is None:
        work.session.add(FeedState(id=1, epoch=new_id().lower(), head=0))
        work.session.flush()


def begin_new_epoch(work: Work) -> str:
    """After a restored database: what was filled from the lost future is not to be trusted any more."""
    epoch = new_id().lower()
    work.session.execute(update(FeedState).values(epoch=epoch))
    work.session.execute(update(Cursor).values(epoch=epoch))
    return epoch


def after(work: Work, position: int, limit: int, *, until: int | None = None) -> list[Row]:
    """The next rows after `position` in the order of the feed."""
    if until is not None and until <= position:
        return []
    statement = select(*_COLUMNS).where(_OF.pub_seq > position).order_by(_OF.pub_seq).limit(limit)
    if until is not None:
        statement = statement.where(_OF.pub_seq <= until)
    return [Row(*found) for found in work.session.execute(statement)]


def counted(work: Work, *kinds: str) -> tuple[int, ...]:
    """How many records of each kind are public, ours and those of other exchanges."""
    each = [func.count().filter(Published.kind == kind) for kind in kinds]
    return tuple(work.session.execute(select(*each).where(IS_LIVE)).one())


def rows(work: Work, uids: Iterable[str]) -> dict[str, Row]:
    """The current state of these records, tombstones included; rows not yet numbered have sequence None."""
    statement = select(*_COLUMNS).where(_OF.id.in_(list(uids)))
    return {found[0]: Row(*found) for found in work.session.execute(statement)}


def public(work: Work, uids: Iterable[str]) -> dict[str, tuple[int, datetime]]:
    """Those of these records that are public now -> their revision, and when it was published."""
    columns = select(_OF.id, _OF.rev, _OF.published_at)
    found = work.session.execute(columns.where(_OF.id.in_(list(uids)), _OF.op == "upsert"))
    return {uid: (rev, published_at) for uid, rev, published_at in found}


def newest(work: Work, kinds: Sequence[str], limit: int) -> list[Row]:
    """The live records that changed last, the latest first. Looks at the head of the feed only, not through all of it."""
    numbered = select(_OF.pub_seq).where(_OF.pub_seq.is_not(None))
    # Counted in rows, not in places: what changes every minute leaves thousands of places empty.
    before = work.session.scalar(numbered.order_by(_OF.pub_seq.desc()).offset(RECENT).limit(1)) or 0
    live = (_OF.op == "upsert", _OF.kind.in_(kinds), _OF.pub_seq > before)
    statement = select(*_COLUMNS).where(*live).order_by(_OF.pub_seq.desc()).limit(limit)
    return [Row(*found) for found in work.session.execute(statement)]


def row(work: Work, uid: str) -> Row | None:
    return rows(work, [uid]).get(uid)


def position(work: Work, reader: str) -> int:
    return work.session.scalar(_POSITION, {"name": reader}) or 0


def move(work: Work, reader: str, *, start: int, end: int) -> bool:
    """Move a cursor from `start` to `end`. False when somebody else moved it first: leave everything to them."""
    if start == end:
        return True
    statement = (
        update(Cursor)
        .where(Cursor.reader == reader, Cursor.position == start)
        .values(position=end, moved_at=work.now)
    )
    if work.session.execute(statement).rowcount == 1:  # type: ignore[attr-defined]
        return True
    if start or work.session.get(Cursor, reader) is not None:
        return False
    work.session.add(Cursor(reader=reader, epoch=state(work).epoch, position=end, moved_at=work.now))
    work.session.flush()
    return True


def place(work: Work, reader: str, position: int) -> None:
    """Put a cursor somewhere, wherever it stood: to read again, or for a note."""
    at = {"epoch": state(work).epoch, "position": position, "moved_at": work.now}
    work.session.merge(Cursor(reader=reader, **at))
    work.session.flush()
    work.after(work.runtime.bell.ring)
