"""How it stands with each other exchange, as figures for machines: the same that people read on the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from marketplace.models.peers import Outbound
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import outgoing, outlook, own_keys, source_sheets, trust, watching
from marketplace.services.sync.outlook import Outlook
from marketplace.services.sync.source_sheets import ALARMS
from marketplace.services.sync.watching import Standing
from marketplace.settings import SettingsError
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


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """One catalogue that is harvested."""

    source: str
    status: str
    passed: float
    """When its list was last read to the end."""
    records: int
    held: int
    taken: int
    """Records that the last such pass brought new or changed."""
    alarms: Mapping[str, bool]
    """Each alarm there is, and whether it is raised."""


def sources(work: Work) -> list[SourceFigures]:
    """None on an exchange that reads none."""
    return [
        SourceFigures(
            source=one.node_id, status=one.status, passed=_seconds(one.passed_at), records=one.records,
            held=one.held, taken=one.last.get("new", 0) + one.last.get("changed", 0),
            alarms={alarm: alarm in one.alarms for alarm in {*ALARMS, *one.alarms}},
        )
        for one in source_sheets.standings(work, SYSTEM)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """The key of the national exchange: its own there, the one that is pinned at a local exchange."""

    until: float
    """When the newest one has to be replaced at the latest; never, where none is believed or can be read."""
    handover: bool
    """Whether two keys count, from the announcement of the newer one until the older is believed no more."""
    refused: bool
    """At a local exchange: whether what is signed there now is not believed."""


def national_key(work: Work) -> KeyFigures | None:
    """None where there is none: one that has never signed, or an exchange that has not enrolled."""
    settings = work.runtime.settings
    if settings.role == "national":
        try:
            until = _seconds(own_keys.until(settings))
            return KeyFigures(until, own_keys.is_handed_over(settings, int(work.now.timestamp())), False)
        except FileNotFoundError:
            return None
        except SettingsError:
            return KeyFigures(NEVER, False, False)  # Unreadable: whoever watches the day is called.
    line = outgoing.line(work)
    if line is None:
        return None
    believed = trust.pinned(work, line.node)
    until = max((key.not_after for key in believed if key.replaced_at is None), default=NEVER)
    refused = work.session.get_one(Outbound, line.node).key_refused
    return KeyFigures(until, any(key.replaced_at is not None for key in believed), bool(refused))


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
