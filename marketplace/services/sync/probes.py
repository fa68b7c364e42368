"""The probe: a hidden record that each local exchange updates once a minute, by which the national one measures how long
it takes until what is published elsewhere can be found here.

It goes the way of every record: the feed at home, a batch, our feed, the reader that fills the index. It can be found
once the index has committed past its place; nobody is shown it. The next one is written when the one before was
acknowledged, so that an outage is not hidden by a newer probe: its one arrival stands for each minute that it lasted.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from exchange.items import Item
from exchange.reconcile import Line
from exchange.sender import Sender
from marketplace.models.exchanges import Acknowledged, InBatch, OutBatch, ProbeArrival, Replica
from marketplace.models.feed import Published
from marketplace.models.peers import Inbound
from marketplace.services import feed
from marketplace.services.feed import Record, Row
from marketplace.services.locks import alone
from marketplace.work import Work

KIND = "probe"
EVERY = timedelta(minutes=1)
DAY = timedelta(hours=24)
LONGEST = timedelta(days=30)
"""What a probe says it waited is believed up to this: its home writes down any moment it likes."""
MOST_A_DAY = 3_000
"""Probes of one exchange that are measured: twice as many as it writes."""
P95, P99 = 60, 300
"""Seconds within which 95 and 99 of 100 changes are to be found: what was promised."""
SAME_CLOCK = 2
"""Seconds that two clocks may seem to differ by because of the way between them; more is taken off."""
SENT_KEPT = timedelta(days=90)
"""A national exchange that is restored from an older copy names a batch that its home does not know any more."""
RECEIVED_KEPT = timedelta(days=2)


def uid(node: str) -> str:
    """The one probe of an exchange."""
    return f"{node}:{KIND}:{'0' * 26}"


# -- at home ----------------------------------------------------------------------------------------------------------


def due(work: Work, sender: Sender) -> bool:
    """Whether the next one is to be written: a minute after the last, and not before that has been acknowledged."""
    if not work.runtime.settings.probe or not sender.last_success:
        return False
    there = select(Published.rev, Published.op, Published.published_at, Acknowledged.rev.label("acked")).join(
        Acknowledged, Acknowledged.uid == Published.id, isouter=True
    )
    last = work.session.execute(there.where(Published.id == uid(work.runtime.settings.node_id))).first()
    if last is None or last.op != "upsert":
        return True
    return bool(last.acked == last.rev) and work.now - last.published_at >= EVERY


def beat(work: Work, sender: Sender) -> None:
    """Write the next one, once, however many processes want to."""
    alone(work, KIND)
    if due(work, sender):
        own = uid(work.runtime.settings.node_id)
        feed.write(work, [Record(own, KIND, "upsert", {"at": work.now.isoformat(timespec="milliseconds")})])


def only(items: Collection[object]) -> bool:
    """Whether a batch of these holds nothing but a probe."""
    return bool(items) and all(isinstance(item, Item) and item.kind == KIND for item in items)


# -- at the national exchange -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Searchable:
    """How long changes of one exchange took in the last 24 hours until they could be found here, in seconds."""

    p95: float
    p99: float
    probes: int
    """So many were measured."""
    last: datetime
    """When the last of them could be found."""
    state: str
    """kept, broken, or silent: as promised as far as it was measured, but the next one is overdue by more than that."""

    @property
    def kept(self) -> bool:
        return self.state == "kept"


def arrived(work: Work, rows: Sequence[Row]) -> None:
    """Measure the probes among rows that the index has just committed; one that is read again counts for nothing."""
    own = work.runtime.settings.node_id
    for row in rows:
        if row.live and row.origin != own and row.uid == uid(row.origin):
            known, lately = _known(work, row.origin)
            if row.rev > known and lately < MOST_A_DAY:
                work.session.add(_arrival(work, row))
                work.session.flush()


def _known(work: Work, origin: str) -> tuple[int, int]:
    """The last revision that was measured, and how many were in the last 24 hours."""
    mine = ProbeArrival.origin == origin
    lately = select(func.count()).where(mine, ProbeArrival.searchable_at > work.now - DAY)
    last = work.session.scalar(select(func.max(ProbeArrival.rev)).where(mine))
    return last or 0, work.session.scalar(lately) or 0


def _arrival(work: Work, row: Row) -> ProbeArrival:
    inbound = work.session.get(Inbound, row.origin)
    ahead = (inbound.clock_ahead or 0) if inbound else 0
    took = (work.now - datetime.fromisoformat(row.body["at"])).total_seconds()
    took += ahead if abs(ahead) > SAME_CLOCK else 0
    took = min(max(took, 0), LONGEST.total_seconds())
    return ProbeArrival(
        origin=row.origin, rev=row.rev, searchable_at=work.now, milliseconds=round(took * 1_000)
    )


def searchable(work: Work, node: str = "") -> dict[str, Searchable]:
    """Exchange -> its figures of the last 24 hours; without those of which nothing has come."""
    since = work.now - DAY
    statement = select(ProbeArrival.origin, ProbeArrival.searchable_at, ProbeArrival.milliseconds).where(
        ProbeArrival.searchable_at > since
    )
    if node:
        statement = statement.where(ProbeArrival.origin == node)
    arrivals: dict[str, list[tuple[datetime, int]]] = {}
    for origin, at, milliseconds in work.session.execute(statement.order_by(ProbeArrival.searchable_at)):
        arrivals.setdefault(origin, []).append((at, milliseconds))
    return {origin: _figures(found, work.now) for origin, found in arrivals.items()}


def _figures(arrivals: Sequence[tuple[datetime, int]], now: datetime) -> Searchable:
    waits = [part for at, took in arrivals for part in _each_minute(at, took, now - DAY)]
    p95, p99, last = _at(waits, 95) / 1_000, _at(waits, 99) / 1_000, arrivals[-1][0]
    overdue = now - last > EVERY + timedelta(seconds=P99)
    state = "broken" if p95 > P95 or p99 > P99 else "silent" if overdue else "kept"
    return Searchable(p95, p99, len(arrivals), last, state)


def _each_minute(at: datetime, took: int, since: datetime) -> tuple[range, range]:
    """How long a change of each minute would have waited that a probe waited, in milliseconds: the probe's own, then
    the others from the shortest on. Of a wait longer than a day its last day."""
    step = round(EVERY.total_seconds() * 1_000)
    known = round((at - since).total_seconds() * 1_000)
    first, end = max(1, math.ceil((took - known) / step)), math.ceil(took / step)
    others = range(took - (end - 1) * step, took - first * step + 1, step) if first < end else range(0)
    return range(took, took + 1), others


def _at(waits: Sequence[range], hundredths: int) -> int:
    """The smallest of the waits that so many of 100 do not exceed. They are counted, never written out."""
    wanted = math.ceil(sum(map(len, waits)) * hundredths / 100)
    upper = range(max(part[-1] for part in waits if part) + 1)
    return bisect_left(upper, wanted, key=lambda most: sum(bisect_right(part, most) for part in waits))


def line(work: Work, node: str) -> Line | None:
    """The probe of this exchange as it stands here in a comparison."""
    found = work.session.get(Replica, uid(node))
    return Line(found.uid, found.rev, found.hash) if found else None


# -- both ------------------------------------------------------------------------------------------------------------


def forget(work: Work) -> None:
    """What was measured more than a day ago, and batches that held nothing but a probe.

    The last of each stays: by it one that is read again is known, and the other side's last batch.
    """
    last = select(ProbeArrival.origin, func.max(ProbeArrival.rev)).group_by(ProbeArrival.origin)
    for origin, rev in work.session.execute(last).all():
        former = (ProbeArrival.origin == origin) & (ProbeArrival.rev < rev)
        old = ProbeArrival.searchable_at < work.now - DAY - EVERY
        work.session.execute(delete(ProbeArrival).where(former, old))
    work.session.execute(
        delete(InBatch).where(
            InBatch.probe.is_(True), InBatch.received_at < work.now - RECEIVED_KEPT,
            InBatch.batch_id.not_in(select(Inbound.last_batch_id)),
        )
    )  # fmt: skip
    newest = select(OutBatch.batch_id).order_by(OutBatch.made_at.desc(), OutBatch.batch_id.desc()).limit(1)
    work.session.execute(
        delete(OutBatch).where(
            OutBatch.probe.is_(True), OutBatch.state != "new", OutBatch.made_at < work.now - SENT_KEPT,
            OutBatch.batch_id.not_in(newest.scalar_subquery()),
        )
    )  # fmt: skip
