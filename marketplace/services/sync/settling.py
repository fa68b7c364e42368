"""The end of a pass through a source: what is new is admitted, what is missing is counted, what is over is archived.

Only when the pass is believed. What is new and shares a hard key with a record that is missing may be that record under
another id: neither is touched until somebody has said which it is, so that no listing is doubled or lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, func, literal, or_, select, update

from exchange.oai_identity import Identity
from exchange.oai_identity import question as identify
from exchange.passes import GRACE, PASSES, Progress, next_start
from marketplace.models.sources import Harvested, HarvestKey, Source
from marketplace.services.sync import feed_sources, harvest
from marketplace.services.sync.harvest import FEED, LISTED, OAI, WAITING
from marketplace.work import Work

AT_ONCE = 200
"""Records of one transaction."""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What is to be done next for a source: a page to be asked for, or nothing more, or simply `more` of this.

    `identifies`: what stands at `url` is no page of the list but what the source says of itself. `format` is how the
    page is read. At `snapshot`, where it is not empty, all of a feed may be had instead of its first page.
    """

    step: int
    url: str = ""
    more: bool = False
    identifies: bool = False
    format: str = OAI
    snapshot: str = ""


def advance(work: Work, node_id: str) -> Upcoming:
    """Do a part of what can be done here; a list under way needs a page first, which the caller has to fetch."""
    source = harvest.held(work, node_id)
    if source.stage == "identifying" and not source.deciding:
        return Upcoming(source.step, url=identify(source.url), identifies=True)
    if source.stage == "listing" and not source.deciding:
        beside = feed_sources.snapshot(source)
        return Upcoming(source.step, url=harvest.asked(source), format=source.format, snapshot=beside)
    if source.deciding:
        _decide(work, source)
    elif source.stage == "settling":
        _settle(work, source)
    else:
        return Upcoming(source.step)
    source.step += 1
    return Upcoming(source.step, more=True)


def waiting(work: Work, node_id: str, *, alike: bool) -> int:
    """Records that wait for a person: those that may be another one, or all the others."""
    mine = Harvested.node_id == node_id, Harvested.state == WAITING
    kind = Harvested.same_as != "" if alike else Harvested.same_as == ""
    return work.session.scalar(select(func.count()).where(*mine, kind)) or 0


# -- after the list -----------------------------------------------------------------------------------------------------


def _settle(work: Work, source: Source) -> None:
    """One part: fresh records first, then those that are missing, at last the result."""
    believed = source.alarm != "suspicious_zero"
    fresh = _some(work, source, Harvested.state == WAITING, Harvested.judged_pass < source.pass_no)
    if fresh:
        _judge(work, source, fresh, believed=believed)
        return
    progress = Progress.read(source.progress)
    if believed and progress.whole and not progress.incremental:
        _miss(work, source)
    # What its source says to be deleted needs no second pass; both need one that is believed.
    over = _some(work, source, _is_over(work, source)) if believed else []
    if over:
        (feed_sources if source.format == FEED else harvest).archive(work, source, over)
        return
    alike = waiting(work, source.node_id, alike=True)
    if alike and progress.incremental:
        harvest.read_whole(work, source)  # Only a whole list shows whether those they may be are missing.
        return
    if alike:
        source.alarm = "ids_changed"
    _finish(work, source, progress)


def _finish(work: Work, source: Source, progress: Progress) -> None:
    """The pass is over. The next is incremental only after one in which nothing was wrong and nothing is missing."""
    source.stage, source.passed_at = "", work.now
    source.last = {**source.counts, "whole": progress.whole, "incremental": progress.incremental}
    if not progress.incremental:
        source.whole_at, source.since = work.now, ""
    work.session.flush()
    sound = not source.alarm and (progress.incremental or not harvest.lost(work, source))
    if source.format == FEED:
        # What was read stays read; but the next pass is whole where this one has not shown that nothing is missing.
        source.since = progress.token if sound and (progress.whole or progress.incremental) else ""
    elif progress.whole and sound and source.begun_at is not None:
        identity = Identity(source.granularity, source.deletions)
        source.since = next_start(progress, identity, begun_at=source.begun_at)


def _judge(work: Work, source: Source, rows: Sequence[Harvested], *, believed: bool) -> None:
    """Whether a new record may be one that is missing; if not, it is published, should the pass be believed."""
    unseen = [row for row in rows if row.seen_pass < source.pass_no]
    _forget(work, unseen)
    seen = [row for row in rows if row.seen_pass == source.pass_no]
    alike = _missing_alike(work, source, seen)
    taken = set(
        work.session.scalars(
            select(Harvested.same_as).where(
                Harvested.node_id == source.node_id, Harvested.judged_pass == source.pass_no
            )
        )
    )
    for row in seen:
        row.judged_pass = source.pass_no
        row.same_as = next((uid for uid in alike[row.uid] if uid not in taken), "")
        taken.add(row.same_as)
    if believed:
        _admit(work, source, [row for row in seen if not row.same_as])


