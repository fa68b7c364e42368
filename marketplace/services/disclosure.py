"""The sealed part of a listing, opened to a named person under an agreement, for a purpose and a time.

Each look is logged, and the owner sees who looked, when and at what. The agreement ends by itself; the owner may
end it sooner. Who was only invited, a funder or an adviser, reads when the owner has allowed it beside; so does whose
access was ended, however often he accepts the terms anew. Nothing sealed is ever kept anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from marketplace.db import new_id
from marketplace.errors import Conflict, Invalid, NotFound
from marketplace.models.accounts import User
from marketplace.models.deals import DealEvent
from marketplace.models.files import SealedFile
from marketplace.models.listings import Listing, Revision
from marketplace.models.outcomes import Agreement, Disclosure
from marketplace.seal import SealedValue
from marketplace.services import audit, deal_log, parties, sealed, sealed_files
from marketplace.services.parties import Seat
from marketplace.services.policy import Actor
from marketplace.services.sealed_files import File
from marketplace.services.wording import taken
from marketplace.work import Work
from vocabulary.problems import Problem
from vocabulary.text import fold

TEXT_VERSION = "1"
"""Of the confidentiality terms, the message `nda.text_<version>`; an accepted version never changes."""
TERMS = (7, 30, 90, 180)
"""Days an agreement may last."""
LONGEST_PURPOSE = 500


@dataclass(frozen=True, slots=True)
class Opened:
    """What somebody under an agreement reads: the sealed text, and the files to be asked for one by one."""

    text: str
    files: tuple[File, ...]
    agreement: Agreement


def accept(work: Work, actor: Actor, deal_id: str, *, name: str, purpose: str, days: str) -> Agreement:
    """The actor, by name, accepts the terms for a purpose and so many days. Raises `Invalid`."""
    held = parties.hold(work, actor, deal_id, "protect")
    problems = []
    if fold(name).split() != fold(actor.name).split():
        problems.append(Problem("name", "nda.name", {"name": actor.name}))
    if days not in map(str, TERMS):
        problems.append(Problem("days", "required"))
    if problems:
        raise Invalid(problems)
    made = Agreement(
        id=new_id(), deal_id=deal_id, user_id=actor.user_id, side=held.side, name=actor.name,
        text_version=TEXT_VERSION, purpose=taken("purpose", purpose, LONGEST_PURPOSE, needed=True),
        accepted_at=work.now, expires_at=work.now + timedelta(days=int(days)),
    )  # fmt: skip
    work.session.add(made)
    work.session.flush()
    deal_log.tell(work, actor, held.deal, "nda", side=held.side, name=actor.name)
    audit.record(work, actor, "agreement.accept", deal_id, agreement=made.id, days=int(days))
    return made


def allow(work: Work, actor: Actor, deal_id: str, agreement_id: str) -> None:
    """A side lets somebody who `needs_leave` read its own sealed part, so long as his agreement holds."""
    held = parties.hold(work, actor, deal_id, "allow")
    made = work.session.get(Agreement, agreement_id)
    if made is None or made.deal_id != deal_id or not needs_leave(made, agreements(work, deal_id)):
        raise NotFound("not_found")
    if agreement_id not in allowed(work, deal_id, held.side):
        deal_log.tell(
            work, actor, held.deal, "nda_allowed", side=held.side, name=made.name, agreement=made.id
        )
        audit.record(work, actor, "agreement.allow", deal_id, agreement=agreement_id)


def needs_leave(made: Agreement, known: Sequence[Agreement]) -> bool:
    """Whether accepting the terms is not enough, of all `known` agreements of the case: for a guest, and for whom a side had
    ended an agreement before."""
    ended = (one for one in known if one.user_id == made.user_id and one.id != made.id)
    return made.side in parties.GUESTS or any(one.revoked_at is not None for one in ended)


def allowed(work: Work, deal_id: str, owner: str) -> frozenset[str]:
    """The agreements under which side `owner` lets its sealed part be read beside: the case's own timeline, which
    nobody can edit, is where that is written."""
    told = select(DealEvent.params).where(
        DealEvent.deal_id == deal_id, DealEvent.what == "nda_allowed", DealEvent.side == owner
    )
    return frozenset(params["agreement"] for params in work.session.scalars(told))


def revoke(work: Work, actor: Actor, deal_id: str, agreement_id: str) -> None:
    """A side ends somebody else's access to its sealed part, at once."""
    held = parties.hold(work, actor, deal_id, "revoke")
    made = work.session.get(Agreement, agreement_id, with_for_update=True)
    if made is None or made.deal_id != deal_id or made.side == held.side:
        raise NotFound("not_found")
    if made.revoked_at is None:
        made.revoked_at, made.revoked_by = work.now, actor.user_id
        deal_log.tell(work, actor, held.deal, "nda_revoked", side=held.side, name=made.name)
        audit.record(work, actor, "agreement.revoke", deal_id, agreement=agreement_id)


