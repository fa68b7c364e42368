"""The complete case as one archive: everything a party may read, as data and as the files themselves.

Sealed parts of listings are never in it: they are read in the room, under an agreement, or not at all.
"""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from marketplace.db import Table
from marketplace.models.deals import DealEvent
from marketplace.models.outcomes import Agreement, LedgerEntry
from marketplace.models.rooms import DealFile, DealTask, Meeting, Message, Proposal
from marketplace.services import audit, parties, room_files
from marketplace.services.policy import Actor
from marketplace.work import Work

HIDDEN = frozenset({"sealed", "sealed_key"})
SHEETS: tuple[tuple[str, type[Any]], ...] = (
    ("timeline", DealEvent), ("messages", Message), ("tasks", DealTask), ("terms", Proposal),
    ("meetings", Meeting), ("agreements", Agreement), ("files", DealFile), ("ledger", LedgerEntry),
)  # fmt: skip


def write(work: Work, actor: Actor, deal_id: str, into: IO[bytes]) -> None:
    """Write the archive, which may take as long as two hundred files take: in a transaction that only reads, so that
    nobody waits for it. It is given away after `taken` was written. Raises as `parties.seat` does."""
    held = parties.seat(work, actor, deal_id, "archive")
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("case.json", _json(_row(held.deal)))
        for name, model in SHEETS:
            rows = work.session.scalars(select(model).where(model.deal_id == deal_id))
            archive.writestr(f"{name}.json", _json([_row(row) for row in rows]))
        whole = select(DealFile).where(DealFile.deal_id == deal_id).options(undefer(DealFile.sealed))
        for stored in work.session.scalars(whole.execution_options(yield_per=1)):
            archive.writestr(f"files/{stored.number}-{stored.name}", room_files.content(work, stored))


def taken(work: Work, actor: Actor, deal_id: str) -> None:
    """Write down that the actor is given the archive now. Raises as `write` does: the seat may be gone."""
    parties.seat(work, actor, deal_id, "archive")
    audit.record(work, actor, "deal.archive", deal_id)


def _row(row: Table) -> dict[str, Any]:
    names = [column.key for column in row.__table__.columns if column.key not in HIDDEN]
    return {name: getattr(row, name) for name in names}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