def _missing_alike(work: Work, source: Source, rows: Sequence[Harvested]) -> dict[str, list[str]]:
    """New record -> listed records that are missing and share a hard key with it.

    Step by step, each by an index: what a planner makes of one statement for all of it reads the whole list.
    """
    keys = _keys(work, rows)
    owners: dict[str, list[str]] = {}
    with_key = HarvestKey.key.in_({key for own in keys.values() for key in own})
    for key, uid in work.session.execute(select(HarvestKey.key, HarvestKey.uid).where(with_key)):
        owners.setdefault(key, []).append(uid)
    named = {uid for found in owners.values() for uid in found}
    missing = set(
        work.session.scalars(
            select(Harvested.uid).where(
                Harvested.uid.in_(named),
                Harvested.node_id == source.node_id,
                Harvested.state == LISTED,
                Harvested.seen_pass < source.pass_no,
            )
        )
    )
    return {
        row.uid: sorted({uid for key in keys.get(row.uid, ()) for uid in owners[key]} & missing)
        for row in rows
    }


def _miss(work: Work, source: Source) -> None:
    """Count this pass for each record it did not name; once, however often it is asked."""
    missing = (
        Harvested.node_id == source.node_id,
        Harvested.state == LISTED,
        Harvested.seen_pass < source.pass_no,
        Harvested.missed_pass < source.pass_no,
    )
    work.session.execute(
        update(Harvested)
        .where(*missing)
        .values(
            misses=Harvested.misses + 1,
            missed_pass=source.pass_no,
            missing_since=func.coalesce(
                Harvested.missing_since, literal(work.now, Harvested.missing_since.type)
            ),
        ),
        execution_options={"synchronize_session": False},
    )


def _is_over(work: Work, source: Source) -> ColumnElement[bool]:
    """Missing in enough passes and for long enough, or said to be deleted; one that may have another id now stays."""
    claimed = select(Harvested.same_as).where(
        Harvested.node_id == source.node_id, Harvested.state == WAITING, Harvested.same_as != ""
    )
    missing = and_(
        Harvested.misses >= PASSES,
        Harvested.missing_since <= work.now - GRACE,
        Harvested.missed_pass == source.pass_no,
    )
    return and_(Harvested.state == LISTED, Harvested.uid.not_in(claimed), or_(Harvested.deleted, missing))


# -- what somebody has decided --------------------------------------------------------------------------------------------


def _decide(work: Work, source: Source) -> None:
    """Do a part of it; the decision ends with the last record that waits."""
    wanted = Harvested.same_as != "" if source.deciding == "relink" else Harvested.state == WAITING
    rows = _some(work, source, Harvested.state == WAITING, wanted)
    if not rows:
        source.deciding, source.alarm = "", ""
        # What this leaves is seen at the end of another pass.
        harvest.begin_pass(work, source.node_id)
    elif source.deciding == "relink":
        _relink(work, source, rows)
    else:
        _admit(work, source, rows)


def _relink(work: Work, source: Source, rows: Sequence[Harvested]) -> None:
    """The records have new ids at their source and stay what they are here."""
    wanted = Harvested.uid.in_([row.same_as for row in rows])
    old = {one.uid: one for one in work.session.scalars(select(Harvested).where(wanted))}
    moved, keys = [], _keys(work, rows)
    for row in rows:
        one = old.get(row.same_as)
        if one is None or one.state != LISTED or one.seen_pass == source.pass_no:
            row.same_as = ""  # It has been seen under its old id since: these are two.
        else:
            moved.append((one, row.uid, row.identifier, row.seen_pass, row.body))
    _forget(work, [row for row in rows if row.same_as])
    for one, _, identifier, seen, _ in moved:
        one.identifier, one.seen_pass = identifier, seen
        one.deleted, one.misses, one.missing_since = False, 0, None
    work.session.flush()
    harvest.keep_keys(work, {one.uid: keys.get(uid, ()) for one, uid, *_ in moved})
    harvest.put(work, source, {one.uid: body for one, *_, body in moved})


def _keys(work: Work, rows: Sequence[Harvested]) -> dict[str, list[str]]:
    uids = [row.uid for row in rows]
    found: dict[str, list[str]] = {}
    statement = select(HarvestKey.uid, HarvestKey.key).where(HarvestKey.uid.in_(uids))
    for uid, key in work.session.execute(statement):
        found.setdefault(uid, []).append(key)
    return found


def _admit(work: Work, source: Source, rows: Iterable[Harvested]) -> None:
    bodies = {row.uid: row.body for row in rows}
    for row in rows:
        row.state, row.same_as, row.body = LISTED, "", {}
    harvest.put(work, source, bodies)


def _forget(work: Work, rows: Sequence[Harvested]) -> None:
    uids = [row.uid for row in rows]
    work.session.execute(delete(HarvestKey).where(HarvestKey.uid.in_(uids)))
    for row in rows:
        work.session.delete(row)
    work.session.flush()


def _some(work: Work, source: Source, *which: ColumnElement[bool]) -> Sequence[Harvested]:
    statement = select(Harvested).where(Harvested.node_id == source.node_id, *which)
    return work.session.scalars(statement.order_by(Harvested.uid).limit(AT_ONCE)).all()
