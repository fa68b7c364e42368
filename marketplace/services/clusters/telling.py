"""What the homes are told: that a record of theirs is one of a group, and which pair somebody should look at.

Each is a record of our own feed that only its home may read, and is laid there beside the listing, never into it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from exchange.candidates import State
from exchange.clusters import SILENCE
from marketplace.models.clusters import Candidate, NationalId
from marketplace.services import feed
from marketplace.services.feed import Record, Row
from marketplace.work import Work
from vocabulary.listing import from_record

GROUP, SUGGESTION = "cluster", "suggestion"
"""Kinds of records."""
NO_MORE = "withdrawn"


def groups(
    work: Work, rows: Mapping[str, NationalId], found: Iterable[frozenset[str]], public: Collection[str]
) -> None:
    """Tell each home of its records who else is in their group; of those that stand alone, that they do."""
    members = {uid: tuple(sorted(group & set(public))) for group in found for uid in group}
    listed = feed.rows(work, {one for group in members.values() for one in group})
    records = []
    for uid, row in rows.items():
        group = members.get(uid, ()) if uid in public else ()
        body = _group(work, row, group, listed) if len(group) > 1 else None
        records.append(_record(work, GROUP, row.told, uid, body))
    feed.write(work, [record for record in records if record is not None])


def suggestions(work: Work, candidates: Iterable[Candidate]) -> None:
    """Tell both homes how it stands with these pairs."""
    pairs = list(candidates)
    listed = feed.rows(work, {uid for one in pairs for uid in (one.a, one.b)})
    records = [
        _record(work, SUGGESTION, told, mine, _suggestion(work, one, mine, theirs, listed))
        for one in pairs
        for told, mine, theirs in ((one.told_a, one.a, one.b), (one.told_b, one.b, one.a))
    ]
    feed.write(work, [record for record in records if record is not None])


def _record(work: Work, kind: str, last: str, about: str, body: Mapping[str, Any] | None) -> Record | None:
    own, home = work.runtime.settings.node_id, about.partition(":")[0]
    if home == own:
        return None
    op = "delete" if body is None else "upsert"
    return Record(f"{own}:{kind}:{last}", kind, op, NO_MORE if body is None else body, audience=home)


def _group(work: Work, row: NationalId, group: Iterable[str], listed: Mapping[str, Row]) -> dict[str, Any]:
    return {
        "about": row.uid,
        "national_id": row.national_id,
        "known_as": row.known_as,
        "stands": row.stands,
        "members": [named(work, listed[uid]) for uid in group if uid != row.uid],
    }


def _suggestion(
    work: Work, one: Candidate, mine: str, theirs: str, listed: Mapping[str, Row]
) -> dict[str, Any] | None:
    other = listed.get(theirs)
    if one.state == State.GONE or other is None or not other.live:
        return None
    home = mine.partition(":")[0]
    return {
        "about": mine,
        "other": named(work, other),
        "score": one.score,
        "reasons": [_seen_from(reason, swap=mine != one.a) for reason in one.reasons],
        "state": one.state,
        "by": one.by,
        "answered": sorted(one.answers),
        "note": next((said["note"] for at, said in sorted(one.answers.items()) if at != home), ""),
        "asked_at": asked_at(one),
        "days": SILENCE // 86_400,
    }


def asked_at(one: Candidate) -> str:
    """By which a home names the question it answers."""
    return one.asked_at.isoformat(timespec="seconds")


def named(work: Work, row: Row) -> dict[str, Any]:
    """A record as its name on somebody else's page."""
    own = work.runtime.settings
    return {
        "uid": row.uid,
        "home": row.origin,
        "title": from_record(row.body["content"]).title,
        "organisation": (row.body.get("organisation") or {}).get("name", ""),
        "url": f"{own.base_url}/vi/listings/{row.uid}",
    }


def _seen_from(reason: Mapping[str, Any], *, swap: bool) -> dict[str, Any]:
    return {**reason, "mine": reason["theirs"], "theirs": reason["mine"]} if swap else dict(reason)
