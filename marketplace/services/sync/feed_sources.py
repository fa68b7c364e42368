"""A pass through a source that serves a feed of changes and sends nothing: its records are ours to keep as they come.

They have ids and revisions of their own and go by the rules of those that are pushed: none waits for the end of a list,
and what the feed says to be gone goes at once. Only what is missing from all of it is judged as in other lists, when it
has been read to its end (`settling`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import delete, select

from exchange.changes import Page
from exchange.envelope import Result
from exchange.items import UID, Item, Unreadable
from exchange.passes import Progress
from exchange.problems import Refused
from exchange.sessions import Cursor
from marketplace.models.exchanges import Replica
from marketplace.models.sources import Harvested, Source
from marketplace.services import feed
from marketplace.services.feed import Received
from marketplace.services.sync import erasing, harvest, issues, receive
from marketplace.services.sync.harvest import GONE, LISTED
from marketplace.services.sync.issues import Fault
from marketplace.work import Work

DIFFERENT = frozenset({"rev_behind", "rev_fork"})
"""What is told of a record that is not what is kept here, until it is."""
KEPT = frozenset({"applied", "held", "opaque", "unchanged"})
"""What becomes of a record that stands here afterwards as its home says."""


def snapshot(source: Source) -> str:
    """The address of all of the feed at once, beside that of its changes; empty when only changes are asked for now."""
    progress = Progress.read(source.progress)
    if source.format != harvest.FEED or progress.token or progress.since or progress.paged:
        return ""
    return f"{source.url.removesuffix('changes')}snapshot?kinds={','.join(harvest.KINDS)}"


def take(work: Work, node_id: str, step: int, page: Page) -> None:
    """Keep a page and the cursor after it, in one transaction. Raises `Refused` when the feed cannot be gone on with."""
    source = harvest.held(work, node_id, step)
    if page.node != node_id:
        raise Refused("malformed", f"/node: this is the feed of {page.node}")
    progress = Progress.read(source.progress).read_on(page)
    source.progress = _keep(work, source, progress, page.items).as_record()
    if progress.done:
        harvest.end(work, source, Progress.read(source.progress))


def take_some(
    work: Work, node_id: str, step: int, items: Sequence[Item | Unreadable], reached: Cursor | None
) -> int:
    """Some records of a snapshot, and with the last of them where the changes go on; the step to go on with."""
    source = harvest.held(work, node_id, step)
    progress = Progress.read(source.progress).took(len(items), str(reached or ""))
    source.progress = _keep(work, source, progress, items).as_record()
    return source.step


def without_snapshot(work: Work, node_id: str, step: int) -> None:
    """There is none that can be had: this pass goes by pages, from the first."""
    source = harvest.held(work, node_id, step)
    source.progress = replace(Progress.read(source.progress), paged=True).as_record()
    source.step += 1


def begin_again(work: Work, node_id: str, step: int, detail: str) -> bool:
    """The feed does not know our cursor, for it has begun a new epoch or ends before it: all of it is read, at once where
    only changes were asked for; whether it is."""
    source = harvest.held(work, node_id, step)
    if not Progress.read(source.progress).incremental:
        harvest.fail(work, node_id, step, "refused", detail, anew=True)
        return False
    harvest.read_whole(work, source)
    return True


def archive(work: Work, source: Source, rows: Sequence[Harvested]) -> None:
    """These records are not in the feed any more. Their copies are forgotten, for a tombstone would need a revision that
    only their home can give: what comes back comes as it is."""
    uids = [row.uid for row in rows]
    mine = Replica.uid.in_(uids)
    copies = work.session.scalars(select(Replica).where(mine).order_by(Replica.uid).with_for_update()).all()
    shown = feed.rows(work, uids)
    feed.receive(work, [_gone(one) for one in copies if one.uid in shown and shown[one.uid].live])
    issues.close(work, uids, origin=source.node_id)
    work.session.execute(delete(Replica).where(mine), execution_options={"synchronize_session": "fetch"})
    for row in rows:
        row.state, row.misses, row.missing_since = GONE, 0, None
        harvest.count(source, "gone")


def _gone(one: Replica) -> Received:
    return Received(one.uid, one.schema, one.rev, "delete", one.hash, "withdrawn", one.audience)


def _keep(work: Work, source: Source, progress: Progress, items: Sequence[Item | Unreadable]) -> Progress:
    """Take the records in. Of one that nobody can name it is not known whether it is one of those that are missing."""
    asked = [one for one in items if isinstance(one, Unreadable) or one.kind in harvest.KINDS]
    rows = _rows(work, source, [one.uid for one in asked])
    results = receive.take_items(work, source.node_id, asked, batch_id=f"harvest-{source.pass_no}")
    erased = set()
    for item, result in zip(asked, results, strict=True):
        if result.status in KEPT and isinstance(item, Item):
            _note(work, source, rows, item, result.status)
            erased |= {item.uid} if item.op == "erase" and result.status == "applied" else set()
        elif item.uid in rows and rows[item.uid].state == LISTED:
            _seen(source, rows[item.uid])
    work.session.flush()
    erasing.purge(work, source.node_id, erased)
    _tell(work, source, asked, results)
    source.step += 1
    named = all(UID.fullmatch(one.uid) for one in asked)
    return progress if named else progress.failed()


def _tell(work: Work, source: Source, items: Sequence[Item | Unreadable], results: Sequence[Result]) -> None:
    """A revision below the one that is kept is passed over; but where it says something else its source may have been
    restored, and which of the two is right only people know."""
    by_status: dict[str, dict[str, Item]] = {"stale": {}, "unchanged": {}}
    for item, result in zip(items, results, strict=True):
        if result.status in by_status and isinstance(item, Item):
            by_status[result.status][item.uid] = item
    stale, equal = by_status["stale"], by_status["unchanged"]
    issues.close(work, list(equal), origin=source.node_id, codes=DIFFERENT)
    kept = work.session.execute(select(Replica.uid, Replica.rev, Replica.hash).where(Replica.uid.in_(stale)))
    for uid, rev, digest in kept.all():
        said = stale[uid]
        if said.hash != digest:
            fault = Fault(
                "rev_behind", "/rev", f"revision {said.rev} says something else than {rev}, which is kept"
            )
            issues.open_for(work, uid, said.rev, [fault], origin=source.node_id)


def _note(work: Work, source: Source, rows: dict[str, Harvested], item: Item, status: str) -> None:
    row = rows.get(item.uid)
    listed = row is not None and row.state == LISTED
    if row is None and item.live:
        row = rows[item.uid] = Harvested(
            uid=item.uid, node_id=source.node_id, identifier=item.uid, state=LISTED, seen_pass=0, body={}
        )
        work.session.add(row)
    if row is None:
        return
    row.state = LISTED if item.live else GONE
    _seen(source, row)
    if listed != item.live:
        harvest.count(source, "new" if item.live else "gone")
    elif listed and status != "unchanged":
        harvest.count(source, "changed")


def _seen(source: Source, row: Harvested) -> None:
    row.seen_pass, row.misses, row.missing_since = source.pass_no, 0, None


def _rows(work: Work, source: Source, uids: Sequence[str]) -> dict[str, Harvested]:
    mine = select(Harvested).where(Harvested.node_id == source.node_id, Harvested.uid.in_(set(uids)))
    return {row.uid: row for row in work.session.scalars(mine)}
