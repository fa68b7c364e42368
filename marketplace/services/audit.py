"""The audit log: who did what, to what, and whether it was allowed; a chain that cannot be edited unseen.

Each entry holds the hash of the one before, so whoever changes, removes or inserts one must rewrite all that
follow. A chain alone proves nothing against its own keeper: that is why its head is given to others, and why on
PostgreSQL the role that serves can only add to it (`marketplace.privileges`). No password, token or sealed text belongs
into an entry.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select

from exchange.canonical import canonical
from marketplace.errors import TooMany
from marketplace.models.audit import AuditEntry
from marketplace.services import throttle
from marketplace.services.locks import alone
from marketplace.services.policy import Actor
from marketplace.work import Work
from vocabulary.text import one_line

GENESIS = "0" * 64
"""What stands for the hash before the first entry."""
LONGEST = 200
"""Characters kept of a text that somebody outside has chosen, such as the name of a browser."""

_COLUMNS = (
    AuditEntry.n, AuditEntry.at, AuditEntry.actor, AuditEntry.node, AuditEntry.action, AuditEntry.object,
    AuditEntry.outcome, AuditEntry.trace, AuditEntry.detail, AuditEntry.previous_hash,
)  # fmt: skip


def record(work: Work, actor: Actor, action: str, thing: str, outcome: str = "ok", **detail: Any) -> None:
    """Append an entry in this transaction.

    `action` is a name such as `sign_in`; `thing` the id of what it was done to; `outcome` is ok, failed or
    denied. `detail` is plain data; texts in it are cleaned of control characters and cut at `LONGEST`.
    """
    alone(work, "audit")
    last = work.session.execute(
        select(AuditEntry.n, AuditEntry.hash).order_by(AuditEntry.n.desc()).limit(1)
    ).first()
    values = {
        "n": last.n + 1 if last else 1,
        "at": work.now,
        "actor": actor.user_id or actor.name or "visitor",
        "node": work.runtime.settings.node_id,
        "action": action,
        "object": _clean(thing),
        "outcome": outcome,
        "trace": work.trace,
        "detail": {name: _clean(value) for name, value in detail.items()},
        "previous_hash": last.hash if last else GENESIS,
    }
    work.session.add(AuditEntry(**values, hash=digest(values)))
    work.session.flush()


def head(work: Work) -> tuple[int, str]:
    """Number and hash of the last entry: what other exchanges keep as witnesses."""
    last = select(AuditEntry.n, AuditEntry.hash).order_by(AuditEntry.n.desc()).limit(1)
    found = work.session.execute(last).first()
    return (found.n, found.hash) if found else (0, "")


def denied(work: Work, actor: Actor, thing: str, *, address: str, **detail: Any) -> None:
    """Record that somebody at the network `address` tried what is not theirs to do.

    Only so many from one network: a thousand refusals of one script would bury the few that mean something.
    """
    network = throttle.network(address)
    try:
        throttle.take(work, throttle.DENIALS_ADDRESS, network)
    except TooMany:
        return
    record(work, actor, "access", thing, "denied", network=network, **detail)


def verify(work: Work) -> int | None:
    """The number of the first entry that is not as it was written; None when the whole chain holds.

    That the last entries were cut off cannot be seen from the chain itself, only from a head kept elsewhere.
    """
    expected, previous = 1, GENESIS
    for row in work.session.execute(
        select(*_COLUMNS, AuditEntry.hash).order_by(AuditEntry.n).execution_options(yield_per=500)
    ):
        if (row.n, row.previous_hash, row.hash) != (expected, previous, digest(_said(row))):
            return expected
        expected, previous = expected + 1, row.hash
    return None


def digest(values: dict[str, Any]) -> str:
    """SHA-256 over everything an entry says, its predecessor's hash included."""
    at: datetime = values["at"]
    return hashlib.sha256(
        canonical(values | {"at": at.astimezone(UTC).isoformat(timespec="microseconds")})
    ).hexdigest()


def _said(row: Row[Any]) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in _COLUMNS}


def _clean(value: Any) -> Any:
    """Texts as one line of visible characters: a log entry must not be able to draw a second one."""
    return one_line(value, LONGEST) if isinstance(value, str) else value
