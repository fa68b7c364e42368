"""How it stands with the national exchange, for the operator of a local one: one sentence, then the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from exchange.keys import PublicKey, warned_days
from exchange.sender import Phase, Sender
from marketplace.models.exchanges import Acknowledged, Issue
from marketplace.models.feed import Published
from marketplace.models.listings import Listing, Revision
from marketplace.models.peers import Outbound, Peer, PeerKey
from marketplace.services.policy import Actor, permit
from marketplace.services.sync import issues, outgoing, probes
from marketplace.services.sync.enrolment import LOCAL_KINDS
from marketplace.services.sync.issues import OpenIssue
from marketplace.work import Work

STOPPED = {
    Phase.PAUSED: "paused", Phase.BLOCKED: "blocked", Phase.REWOUND: "rewound", Phase.FROZEN: "frozen",
    Phase.HALTED: "halted",
}  # fmt: skip

ADVICE = {
    "unknown_key": "key", "bad_signature": "key", "node_suspended": "suspended", "clock_skew": "clock",
    "protocol_unsupported": "version", "too_large": "large", "forked": "two", "fence_flapping": "two",
    "epoch_unknown": "epoch",
}  # fmt: skip
"""What sending stopped for -> the sentence `sync.advice_<code>` that says what to do."""

REFUSED = ("rejected", "stale")
"""Ends of a record after which the other side has nothing of what was sent."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A record that the other side holds back or has refused: where to mend it, and what is wrong."""

    issue: OpenIssue
    title: str
    mendable: bool
    refused: bool = False
    """The other side has nothing of this revision, and looks at it again when it is sent again."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """`state` is alone, unenrolled, pending, paused, blocked, rewound, frozen, halted, retrying, sending or on_time:
    the sentence `sync.state_<state>`."""

    state: str
    node_id: str = ""
    """Of the national exchange; empty where none is known."""
    national: Mapping[str, str] = field(default_factory=dict)
    national_url: str = ""
    waiting: int = 0
    oldest: datetime | None = None
    """Since when the oldest change waits."""
    reason: str = ""
    detail: str = ""
    retry_at: datetime | None = None
    last_success: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    """sent, accepted, held, rejected, tombstones."""
    proved_at: datetime | None = None
    proof: Mapping[str, Any] = field(default_factory=dict)
    key_until: datetime | None = None
    key_days: int | None = None
    """Days left to our key, once so few that it has to be replaced."""
    their_fingerprint: str = ""
    their_key_until: datetime | None = None
    their_key_days: int | None = None
    key_refused: str = ""
    """Why the key that they sign with is not believed: the sentence `sync.key_refused_<code>`."""
    troubles: tuple[Trouble, ...] = ()
    comparing: bool = False
    """Both sides are about to be compared, or will be again once what differed has arrived."""

    @property
    def well(self) -> bool:
        return self.state in ("on_time", "sending")

    @property
    def advice(self) -> str:
        """What to do where sending does not go on by itself: the sentence `sync.advice_<code>`. Empty elsewhere."""
        if self.state not in ("blocked", "frozen"):
            return ""
        return ADVICE.get(self.reason, "between" if self.reason.startswith("http_") else "unread")


def outlook(work: Work, actor: Actor) -> Outlook:
    permit(actor, "exchanges.read")
    if not work.runtime.settings.national_url:
        return Outlook("alone")
    line = outgoing.line(work)
    if line is None:
        return Outlook("unenrolled", national_url=work.runtime.settings.national_url)
    peer = work.session.get_one(Peer, line.node)
    outbound = work.session.get_one(Outbound, line.node)
    waiting, oldest = _waiting(work, line.sender)
    believed = select(PeerKey).where(PeerKey.node_id == line.node, PeerKey.revoked_at.is_(None))
    newest = (PeerKey.replaced_at.is_not(None), PeerKey.not_after.desc())
    theirs = work.session.scalar(believed.order_by(*newest).limit(1))
    return Outlook(
        state=_state(line.sender, waiting, work.now),
        node_id=line.node,
        national={"vi": peer.name_vi or peer.node_id, "en": peer.name_en or peer.name_vi or peer.node_id},
        national_url=peer.base_url,
        waiting=waiting,
        oldest=oldest,
        reason=line.sender.reason,
        detail=outbound.detail,
        retry_at=_moment(line.sender.retry_at),
        last_success=_moment(line.sender.last_success),
        counts=_counts(work),
        proved_at=outbound.proved_at,
        proof=outbound.proof,
        key_until=outbound.key_until,
        key_days=_days(work, outbound.key_until),
        their_fingerprint=PublicKey(theirs.public).fingerprint if theirs else "",
        their_key_until=theirs.not_after if theirs else None,
        their_key_days=_days(work, theirs.not_after if theirs else None),
        key_refused=outbound.key_refused,
        troubles=_troubles(work),
        comparing=line.sender.reconcile_at is not None,
    )


def as_record(seen: Outlook) -> dict[str, Any]:
    """For programs."""
    record = {name: getattr(seen, name) for name in Outlook.__dataclass_fields__ if name != "troubles"}
    record["troubles"] = [
        {"uid": one.issue.uid, "rev": one.issue.rev, "code": one.issue.code, "path": one.issue.path}
        for one in seen.troubles
    ]
    return record


def waits(work: Work, acked_seq: int) -> ColumnElement[bool]:
    """Which rows of the feed the other side has yet to get, the probe aside: it is nobody's."""
    own = work.runtime.settings.node_id
    mine = (Published.origin == own) & Published.kind.in_(LOCAL_KINDS) & (Published.id != probes.uid(own))
    return mine & or_(Published.pub_seq.is_(None), Published.pub_seq > acked_seq)


