"""How it stands with each other exchange, as figures for machines: the same that people read on the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marketplace.services.policy import SYSTEM
from marketplace.services.sync import outlook, watching
from marketplace.services.sync.outlook import Outlook
from marketplace.services.sync.watching import Standing
from marketplace.work import Work

NEVER = 0.0


@dataclass(frozen=True, slots=True)
class PeerFigures:
    """One other exchange. Moments are in seconds since 1970, 0 for never."""

    peer: str
    waiting: int
    """Changes on their way: ours to it, or of its own that it has told of."""
    lag: float
    """Seconds for which the oldest of them waits, as far as it can be known here."""
    held: int
    refused: int
    """Records with something open against them."""
    heard: float
    proved: float
    equal: bool
    """By the last proof."""
    key: float
    """Until when its key, at a local exchange our own, is believed."""
    stopped: bool
    """Whether nothing goes on without a person."""
    searchable_p95: float | None = None
    """Seconds in which 95 of 100 changes of the last day could be found here; None where nothing was measured."""
    searchable_p99: float | None = None


def figures(work: Work) -> list[PeerFigures]:
    """The national exchange at a local one, all local ones at the national."""
    if work.runtime.settings.role == "national":
        return [_of_local(work, one) for one in watching.exchanges(work, SYSTEM) if one.status != "revoked"]
    seen = outlook.outlook(work, SYSTEM)
    return [_of_national(work, seen)] if seen.node_id else []


def _of_national(work: Work, seen: Outlook) -> PeerFigures:
    return PeerFigures(
        peer=seen.node_id, waiting=seen.waiting,
        lag=(work.now - seen.oldest).total_seconds() if seen.waiting and seen.oldest else 0.0,
        held=seen.counts["held"], refused=seen.counts["rejected"], heard=_seconds(seen.last_success),
        proved=_seconds(seen.proved_at), equal=bool(seen.proof.get("equal")), key=_seconds(seen.key_until),
        stopped=seen.state in outlook.STOPPED.values(),
    )  # fmt: skip


def _of_local(work: Work, one: Standing) -> PeerFigures:
    since = one.received_at or one.since
    return PeerFigures(
        peer=one.node_id, waiting=one.waiting, lag=(work.now - since).total_seconds() if one.waiting else 0.0,
        held=one.held + one.opaque, refused=one.issues, heard=_seconds(one.heard_at), proved=_seconds(one.proved_at),
        equal=bool(one.proof and one.proof.get("equal")), key=_seconds(one.key_until),
        stopped=bool(one.halted) or one.status != "active",
        searchable_p95=one.searchable.p95 if one.searchable else None,
        searchable_p99=one.searchable.p99 if one.searchable else None,
    )  # fmt: skip


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else NEVER
