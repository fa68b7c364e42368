"""The merge log: added to, never changed, and folded into groups, national ids and who stands for whom.

A group is found in the search once, by its oldest public record. Whoever does not stand for himself any more, or again
does, goes through the feed once more as he is, so that the index and the matches follow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import func, insert, or_, select

from exchange import clusters
from exchange.clusters import MergeEvent, Minted, Op
from marketplace.db import new_id, rows_of
from marketplace.models.clusters import MergeLine, NationalId, Print
from marketplace.services import feed
from marketplace.services.clusters import telling
from marketplace.work import Work


def add(
    work: Work, op: Op, a: str, b: str, *, actor: str, evidence: str = "", score: int = 0, note: str = ""
) -> None:
    """Write a line. One that takes back names the line it takes back. Only for who holds the lock of all clusters."""
    before = decided(work, a, b)
    last = work.session.scalar(select(func.max(MergeLine.n))) or 0
    work.session.add(
        MergeLine(
            n=last + 1, op=str(op), a=a, b=b, evidence=evidence, score=score, actor=actor, note=note, at=work.now,
            reverses=before.n if before and op is Op.UNLINK else None,
        )
    )  # fmt: skip
    work.session.flush()


def decided(work: Work, a: str, b: str) -> MergeEvent | None:
    """The line that counts for this pair; None when nothing was decided or all was taken back."""
    found = clusters.live(of_pair(work, a, b))
    return found[0] if found else None


def of_pair(work: Work, a: str, b: str) -> list[MergeEvent]:
    """All that was written of a pair, oldest first."""
    pair = [a, b]
    lines = select(MergeLine).where(MergeLine.a.in_(pair), MergeLine.b.in_(pair)).order_by(MergeLine.n)
    return [_event(line) for line in work.session.scalars(lines)]


def around(work: Work, uids: Collection[str]) -> list[MergeEvent]:
    """All lines about these records, and about those they lead to."""
    known: dict[int, MergeEvent] = {}
    asked: set[str] = set()
    ask = set(uids)
    while ask:
        found = work.session.scalars(select(MergeLine).where(or_(MergeLine.a.in_(ask), MergeLine.b.in_(ask))))
        known.update({line.n: _event(line) for line in found})
        asked |= ask
        ask = {end for event in known.values() for end in event.pair} - asked
    return [known[n] for n in sorted(known)]


def _event(line: MergeLine) -> MergeEvent:
    return MergeEvent(
        line.n, Op(line.op), line.a, line.b, line.evidence, line.score / 1_000, line.actor,
        line.at.isoformat(timespec="seconds"), line.reverses,
    )  # fmt: skip


def mint(work: Work, uids: Iterable[str]) -> None:
    """Give those that are seen for the first time their national id; each stands for itself."""
    asked = list(dict.fromkeys(uids))
    known = set(work.session.scalars(select(NationalId.uid).where(NationalId.uid.in_(asked))))
    fresh = [uid for uid in asked if uid not in known]
    if not fresh:
        return
    last = work.session.scalar(select(func.max(NationalId.first_seen))) or 0
    ids = {uid: clusters.national_id(uid) for uid in fresh}
    rows = [
        {"uid": uid, "national_id": ids[uid], "first_seen": last + place, "known_as": ids[uid], "stands": uid,
         "told": new_id()}
        for place, uid in enumerate(fresh, start=1)
    ]  # fmt: skip
    work.session.execute(insert(rows_of(NationalId)), rows)


def settle(work: Work, changed: Collection[str]) -> None:
    """Fold the log again around these records, which were changed, published, withdrawn, linked or parted."""
    events = around(work, changed)
    if not events:
        return
    uids = {end for event in events for end in event.pair}
    rows = {row.uid: row for row in work.session.scalars(select(NationalId).where(NationalId.uid.in_(uids)))}
    public = set(work.session.scalars(select(Print.uid).where(Print.uid.in_(uids))))
    groups = clusters.clusters(events)
    known = clusters.national_ids(
        groups, {uid: Minted(row.national_id, row.first_seen) for uid, row in rows.items()}
    )
    stands = {uid: uid for uid in rows} | _stands(groups, rows, public)
    moved = [uid for uid, row in rows.items() if row.stands != stands[uid]]
    again = {end for uid in moved for end in (uid, rows[uid].stands, stands[uid])}
    again |= {stands[uid] for uid in changed if uid in rows and stands[uid] != uid}
    for uid, row in rows.items():
        row.known_as, row.stands = known[uid][0], stands[uid]
    work.session.flush()
    feed.touch(work, sorted(again & public))
    telling.groups(work, rows, groups, public)


def _stands(
    groups: Iterable[frozenset[str]], rows: Mapping[str, NationalId], public: Collection[str]
) -> dict[str, str]:
    """Record of a group -> its oldest public one; where none is public, itself."""
    found: dict[str, str] = {}
    for group in groups:
        seen: Sequence[str] = sorted(
            (uid for uid in group if uid in public and uid in rows), key=lambda uid: rows[uid].first_seen
        )
        if seen:
            found.update({uid: seen[0] for uid in group if uid in rows})
    return found
