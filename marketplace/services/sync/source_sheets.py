"""How it stands with each catalogue that is only read: one line each, and all that somebody may have to decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from marketplace.models.exchanges import Replica
from marketplace.models.peers import Peer
from marketplace.models.sources import Harvested, Source
from marketplace.services.policy import Actor, permit
from marketplace.services.sync import issues, settling, sources
from marketplace.services.sync.harvest import FEED, LISTED, WAITING
from marketplace.services.sync.issues import OpenIssue
from marketplace.work import Work

SILENT = timedelta(days=3)
"""No complete pass for so long is an alarm."""
EXAMPLES = 20
ALARMS = ("suspicious_zero", "ids_changed", "unreachable", "refused", "silent")
"""All that can be wrong with a source; the last is ours, the others its last pass has met."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One source as its operators see it. `alarms` are codes of `source.alarm_<code>`; `last` counts the last pass."""

    node_id: str
    name: Mapping[str, str]
    status: str
    url: str
    format: str
    chosen: str
    kind: str
    entered_by: str
    records: int
    held: int
    issues: int
    waiting: int
    """New records that may be missing ones under another id."""
    passed_at: datetime | None
    """When its list was last read to the end, the whole of it or what had changed."""
    whole_at: datetime | None
    """When the whole of it was."""
    under_way: bool
    last: Mapping[str, Any]
    detail: str
    alarms: tuple[str, ...]
    level: str
    """L0 for a catalogue that is only read, L1 for one that serves its feed of changes."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A record that is missing and a new one that may be it. Titles, and the source's id of each."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Sheet:
    standing: Standing
    pairs: tuple[Pair, ...]
    """Some of those that wait."""
    issues: tuple[OpenIssue, ...]


def standings(work: Work, actor: Actor) -> list[Standing]:
    """All sources, those with alarms first."""
    permit(actor, "exchanges.read")
    found = work.session.execute(select(Source, Peer).join(Peer, Peer.node_id == Source.node_id)).all()
    wrong = issues.counts(work)
    made = [_standing(work, source, peer, wrong.get(source.node_id, 0)) for source, peer in found]
    return sorted(made, key=lambda one: (not one.alarms, one.node_id))


def sheet(work: Work, actor: Actor, node_id: str) -> Sheet:
    """Raises `NotFound`."""
    permit(actor, "exchanges.read")
    source, peer = sources.known(work, node_id)
    standing = _standing(work, source, peer, issues.counts(work).get(node_id, 0))
    return Sheet(
        standing,
        tuple(_pairs(work, node_id)),
        issues.open_now(work, node_id),
    )


def as_record(standing: Standing) -> dict[str, Any]:
    """For programs."""
    return asdict(standing)


def _standing(work: Work, source: Source, peer: Peer, wrong: int) -> Standing:
    counted = dict(
        work.session.execute(
            select(Replica.projection, func.count())
            .where(Replica.origin == source.node_id)
            .group_by(Replica.projection)
        ).all()
    )
    return Standing(
        node_id=source.node_id,
        name={"vi": peer.name_vi or peer.node_id, "en": peer.name_en or peer.name_vi or peer.node_id},
        status=peer.status,
        url=source.url,
        format=source.format,
        chosen=source.chosen,
        kind=source.kind,
        entered_by=source.entered_by,
        records=counted.get("visible", 0),
        held=counted.get("held", 0),
        issues=wrong,
        waiting=settling.waiting(work, source.node_id, alike=True),
        passed_at=source.passed_at,
        whole_at=source.whole_at,
        under_way=bool(source.stage),
        last=dict(source.last),
        detail=source.detail,
        alarms=tuple(_alarms(source, peer, work.now)),
        level="L1" if source.format == FEED else "L0",
    )


def _alarms(source: Source, peer: Peer, now: datetime) -> Iterator[str]:
    if source.alarm:
        yield source.alarm
    since = source.passed_at or source.approved_at
    if peer.status == "active" and since is not None and now - since > SILENT:
        yield "silent"


def _pairs(work: Work, node_id: str) -> Sequence[Pair]:
    mine = Harvested.node_id == node_id, Harvested.state == WAITING, Harvested.same_as != ""
    rows = work.session.scalars(select(Harvested).where(*mine).order_by(Harvested.uid).limit(EXAMPLES)).all()
    old = work.session.scalars(
        select(Harvested).where(Harvested.uid.in_([row.same_as for row in rows]), Harvested.state == LISTED)
    )
    before = {row.uid: row.identifier for row in old}
    return [Pair(_title(row), before.get(row.same_as, ""), row.identifier) for row in rows]


def _title(row: Harvested) -> str:
    content = row.body["content"]
    texts = content.get("texts", {})
    return str(texts.get(content["language"], {}).get("title", ""))
