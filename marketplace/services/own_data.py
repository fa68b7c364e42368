"""Everything the exchange knows about a person, for that person (right of access)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, select

from marketplace.models.files import SealedFile
from marketplace.models.listings import Listing, Revision
from marketplace.services import audit, drafts, sealed, sealed_files
from marketplace.services.own_rows import Subject
from marketplace.services.own_subjects import SUBJECTS
from marketplace.services.policy import Actor, may
from marketplace.services.sign_in import Proof, accept_again
from marketplace.work import Work


def collect(work: Work, actor: Actor, *, proof: Proof) -> dict[str, Any]:
    """The person's data by subject, times as ISO 8601 text. No secret and no hash is in it, nor other people's words.

    Asks for the password again: it is all in one piece.
    """
    accept_again(work, actor, proof)
    audit.record(work, actor, "account.export", actor.user_id)
    told = {name: list(_rows(work, subject, actor.user_id)) for name, subject in SUBJECTS.items()}
    return told | {"drafts": _drafts(work, actor), "confidential": _confidential(work, actor)}


def _rows(work: Work, subject: Subject, user_id: str) -> Iterator[dict[str, Any]]:
    for row in work.session.execute(subject.rows.where(subject.whose == user_id)):
        plain = _plain(row)
        if subject.params:
            plain["params"] = {key: plain["params"][key] for key in subject.params if key in plain["params"]}
        yield plain


def _plain(row: Row[Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row._mapping.items()
    }


def _drafts(work: Work, actor: Actor) -> list[dict[str, Any]]:
    held = drafts.held(work, f"user:{actor.user_id}")
    return [
        {
            "form": one.form,
            "saved_at": one.saved_at.isoformat(),
            "fields": [list(pair) for pair in one.fields],
        }
        for one in held
    ]


def _confidential(work: Work, actor: Actor) -> list[dict[str, Any]]:
    """What the person has sealed, of listings whose sealed part they may still read: who has left an organisation takes
    none of its secrets along."""
    texts = select(Listing.uid, Listing.organisation_id, Revision).join(
        Revision, Revision.listing_id == Listing.id
    )
    written = texts.where(Revision.author_id == actor.user_id, Revision.sealed.is_not(None))
    named = select(Listing.uid, Listing.organisation_id, SealedFile).join(
        SealedFile, SealedFile.listing_id == Listing.id
    )
    added = named.where(SealedFile.added_by == actor.user_id)
    return [
        {"uid": uid, "number": revision.number, **asdict(sealed.read(work, revision))}
        for uid, home, revision in work.session.execute(written.order_by(Revision.created_at))
        if may(actor, "listing.sealed.read", home)
    ] + [
        {"uid": uid, "file": sealed_files.shown(work, file).name}
        for uid, home, file in work.session.execute(added.order_by(SealedFile.added_at))
        if may(actor, "listing.sealed.read", home)
    ]
