"""Confidential files of a listing: encrypted in the database, given back only to those who may read them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from sqlalchemy import func, select

from marketplace.db import new_id
from marketplace.errors import Conflict, Invalid, NotFound
from marketplace.models.files import SealedFile
from marketplace.models.listings import Listing
from marketplace.scanning import SIGNED, Kind
from marketplace.seal import SealedValue
from marketplace.services import audit, steps
from marketplace.services.policy import Actor, permit
from marketplace.services.uploads import kind_of
from marketplace.work import Work
from vocabulary.problems import Problem

MOST = 10
"""Files of one listing."""
LONGEST_NAME = 120
"""Characters kept of a file's name."""

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


def attach(work: Work, actor: Actor, uid: str, *, name: str, data: bytes) -> File:
    """Keep a file with the listing. Raises `Invalid` for a wrong type or size, `Conflict` for too many."""
    listing = steps.hold(work, actor, uid, "listing.edit")
    kind = _kind_of(work, data)
    held = select(func.count()).select_from(SealedFile).where(SealedFile.listing_id == listing.id)
    if (work.session.scalar(held) or 0) >= MOST:
        raise Conflict("too_many_files", n=MOST)
    own, shown = new_id(), safe_name(name, kind.ending)
    seal = work.runtime.seal
    stored = SealedFile(
        id=own,
        listing_id=listing.id,
        sealed_name=seal.close(shown.encode(), name_place(own)).data,
        media_type=kind.media_type,
        size=len(data),
        sealed=seal.close(data, place(own)).data,
        sealed_key=seal.current,
        added_by=actor.user_id,
        added_at=work.now,
    )
    work.session.add(stored)
    work.session.flush()
    return File(own, shown, kind.media_type, len(data), work.now)


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


def safe_name(name: str, ending: str) -> str:
    """A name to be shown and saved anywhere: no path, no control characters, the ending of its true type."""
    last = PurePath(name.replace("\\", "/")).name
    visible = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    stem = PurePath(visible).stem.strip(" .")[: LONGEST_NAME - len(ending)]
    return (stem or "file") + ending


def place(file_id: str) -> str:
    return f"file:{file_id}"


def name_place(file_id: str) -> str:
    return f"file:{file_id}:name"


def _kind_of(work: Work, data: bytes) -> Kind:
    if data and not data.startswith(BEGINNINGS):
        raise Invalid([Problem("file", "sealed_file.type")])
    return kind_of(work, data)


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
