"""Files of a deal room: examined before anybody can read them, kept encrypted, every version of a name."""

from __future__ import annotations

import hashlib

from sqlalchemy import func, select

from marketplace.db import new_id
from marketplace.errors import Conflict, NotFound
from marketplace.models.deals import Deal
from marketplace.models.rooms import DealFile
from marketplace.seal import SealedValue
from marketplace.services import audit, deal_log, parties
from marketplace.services.locks import alone
from marketplace.services.parties import Seat
from marketplace.services.policy import Actor
from marketplace.services.sealed_files import place
from marketplace.services.uploads import Upload
from marketplace.work import Work

MOST = 200
"""Versions of files in one room."""
MOST_BYTES = 500 * 1024 * 1024
"""Of all files that one person has brought into cases that go on."""


def add(work: Work, actor: Actor, deal_id: str, upload: Upload) -> DealFile:
    """Put a file into the room; one of the same name becomes its next version.

    Raises `Conflict` when the case has ended, the room is full, or the actor has brought as much as one person may.
    """
    held = parties.hold(work, actor, deal_id, "file")
    stored = keep(work, actor, held, upload)
    deal_log.tell(work, actor, held.deal, "file", side=held.side, name=stored.name)
    return stored


def keep(work: Work, actor: Actor, held: Seat, upload: Upload, *, message_id: str | None = None) -> DealFile:
    """The same for somebody who holds the case already: versions of a name are numbered one after the other."""
    if held.deal.stage == "closed":
        raise Conflict("deal_ended")
    _leave_room(work, actor, len(upload.data))
    newest = select(func.max(DealFile.number)).where(DealFile.deal_id == held.deal.id)
    before = newest.where(DealFile.name == upload.name)
    held_already = select(func.count()).select_from(DealFile).where(DealFile.deal_id == held.deal.id)
    if (work.session.scalar(held_already) or 0) >= MOST:
        raise Conflict("too_many_files", n=MOST)
    own = new_id()
    sealed = work.runtime.seal.close(upload.data, place(own))
    stored = DealFile(
        id=own, deal_id=held.deal.id, message_id=message_id, name=upload.name,
        number=(work.session.scalar(before) or 0) + 1, media_type=upload.kind.media_type, size=len(upload.data),
        digest=hashlib.sha256(upload.data).hexdigest(), sealed=sealed.data, sealed_key=sealed.key_id,
        added_by=actor.user_id, side=held.side, at=work.now,
    )  # fmt: skip
    work.session.add(stored)
    work.session.flush()
    return stored


def _leave_room(work: Work, actor: Actor, size: int) -> None:
    """One person fills no disk: what he has brought into all cases that go on has an end (OWASP ASVS 5.0, 5.2.4)."""
    alone(work, f"room files of {actor.user_id}")
    brought = select(func.sum(DealFile.size)).join(Deal, Deal.id == DealFile.deal_id)
    theirs = brought.where(DealFile.added_by == actor.user_id, Deal.stage != "closed")
    if (work.session.scalar(theirs) or 0) + size > MOST_BYTES:
        raise Conflict("too_much_of_one", megabytes=MOST_BYTES // 1024**2)


def read(work: Work, actor: Actor, deal_id: str, file_id: str) -> tuple[DealFile, bytes]:
    """A file and its content, for anybody with a seat. Each reading is in the audit."""
    parties.seat(work, actor, deal_id, "read")
    stored = work.session.get(DealFile, file_id)
    if stored is None or stored.deal_id != deal_id:
        raise NotFound("not_found")
    audit.record(work, actor, "deal_file.read", deal_id, file=file_id)
    return stored, content(work, stored)


def content(work: Work, stored: DealFile) -> bytes:
    return work.runtime.seal.open(SealedValue(stored.sealed_key, stored.sealed), place(stored.id))


def files(work: Work, deal_id: str) -> list[DealFile]:
    """All versions, by name, the newest version of each first."""
    rows = select(DealFile).where(DealFile.deal_id == deal_id).order_by(DealFile.name, DealFile.number.desc())
    return list(work.session.scalars(rows))
