"""A whole file into the exchange: good rows in, bad rows into the report, and the same file twice changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlalchemy import or_, select

from marketplace.db import new_id
from marketplace.errors import NotFound
from marketplace.files.reading import FileRow, opened
from marketplace.files.rows import ListingRow, listing_row
from marketplace.models.accounts import Organisation
from marketplace.runtime import Runtime
from marketplace.services import names, notices
from marketplace.services.bulk import Item, post_many
from marketplace.services.policy import Actor
from marketplace.work import Work, begin
from vocabulary.listing import Kind
from vocabulary.problems import Problem

ROWS_AT_ONCE = 400
"""Rows in one transaction: enough to be quick, few enough that nobody waits for the lock."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One line of the report: which row, which column, what is wrong. A warning did not keep the row out."""

    row: int
    source_id: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done with a file."""

    organisation_id: str
    kind: Kind | None = None
    publish: bool = False
    dry_run: bool = False


@dataclass
class Tally:
    """How an import stands: rows by outcome (created, revised, unchanged, refused) and the bytes read."""

    counts: Counter[str] = field(default_factory=Counter)
    position: int = 0
    size: int = 0

    @property
    def rows(self) -> int:
        return self.counts.total()


class _Undone(Exception):
    """Ends the transaction of a dry run."""


def find_owner(work: Work, name: str) -> Organisation:
    """The organisation of this id, registration code or name (however it is typed). Raises `NotFound`."""
    wanted = or_(Organisation.id == name, Organisation.code == name, Organisation.name_key == names.key(name))
    found = list(work.session.scalars(select(Organisation).where(wanted).limit(2)))
    if not found:
        raise NotFound("owner_unknown", name=name)
    if len(found) > 1:
        raise NotFound("owner_ambiguous", name=name)
    return found[0]


def create_owner(work: Work, name: str) -> Organisation:
    """The organisation, made if it is not there yet."""
    try:
        return find_owner(work, name)
    except NotFound as missing:
        if missing.code != "owner_unknown":
            raise
    owner = Organisation(id=new_id(), name=names.tidy(name), name_key=names.key(name), created_at=work.now)
    work.session.add(owner)
    work.session.flush()
    return owner


def import_file(
    runtime: Runtime, actor: Actor, path: Path, wish: Wish, *,
    complain: Callable[[Complaint], None], report: Callable[[Tally], None],
) -> Tally:  # fmt: skip
    """Take a file in, some hundreds of rows a transaction; what was committed stays, wherever it is stopped.

    Raises `UnreadableFile` for what is wrong with the file as a whole; rows committed before stay.
    """
    tally, seen = Tally(), dict[str, int]()
    with opened(path) as file:
        tally.size = file.size
        while rows := list(islice(file.rows, ROWS_AT_ONCE)):
            items = list(_items(rows, wish, seen, tally, complain))
            _post(runtime, actor, wish, items, tally, complain)
            tally.position = file.position()
            report(tally)
    if not wish.dry_run:
        _tell(runtime, wish, path, tally)
    return tally


def _items(
    rows: list[FileRow], wish: Wish, seen: dict[str, int], tally: Tally, complain: Callable[[Complaint], None]
) -> Iterator[tuple[int, Item]]:
    for row in rows:
        read = _read(row, wish.kind)
        problems = [*read.problems, *_double(row.number, read.source_id, seen)]
        for problem in problems:
            complain(Complaint(row.number, read.source_id, problem))
        if read.content is None or any(not problem.warning for problem in problems):
            tally.counts["refused"] += 1
        else:
            yield row.number, Item(read.source_id, read.source_hash, read.content)


def _read(row: FileRow, kind: Kind | None) -> ListingRow:
    if row.problem is not None or row.values is None:
        source_id = str((row.values or {}).get("id", ""))
        return ListingRow(source_id, "", None, (row.problem,) if row.problem else ())
    return listing_row(row.values, kind=kind)


def _double(number: int, source_id: str, seen: dict[str, int]) -> Iterator[Problem]:
    """An id that stands twice in one file: the first row counts. Only a short digest of each id is kept."""
    before = seen.setdefault(source_id, number)
    if source_id and before != number:
        yield Problem("id", "row.double", {"value": source_id, "row": str(before)})


def _post(
    runtime: Runtime, actor: Actor, wish: Wish, items: list[tuple[int, Item]], tally: Tally,
    complain: Callable[[Complaint], None],
) -> None:  # fmt: skip
    try:
        with begin(runtime) as work:
            outcomes = post_many(work, actor, wish.organisation_id, [item for _, item in items], publish=wish.publish)
            if wish.dry_run:
                raise _Undone
    except _Undone:
        pass
    for (number, item), outcome in zip(items, outcomes, strict=True):
        tally.counts[outcome.result] += 1
        for problem in outcome.problems:
            complain(Complaint(number, item.source_id, problem))


def _tell(runtime: Runtime, wish: Wish, path: Path, tally: Tally) -> None:
    """One notice for the whole file, and none when nothing changed."""
    changed = tally.counts["created"] + tally.counts["revised"]
    if changed:
        with begin(runtime) as work:
            notices.tell_organisation(
                work, wish.organisation_id, key=f"import:{work.now:%Y%m%dT%H%M%S}:{path.name}", what="import_done",
                params={"file": path.name, "n": changed, "refused": tally.counts["refused"]},
            )  # fmt: skip
