"""A whole file into the exchange: good rows in, bad rows into the report, and the same file twice changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from marketplace.files.file_row import FileRow, UnreadableFile
from marketplace.files.reading import opened
from marketplace.files.rows import ListingRow, listing_row, unknown_names
from marketplace.files.seen import SeenIds
from marketplace.models.accounts import Organisation
from marketplace.runtime import Runtime
from marketplace.services import bulk, notices, owners
from marketplace.services.bulk import Item, Outcome
from marketplace.services.policy import Actor
from marketplace.work import Work, again, begin, look
from vocabulary.listing import Kind
from vocabulary.problems import Problem
from vocabulary.text import clean

ROWS_AT_ONCE = 400
"""Rows in one transaction: enough to be quick, few enough that nobody waits for the lock."""
MOST_UNKNOWN = 100
"""Columns that are unknown are named once each, at most so many of them."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done with a file. `kind` is for rows that do not say theirs."""

    owner: str
    create_owner: bool = False
    kind: Kind | None = None
    publish: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Complaint:
    """One line of the report: which row, what stood there, what is wrong. A warning did not keep the row out."""

    row: int
    source_id: str
    problem: Problem
    value: str


@dataclass
class Tally:
    """How an import stands: rows by outcome (created, revised, unchanged, refused), and the bytes read of all."""

    counts: Counter[str] = field(default_factory=Counter)
    position: int = 0
    size: int = 0
    last_row: int = 0
    broken: Problem | None = None
    """Why the file could not be read, or not to its end."""

    @property
    def rows(self) -> int:
        return self.counts.total()

    @property
    def changed(self) -> int:
        return self.counts["created"] + self.counts["revised"]


Complain = Callable[[Complaint], None]
Report = Callable[[Tally], None]


def import_file(
    runtime: Runtime, actor: Actor, path: Path, wish: Wish, *, complain: Complain, report: Report
) -> Tally:
    """Take a file in, some hundreds of rows a transaction; what was committed stays, wherever it is stopped.

    `complain` gets every problem, `report` the tally after each transaction. Raises `NotFound` for an owner nobody
    knows, and `Forbidden`. Of a file that is damaged the rows before the damage go in; the tally says so.
    """
    tally = Tally()
    with closing(SeenIds()) as seen:
        running = _Import(runtime, actor, wish, complain, tally, seen)
        try:
            with opened(path) as file:
                tally.size = file.size
                for rows in _batches(file.rows):
                    running.take(rows)
                    tally.position = file.position()
                    report(tally)
        except UnreadableFile as damage:
            tally.broken = damage.problem
            complain(Complaint(tally.last_row + 1, "", damage.problem, ""))
    if tally.changed and not wish.dry_run:
        _tell(runtime, wish, path, tally)
    return tally


def _batches(rows: Iterable[FileRow]) -> Iterator[list[FileRow]]:
    """Rows by the transaction, those before a damaged place too."""
    batch: list[FileRow] = []
    damage: UnreadableFile | None = None
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == ROWS_AT_ONCE:
                yield batch
                batch = []
    except UnreadableFile as found:
        damage = found
    if batch:
        yield batch
    if damage is not None:
        raise damage


class _Undone(Exception):
    """Ends the transaction of a dry run."""