def under(work: Work, actor: Actor, deal_id: str, *, hold: bool = False) -> Agreement | None:
    """The actor's agreement in this case that holds now; with `hold` nobody ends it before the transaction does."""
    made = select(Agreement).where(
        Agreement.deal_id == deal_id, Agreement.user_id == actor.user_id, Agreement.revoked_at.is_(None),
        Agreement.expires_at > work.now,
    )  # fmt: skip
    latest = made.order_by(Agreement.expires_at.desc()).limit(1)
    return work.session.scalar(latest.with_for_update(read=True) if hold else latest)


def open_part(work: Work, actor: Actor, deal_id: str, owner: str) -> Opened:
    """The sealed part of the listing of side `owner`. Raises `Conflict` without an agreement that holds now, and for a
    guest whom the owner has not let read."""
    held, agreement = _under(work, actor, deal_id, owner, hold=True)
    listing = _listing(work, held, owner)
    text = sealed.read(work, work.session.get_one(Revision, listing.live_id)).text
    _log(work, actor, held, agreement, listing.uid, "text")
    stored = select(SealedFile).where(SealedFile.listing_id == listing.id).order_by(SealedFile.id)
    files = tuple(sealed_files.shown(work, one) for one in work.session.scalars(stored))
    return Opened(text, files, agreement)


def read_file(
    work: Work, actor: Actor, deal_id: str, owner: str, file_id: str
) -> tuple[File, Callable[[], bytes]]:
    """A sealed file, and what gives it with every page stamped with who reads it and when.

    To stamp takes seconds, in which nobody else shall wait for a transaction: it is done after this one, and it is
    given away after `seen` was written. Raises `Conflict` when it cannot be stamped.
    """
    listing = _listing(work, _under(work, actor, deal_id, owner)[0], owner)
    stored = work.session.get(SealedFile, file_id)
    if stored is None or stored.listing_id != listing.id:
        raise NotFound("file_not_found")
    plain = work.runtime.seal.open(SealedValue(stored.sealed_key, stored.sealed), sealed_files.place(file_id))
    reader = work.session.get_one(User, actor.user_id)
    stamp = partial(
        work.runtime.stamp, plain, stored.media_type, reader=f"{reader.name} <{reader.email}>", at=work.now
    )
    return sealed_files.shown(work, stored), stamp


def seen(work: Work, actor: Actor, deal_id: str, owner: str, file_id: str) -> None:
    """Write down that the actor is given this file now. Raises as `read_file` does: the agreement may have ended."""
    held, agreement = _under(work, actor, deal_id, owner, hold=True)
    _log(work, actor, held, agreement, _listing(work, held, owner).uid, file_id)


def is_sealed(work: Work, uid: str) -> bool:
    """Whether the public revision of this listing has a sealed text or file to be asked for."""
    text = select(Revision.id).join(Listing, Listing.live_id == Revision.id)
    file = select(SealedFile.id).join(Listing, Listing.id == SealedFile.listing_id).where(Listing.uid == uid)
    return (
        work.session.scalar(text.where(Listing.uid == uid, Revision.sealed.is_not(None))) is not None
        or work.session.scalar(file.limit(1)) is not None
    )


def looks(work: Work, actor: Actor, deal_id: str) -> list[tuple[Disclosure, str]]:
    """Every look at the sealed part of the actor's own side, the newest first, with who looked."""
    held = parties.seat(work, actor, deal_id, "looks")
    uid = parties.uid_of(held.deal, held.side)
    joined = select(Disclosure, User.name).join(User, User.id == Disclosure.user_id)
    rows = joined.where(Disclosure.uid == uid).order_by(Disclosure.at.desc(), Disclosure.id.desc())
    return [(look, name) for look, name in work.session.execute(rows)]


def agreements(work: Work, deal_id: str) -> list[Agreement]:
    rows = select(Agreement).where(Agreement.deal_id == deal_id).order_by(Agreement.accepted_at.desc())
    return list(work.session.scalars(rows))


def _under(
    work: Work, actor: Actor, deal_id: str, owner: str, *, hold: bool = False
) -> tuple[Seat, Agreement]:
    held = parties.seat(work, actor, deal_id, "protect")
    if owner not in parties.PRINCIPALS or owner == held.side:
        raise NotFound("not_found")
    agreement = under(work, actor, deal_id, hold=hold)
    if agreement is None:
        raise Conflict("no_agreement")
    if needs_leave(agreement, agreements(work, deal_id)) and agreement.id not in allowed(
        work, deal_id, owner
    ):
        raise Conflict("not_allowed_yet")
    return held, agreement


def _listing(work: Work, held: Seat, owner: str) -> Listing:
    uid = parties.uid_of(held.deal, owner)
    listing = work.session.scalars(select(Listing).where(Listing.uid == uid)).one()
    if listing.live_id is None or listing.status in ("withdrawn", "suspended"):
        raise Conflict("listing_closed")
    return listing


def _log(work: Work, actor: Actor, held: Seat, agreement: Agreement, uid: str, what: str) -> None:
    look = Disclosure(
        id=new_id(), deal_id=held.deal.id, agreement_id=agreement.id, uid=uid, user_id=actor.user_id, what=what,
        at=work.now,
    )  # fmt: skip
    work.session.add(look)
    work.session.flush()
    audit.record(work, actor, "sealed.look", uid, deal=held.deal.id, what=what)
