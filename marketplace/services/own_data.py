"""Everything the exchange knows about a person, for that person (right of access)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, select

from marketplace.models.accounts import Invitation, Membership, Organisation, SecondFactor, SignIn, User
from marketplace.models.audit import AuditEntry
from marketplace.models.listings import Listing
from marketplace.models.notices import Notice
from marketplace.services import audit
from marketplace.services.policy import Actor
from marketplace.services.sign_in import Proof, accept_again
from marketplace.work import Work


def collect(work: Work, actor: Actor, *, proof: Proof) -> dict[str, Any]:
    """The person's data by subject, times as ISO 8601 text. No secret and no hash is in it.

    Asks for the password again: it is all in one piece.
    """
    accept_again(work, actor, proof)
    audit.record(work, actor, "account.export", actor.user_id)
    return {subject: _rows(work, wanted) for subject, wanted in _subjects(actor.user_id).items()}


def _subjects(user_id: str) -> dict[str, Select[Any]]:
    account = (User.id, User.email, User.name, User.language, User.terms_version, User.terms_accepted_at)
    session = (SignIn.created_at, SignIn.last_seen_at, SignIn.ended_at, SignIn.address, SignIn.agent)
    invitation = (Invitation.email, Invitation.role, Invitation.created_at, Invitation.accepted_at)
    listing = (Listing.uid, Listing.kind, Listing.status, Listing.created_at, Listing.updated_at)
    notice = (Notice.what, Notice.params, Notice.target, Notice.created_at, Notice.read_at)
    done = (AuditEntry.at, AuditEntry.action, AuditEntry.object, AuditEntry.outcome, AuditEntry.detail)
    held = select(Organisation.name, Membership.organisation_id, Membership.role, Membership.since)
    return {
        "account": select(*account, User.email_confirmed_at, User.created_at).where(User.id == user_id),
        "memberships": held.join(Membership).where(Membership.user_id == user_id),
        "sessions": select(*session).where(SignIn.user_id == user_id).order_by(SignIn.created_at),
        "second_factor": select(SecondFactor.confirmed_at).where(SecondFactor.user_id == user_id),
        "invitations_sent": select(*invitation).where(Invitation.invited_by == user_id),
        "listings": select(*listing).where(Listing.created_by == user_id).order_by(Listing.created_at),
        "notices": select(*notice).where(Notice.user_id == user_id).order_by(Notice.created_at),
        "done": select(*done).where(AuditEntry.actor == user_id).order_by(AuditEntry.n),
    }


def _rows(work: Work, wanted: Select[Any]) -> list[dict[str, Any]]:
    return [_plain(row) for row in work.session.execute(wanted)]


def _plain(row: Row[Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row._mapping.items()
    }