def _waiting(work: Work, sender: Sender) -> tuple[int, datetime | None]:
    found = select(func.count(), func.min(Published.published_at)).where(waits(work, sender.acked_seq))
    count, oldest = work.session.execute(found).one()
    return count, oldest


def _state(sender: Sender, waiting: int, now: datetime) -> str:
    if sender.reason == "pending":
        return "pending"
    if sender.phase in STOPPED:
        return STOPPED[sender.phase]
    if sender.phase is Phase.BACKOFF:
        return "retrying"
    if not sender.last_success:
        return "beginning"
    return "sending" if waiting else "on_time"


def _counts(work: Work) -> dict[str, int]:
    shown = Acknowledged.uid != probes.uid(work.runtime.settings.node_id)
    statement = select(Acknowledged.status, Acknowledged.op, func.count()).where(shown)
    statement = statement.group_by(Acknowledged.status, Acknowledged.op)
    counts = dict.fromkeys(("sent", "accepted", "held", "rejected", "tombstones"), 0)
    for status, op, number in work.session.execute(statement):
        counts["sent"] += number
        if status in ("held", "opaque"):
            counts["held"] += number
        elif status in REFUSED:
            counts["rejected"] += number
        else:
            counts["accepted" if op == "upsert" else "tombstones"] += number
    return counts


def _troubles(work: Work) -> tuple[Trouble, ...]:
    mine = work.runtime.settings.node_id
    statement = (
        select(Issue, Revision.title, Acknowledged.status)
        .join(Acknowledged, Acknowledged.uid == Issue.uid, isouter=True)
        .join(Listing, Listing.uid == Issue.uid, isouter=True)
        .join(Revision, Revision.id == Listing.working_id, isouter=True)
        .where(Issue.origin == mine, Issue.state == "open")
        .order_by(Issue.opened_at.desc(), Issue.id)
        .limit(issues.MANY)
    )
    return tuple(
        Trouble(OpenIssue.of(issue), title or issue.uid, title is not None, status in REFUSED)
        for issue, title, status in work.session.execute(statement)
    )


def _days(work: Work, until: datetime | None) -> int | None:
    return warned_days(int(until.timestamp()), int(work.now.timestamp())) if until else None


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