@dataclass
class _Import:
    """A file on its way in."""

    runtime: Runtime
    actor: Actor
    wish: Wish
    complain: Complain
    tally: Tally
    seen: SeenIds
    unknown: set[str] = field(default_factory=set)

    def take(self, rows: Sequence[FileRow]) -> None:
        """Read and post these rows; each ends in exactly one outcome."""
        good: list[tuple[FileRow, ListingRow]] = []
        for row in rows:
            self.tally.last_row = row.number
            read = self._read(row)
            if read.content is not None and all(problem.warning for problem in read.problems):
                good.append((row, read))
            else:
                self.tally.counts["refused"] += 1
                self._complain(row, read, read.problems)
        for (row, read), outcome in zip(good, self._post([read for _, read in good]), strict=True):
            self.tally.counts[outcome.result] += 1
            if outcome.result != "unchanged":
                read_as = _told(read, outcome)
                self._complain(row, read, (*read_as, *map(read.at_column, outcome.problems)))

    def _read(self, row: FileRow) -> ListingRow:
        if row.problem is not None or row.values is None:
            source_id = str((row.values or {}).get("id", ""))
            return ListingRow(source_id, "", None, (row.problem,) if row.problem else ())
        read = listing_row(row.values, kind=self.wish.kind)
        self._complain(row, read, self._unknown(row.values))
        double = tuple(self._double(row, read))
        return replace(read, problems=(*read.problems, *double)) if double else read

    def _double(self, row: FileRow, read: ListingRow) -> Iterator[Problem]:
        """An id that stands twice in one file: the first row counts."""
        if read.content is not None and (before := self.seen.before(read.source_id, row.number)):
            yield Problem("id", "row.double", {"value": read.source_id, "row": str(before)})

    def _unknown(self, values: Mapping[str, Any]) -> Iterator[Problem]:
        for name in sorted(unknown_names(values) - self.unknown):
            if len(self.unknown) < MOST_UNKNOWN:
                self.unknown.add(name)
                yield Problem(name, "column.unknown", {"column": name[:80]}, warning=True)

    def _complain(self, row: FileRow, read: ListingRow, problems: Iterable[Problem]) -> None:
        for problem in problems:
            value = problem.params.get("value") or _cell(row, problem.path)
            self.complain(Complaint(row.number, read.source_id, problem, value))

    def _post(self, rows: Sequence[ListingRow]) -> list[Outcome]:
        items = [
            Item(row.source_id, row.source_hash, row.content, row.said)
            for row in rows
            if row.content is not None
        ]
        if not items:
            return []
        return again(partial(self._try_out if self.wish.dry_run else self._write, items))

    def _write(self, items: list[Item]) -> list[Outcome]:
        """What is here already and says nothing new is not even prepared; the lock is taken for the writing only."""
        publish = self.wish.publish
        with look(self.runtime) as work:
            known = bulk.settled(work, self._owner_id, items, publish=publish)
            fresh = [item for item in items if item.source_id not in known]
            prepared = bulk.prepare(work, self.actor, self._owner_id, fresh, publish=publish)
        outcomes = {own: Outcome(own, "unchanged", uid) for own, uid in known.items()}
        if prepared:
            with begin(self.runtime) as work:
                stored = bulk.store(work, self.actor, self._owner_id, prepared, publish=publish)
            outcomes.update((one.source_id, one) for one in stored)
        return [outcomes[item.source_id] for item in items]

    def _try_out(self, items: list[Item]) -> list[Outcome]:
        """Do it all and take it back."""
        try:
            with begin(self.runtime) as work:
                owner = self._find_owner(work, self.wish.owner)
                outcomes = bulk.post_many(work, self.actor, owner.id, items, publish=self.wish.publish)
                raise _Undone
        except _Undone:
            return outcomes

    @cached_property
    def _owner_id(self) -> str:
        with begin(self.runtime) as work:
            return self._find_owner(work, self.wish.owner).id

    @property
    def _find_owner(self) -> Callable[[Work, str], Organisation]:
        return owners.find_or_create if self.wish.create_owner else owners.find


def _told(read: ListingRow, outcome: Outcome) -> list[Problem]:
    """What was changed in reading, but for a title that was not needed: the listing keeps its own."""
    kept = outcome.result == "revised" and "title" not in read.said
    return [problem for problem in read.problems if not (kept and problem.code == "title.made")]


def _cell(row: FileRow, path: str) -> str:
    value = (row.values or {}).get(path.partition(".")[0], "")
    return str(value)[:80]


def _tell(runtime: Runtime, wish: Wish, path: Path, tally: Tally) -> None:
    """One notice for the whole file, and none when nothing changed."""
    # A name on a disk is of any bytes; those that are no UTF-8 come as what no database takes.
    name = clean(path.name)
    with begin(runtime) as work:
        notices.tell_organisation(
            work, owners.find(work, wish.owner).id, key=f"import:{work.now:%Y%m%dT%H%M%S}:{name}",
            what="import_done", params={"file": name, "n": tally.changed, "refused": tally.counts["refused"]},
        )  # fmt: skip
