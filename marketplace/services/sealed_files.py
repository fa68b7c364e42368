"""Confidential files of a listing: encrypted in the database, given back only to those who may read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from marketplace.db import new_id
from marketplace.errors import Conflict, Invalid, NotFound
from marketplace.models.files import SealedFile
from marketplace.models.listings import Listing
from marketplace.runtime import Runtime
from marketplace.scanning import SIGNED
from marketplace.seal import SealedValue
from marketplace.services import audit, steps, uploads
from marketplace.services.policy import Actor, permit
from marketplace.services.uploads import Upload
from marketplace.work import Work
from vocabulary.problems import Problem

MOST = 10
"""Files of one listing."""


BEGINNINGS = tuple(beginning for beginning, _, _ in SIGNED)
"""Of documents and pictures: what can be stamped with the name of who reads it."""


@dataclass(frozen=True, slots=True)
class File:
    """One confidential file. `size` is in bytes of the file itself."""

    id: str
    name: str
    media_type: str
    size: int
    added_at: datetime


def received(runtime: Runtime, name: str, data: bytes) -> Upload:
    """Take a file as `uploads.received` does, if it can be stamped. Raises `Invalid`."""
    if data and not data.startswith(BEGINNINGS):
        raise Invalid([Problem("file", "sealed_file.type")])
    return uploads.received(runtime, name, data)


def attach(work: Work, actor: Actor, uid: str, sent: Upload) -> File:
    """Keep a file with the listing. Raises `Conflict` for too many."""
    listing = steps.hold(work, actor, uid, "listing.edit")
    held = select(func.count()).select_from(SealedFile).where(SealedFile.listing_id == listing.id)
    if (work.session.scalar(held) or 0) >= MOST:
        raise Conflict("too_many_files", n=MOST)
    own = new_id()
    seal = work.runtime.seal
    stored = SealedFile(
        id=own,
        listing_id=listing.id,
        sealed_name=seal.close(sent.name.encode(), name_place(own)).data,
        media_type=sent.kind.media_type,
        size=len(sent.data),
        sealed=seal.close(sent.data, place(own)).data,
        sealed_key=seal.current,
        added_by=actor.user_id,
        added_at=work.now,
    )
    work.session.add(stored)
    work.session.flush()
    return File(own, sent.name, sent.kind.media_type, len(sent.data), work.now)


def files(work: Work, actor: Actor, uid: str) -> list[File]:
    """The files of a listing, in the order they came, without their content."""
    listing = steps.find(work, actor, uid, "listing.sealed.read")
    stored = select(SealedFile).where(SealedFile.listing_id == listing.id).order_by(SealedFile.id)
    return [shown(work, file) for file in work.session.scalars(stored)]


def read(work: Work, actor: Actor, file_id: str) -> tuple[File, bytes]:
    """A file and its content. Each look is written to the audit."""
    stored, uid = _find(work, actor, file_id, "listing.sealed.read")
    audit.record(work, actor, "sealed_file.read", uid, file=stored.id)
    closed = SealedValue(stored.sealed_key, stored.sealed)
    return shown(work, stored), work.runtime.seal.open(closed, place(stored.id))


def remove(work: Work, actor: Actor, file_id: str) -> str:
    """Take a file away for good; the uid of its listing."""
    stored, uid = _find(work, actor, file_id, "listing.edit")
    work.session.delete(stored)
    return uid


def place(file_id: str) -> str:
    return f"file:{file_id}"


def name_place(file_id: str) -> str:
    return f"file:{file_id}:name"


def _find(work: Work, actor: Actor, file_id: str, action: str) -> tuple[SealedFile, str]:
    permit(actor, action)
    joined = select(SealedFile, Listing.uid, Listing.organisation_id).join(
        Listing, Listing.id == SealedFile.listing_id
    )
    found = work.session.execute(joined.where(SealedFile.id == file_id)).one_or_none()
    if found is None:
        raise NotFound("file_not_found")
    permit(actor, action, found.organisation_id)
    return found[0], found.uid


def shown(work: Work, stored: SealedFile) -> File:
    """A stored file as it is listed, its name opened."""
    name = work.runtime.seal.open(SealedValue(stored.sealed_key, stored.sealed_name), name_place(stored.id))
    return File(stored.id, name.decode(), stored.media_type, stored.size, stored.added_at)
