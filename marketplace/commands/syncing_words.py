"""How it stands with other exchanges, in the words of a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import click

from exchange.problems import Refused
from marketplace.commands import saying
from marketplace.errors import Conflict
from marketplace.services.sync import outlook, source_sheets, watching
from marketplace.services.sync.replays import Sent

T = TypeVar("T")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")


def tell(as_json: bool, record: Mapping[str, Any], text: str) -> None:
    click.echo(json.dumps(record, ensure_ascii=False, default=str) if as_json else text)


def unrefused(step: Callable[[], T]) -> T:
    """What the step gives; a refusal of the other exchange as an error of a command."""
    try:
        return step()
    except Refused as refused:
        raise Conflict("sync_refused", detail=refused.problem.detail, refusal=refused.problem.code) from None


def sentence(seen: outlook.Outlook, now: datetime) -> str:
    ago = int((now - seen.last_success).total_seconds()) if seen.last_success else None
    when = "never" if ago is None else f"{ago} s ago"
    said = saying.sentence(
        f"sync.state_{seen.state}", {"n": seen.waiting, "when": when, "reason": seen.reason}
    )
    answered = [f"  {seen.detail}"] if seen.detail and not seen.well else []
    advice = [f"  {saying.sentence(f'sync.advice_{seen.advice}', {})}"] if seen.advice else []
    return "\n".join([said, *answered, *advice, *_key(seen), *_counts(seen)])


def _key(seen: outlook.Outlook) -> list[str]:
    if not seen.key_refused:
        return []
    why = saying.sentence(f"sync.key_refused_{seen.key_refused}", {})
    return [f"  {saying.sentence('sync.key_refused', {})} {why}"]


def _counts(seen: outlook.Outlook) -> list[str]:
    if not seen.counts:
        return []
    told = ", ".join(f"{number} {name}" for name, number in seen.counts.items())
    return [f"  {told}", *([f"  {proof(seen)}"] if seen.proof else [])]


def proof(seen: outlook.Outlook) -> str:
    if not seen.proof:
        return "Both sides were never compared."
    said = "equal" if seen.proof["equal"] else "NOT EQUAL"
    return (
        f"{said}: {seen.proof['ours_count']} here, {seen.proof['theirs_count']} there, "
        f"{seen.proof.get('repaired', 0)} sent again, {len(seen.proof.get('unexplained', ()))} not explained"
    )


def table(standings: Sequence[watching.Standing]) -> str:
    rows = [
        f"{one.node_id:24} {one.status:10} {one.records:>8} shown {one.waiting:>6} waiting {one.held:>5} held"
        f"{_searchable(one)}"
        f"  {', '.join(one.alarms)}".rstrip()
        for one in standings
    ]
    return "\n".join(rows) or "No exchange has enrolled here."


def _searchable(one: watching.Standing) -> str:
    """In how many seconds 95 and 99 of 100 of its changes could be found here."""
    measured = one.searchable
    return f"  found in {measured.p95:.0f} s (p95), {measured.p99:.0f} s (p99)" if measured else ""


def sources(standings: Sequence[source_sheets.Standing]) -> str:
    """Catalogues that are harvested here, a line each; empty where there are none."""
    return "\n".join(
        f"{one.node_id:24} {one.status:10} {one.records:>8} shown {one.held:>5} held  {passed(one)}"
        f"  {', '.join(one.alarms)}".rstrip()
        for one in standings
    )


def passed(one: source_sheets.Standing) -> str:
    """When a catalogue was last read to the end of its list, and what that brought."""
    if one.passed_at is None:
        return "never read to its end"
    return f"read to its end on {one.passed_at:%Y-%m-%d %H:%M}: {brought(one)}"


def brought(one: source_sheets.Standing) -> str:
    """What the last pass through a catalogue was, and what it brought."""
    reach = "only changes" if one.last.get("incremental") else "whole list"
    counted = ", ".join(f"{one.last.get(name, 0)} {name}" for name in ("new", "changed", "gone"))
    return f"{counted} ({reach})" if one.passed_at else counted


def batch(sent: Sent) -> str:
    """One line for a batch that was sent."""
    told = ", ".join(f"{number} {name}" for name, number in sent.counts.items() if number)
    again = " (can be sent again)" if sent.can_be_sent else "" if sent.kept else " (no longer kept)"
    answered = f"; sent again: {sent.replay.outcome or 'waits'}" if sent.replay else ""
    return (
        f"{sent.batch_id}  {sent.made_at:%Y-%m-%d %H:%M}  {sent.state:8} {told or 'empty'}{again}{answered}"
    )


def replayed(outcome: str) -> str:
    """What came of sending a batch again; empty when there is no answer yet."""
    return saying.sentence(f"sync.replay_{outcome or 'waits'}", {})
