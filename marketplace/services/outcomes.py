"""The ledger of outcomes: what came of a case, attested by its parties. Nobody can edit it, only add to it.

Each entry holds the hash of the one before it, over the whole exchange, as the audit does. What the entries of a
case amount to is never stored: `grading.outcome` counts it again each time.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC
from typing import Any

from sqlalchemy import select

from exchange.canonical import canonical
from marketplace.errors import Conflict, NotFound
from marketplace.models.deals import Deal
from marketplace.models.outcomes import LedgerEntry
from marketplace.services import audit, deal_log, grading, parties
from marketplace.services.audit import GENESIS
from marketplace.services.grading import Entry, Outcome
from marketplace.services.locks import alone
from marketplace.services.parties import Seat
from marketplace.services.policy import Actor
from marketplace.services.wording import taken
from marketplace.work import Work

FROM = ("agreed", "transferred")
"""Stages in which there is an outcome to speak of."""
LONGEST_NOTE = 500


def claim(work: Work, actor: Actor, deal_id: str, body: Mapping[str, Any]) -> int:
    """Say what came of the case; `body` was checked by `claims.read`. The number of the entry.

    A new claim takes the place of the one before, and has to be attested anew.
    """
    held = _held(work, actor, deal_id, "claim")
    n = _append(work, actor, held, "claim", dict(body))
    deal_log.tell(work, actor, held.deal, "claimed", side=held.side)
    return n


def attest(work: Work, actor: Actor, deal_id: str, n: int) -> Outcome:
    """Stand behind claim `n`. The same side twice changes nothing. Raises `Conflict` when it is not the newest."""
    held = _held(work, actor, deal_id, "attest")
    found = _newest(work, held.deal, n)
    if held.side in found.attested:
        return found
    _append(work, actor, held, "attest", {"claim": n})
    deal_log.tell(work, actor, held.deal, "attested", side=held.side)
    return _newest(work, held.deal, n)


def dispute(work: Work, actor: Actor, deal_id: str, n: int, why: str) -> Outcome:
    """Say that claim `n` is not so. It counts in no public figure until the dispute is over."""
    held = _held(work, actor, deal_id, "attest")
    _newest(work, held.deal, n)
    _append(work, actor, held, "dispute", {"claim": n, "why": taken("why", why, LONGEST_NOTE, needed=True)})
    deal_log.tell(work, actor, held.deal, "disputed", side=held.side)
    return _newest(work, held.deal, n)


def settle(work: Work, actor: Actor, deal_id: str, n: int) -> Outcome:
    """Take back one's own dispute of claim `n`."""
    held = _held(work, actor, deal_id, "attest")
    if held.side not in _newest(work, held.deal, n).disputed:
        raise Conflict("nothing_disputed")
    _append(work, actor, held, "settle", {"claim": n})
    deal_log.tell(work, actor, held.deal, "settled", side=held.side)
    return _newest(work, held.deal, n)


# -- reading ----------------------------------------------------------------------------------------------------------


def outcome(work: Work, deal: Deal) -> Outcome | None:
    """What the entries of this case amount to now."""
    return grading.outcome(entries(work, deal.id), brokered=deal.broker_id is not None)


def entries(work: Work, deal_id: str) -> list[Entry]:
    rows = select(LedgerEntry).where(LedgerEntry.deal_id == deal_id).order_by(LedgerEntry.n)
    return [_entry(row) for row in work.session.scalars(rows)]


def all_outcomes(work: Work, among: Collection[str] | None = None) -> dict[str, Outcome]:
    """Deal id -> its outcome, of all cases or only of those `among`; one pass over the ledger."""
    by_deal: dict[str, list[Entry]] = defaultdict(list)
    rows = select(LedgerEntry).order_by(LedgerEntry.n)
    for row in work.session.scalars(rows if among is None else rows.where(LedgerEntry.deal_id.in_(among))):
        by_deal[row.deal_id].append(_entry(row))
    brokered = select(Deal.id).where(Deal.id.in_(by_deal), Deal.broker_id.is_not(None))
    with_broker = set(work.session.scalars(brokered))
    folded = {one: grading.outcome(said, brokered=one in with_broker) for one, said in by_deal.items()}
    return {one: found for one, found in folded.items() if found is not None}


def verify(work: Work) -> int | None:
    """The number of the first entry that is not as it was written; None when the whole chain holds."""
    expected, previous = 1, GENESIS
    for row in work.session.scalars(select(LedgerEntry).order_by(LedgerEntry.n)):
        if (row.n, row.previous_hash, row.hash) != (expected, previous, _digest(_values(row))):
            return expected
        expected, previous = expected + 1, row.hash
    return None


# -- writing ----------------------------------------------------------------------------------------------------------


def _held(work: Work, actor: Actor, deal_id: str, action: str) -> Seat:
    held = parties.hold(work, actor, deal_id, action)
    if held.deal.stage not in FROM:
        raise Conflict("no_outcome_yet")
    return held


def _newest(work: Work, deal: Deal, n: int) -> Outcome:
    found = outcome(work, deal)
    if found is None:
        raise NotFound("not_found")
    if found.claim.n != n:
        raise Conflict("claim_superseded")
    return found


def _append(work: Work, actor: Actor, held: Seat, kind: str, body: dict[str, Any]) -> int:
    alone(work, "ledger")
    last = work.session.execute(
        select(LedgerEntry.n, LedgerEntry.hash).order_by(LedgerEntry.n.desc()).limit(1)
    ).first()
    row = LedgerEntry(
        n=last.n + 1 if last else 1, deal_id=held.deal.id, at=work.now, kind=kind, side=held.side,
        actor_id=actor.user_id, body=body, previous_hash=last.hash if last else GENESIS, hash="",
    )  # fmt: skip
    row.hash = _digest(_values(row))
    work.session.add(row)
    work.session.flush()
    audit.record(work, actor, f"outcome.{kind}", held.deal.id, entry=row.n)
    return row.n


def _values(row: LedgerEntry) -> dict[str, Any]:
    return {
        "n": row.n, "deal": row.deal_id, "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": row.kind, "side": row.side, "actor": row.actor_id, "body": row.body,
        "previous": row.previous_hash,
    }  # fmt: skip


def _digest(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(dict(values))).hexdigest()


def _entry(row: LedgerEntry) -> Entry:
    return Entry(row.n, row.kind, row.side, row.n if row.kind == "claim" else row.body["claim"], row.body)  # type: ignore[arg-type]
