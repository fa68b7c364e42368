"""The proof that the index holds what the database publishes: by digests first, and by name where these differ.

The same rule as between two exchanges (`exchange.reconcile`): a line is a record's id, the feed sequence in place of its
revision, and the mark of its content. People go on posting meanwhile, so only what the index says it has passed is
held against it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from exchange import reconcile
from exchange.reconcile import Line, Summary, differing, summarise
from marketplace.models.feed import ReaderFailure
from marketplace.services import feed, indexing, standing
from marketplace.services.standing import Listed
from marketplace.work import Work, look
from search.document import Changes, Entry, Removal, fingerprint
from search.engine import Engine

LEVEL = 1
"""Of `reconcile.WIDTHS`: 256 buckets, by the first byte of SHA-256 of the id."""


AT_ONCE = 500
"""Records named in one statement; databases take some thousands."""


class Kind(StrEnum):
    MISSING = "missing"
    """Published, and not in the index."""
    STALE = "stale"
    """In the index with another version or content than was published last."""
    AHEAD = "ahead"
    """In the index with a version that the feed has not given yet. It would win over whatever is sent, so only another
    index mends it."""
    GHOST = "ghost"
    """In the index, and not published."""
    HELD = "held"
    """Published, and not so in the index because it refused it; `reader_failures` says why."""


@dataclass(frozen=True, slots=True)
class Difference:
    kind: Kind
    uid: str
    published: int | None
    """Feed sequence of what is published."""
    indexed: int | None
    """Feed sequence of what is in the index."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared up to `position`, and every difference."""

    position: int
    database: Summary
    index: Summary
    differences: tuple[Difference, ...] = ()

    @property
    def mendable(self) -> tuple[Difference, ...]:
        return tuple(one for one in self.differences if one.kind not in (Kind.HELD, Kind.AHEAD))


def compare(work: Work) -> Comparison:
    """Compare everything. Raises `SearchError`. Takes memory only for what differs, and some for the ids on Tantivy."""
    engine = work.runtime.engine
    position = engine.position
    mine = summarise(map(_published, standing.listed(work, feed.LISTED)), level=LEVEL)
    theirs = summarise(map(_indexed, engine.entries()), level=LEVEL)
    buckets = differing(mine, theirs)
    found = _differences(work, engine, buckets) if buckets else ()
    with look(work.runtime) as later:  # Another picture of the database, taken after that of the index.
        settled = tuple(_settled(later, found, position))
    return Comparison(position, _root(mine), _root(theirs), settled)


def mend(work: Work, comparison: Comparison) -> int:
    """Have every difference mended that can be; how many. What is missing or stale goes through the feed once more."""
    ghosts = tuple(
        Removal(one.uid, one.indexed or 0) for one in comparison.differences if one.kind is Kind.GHOST
    )
    if ghosts:
        # At the version that is indexed: of the same version the removal wins, and whatever comes later does, too.
        work.runtime.engine.apply(Changes(0, remove=ghosts))
    again = [one.uid for one in comparison.differences if one.kind in (Kind.MISSING, Kind.STALE)]
    for start in range(0, len(again), AT_ONCE):
        feed.touch(work, again[start : start + AT_ONCE])
    return len(ghosts) + len(again)


def _published(row: Listed) -> Line:
    return Line(row.uid, row.sequence, f"{fingerprint(row.hash):015x}")


def _indexed(entry: Entry) -> Line:
    return Line(entry.uid, entry.version, f"{entry.fingerprint:015x}")


def _root(summaries: dict[str, Summary]) -> Summary:
    """One for all: the number of records, and the digest of the buckets' digests."""
    lines = [Line(place, one.count, one.digest) for place, one in sorted(summaries.items())]
    return Summary(sum(one.count for one in summaries.values()), reconcile.root(lines).digest)


def _differences(work: Work, engine: Engine, buckets: Collection[str]) -> tuple[reconcile.Difference, ...]:
    width = reconcile.WIDTHS[LEVEL]

    def of(lines: Iterable[Line]) -> Iterator[Line]:
        return (line for line in lines if line.place[:width] in buckets)

    published = map(_published, standing.listed(work, feed.LISTED))
    return reconcile.differences(of(published), of(map(_indexed, engine.entries())))


def _settled(work: Work, found: Iterable[reconcile.Difference], position: int) -> Iterator[Difference]:
    """Without what changed while we looked, or waits for its turn."""
    by_uid = {one.uid: one for one in found}
    rows = feed.rows(work, by_uid)
    beside = indexing.beside(work, list(rows.values()))
    held = _held(work)
    for uid, one in by_uid.items():
        row = rows.get(uid)
        place = beside.place(row) if row is not None else 0
        if place is None or place > position:
            continue
        indexed = one.theirs.rev if one.theirs else None
        live = row is not None and row.live
        kind = Kind.GHOST if not live else Kind.MISSING if indexed is None else Kind.STALE
        if kind is Kind.GHOST and indexed is None:
            continue
        if kind is Kind.STALE and indexed is not None and indexed > position:
            kind = Kind.AHEAD
        elif kind is not Kind.GHOST and uid in held:
            kind = Kind.HELD
        yield Difference(kind, uid, place if live else None, indexed, held.get(uid, ""))


def _held(work: Work) -> dict[str, str]:
    statement = select(ReaderFailure.uid, ReaderFailure.error).where(ReaderFailure.reader == "indexing")
    return {uid: error.strip().splitlines()[-1] for uid, error in work.session.execute(statement)}
