"""Invitations: how a person joins an organisation, registered already or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from marketplace.db import new_id
from marketplace.errors import Forbidden, Invalid, NotFound
from marketplace.models.accounts import Invitation, Membership, Organisation, User
from marketplace.services import accounts, addresses, audit, memberships, throttle, tokens
from marketplace.services.letters import post_letter
from marketplace.services.policy import Actor, permit
from marketplace.work import Work
from vocabulary.problems import Problem

LIVES = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invited:
    """An open invitation."""

    id: str
    organisation_id: str
    organisation: str
    email: str
    role: str
    by: str
    expires_at: datetime


def invite(work: Work, actor: Actor, organisation_id: str, *, email: str, role: str) -> str:
    """Invite an address for seven days; the invitation's id. An earlier one to the same address ends.

    Raises `Forbidden` while the actor's own address is unconfirmed, `Invalid`, `TooMany`.
    """
    permit(actor, "organisation.manage", organisation_id)
    if not actor.confirmed:
        raise Forbidden("confirm_first")
    email = addresses.normal(email)
    _check(work, actor, organisation_id, email, role)
    throttle.take(work, throttle.INVITATIONS, actor.user_id)
    throttle.take(work, throttle.LETTERS_MAILBOX, email)
    _revoke(work, and_(Invitation.organisation_id == organisation_id, Invitation.email == email))
    invitation = Invitation(id=new_id(), organisation_id=organisation_id, email=email, role=role)
    # Nobody holds this secret: the letter makes its own when it is written.
    invitation.token_hash, invitation.invited_by = tokens.hash_of(tokens.fresh()), actor.user_id
    invitation.created_at, invitation.expires_at = work.now, work.now + LIVES
    work.session.add(invitation)
    audit.record(work, actor, "invitation.send", organisation_id, invitation=invitation.id, role=role)
    post_letter(work, "invitation", invitation_id=invitation.id, language=actor.language)
    return invitation.id


def still_open(work: Work, actor: Actor, organisation_id: str) -> list[Invited]:
    """The organisation's open invitations, the latest first."""
    permit(actor, "organisation.manage", organisation_id)
    return _invited(work, Invitation.organisation_id == organisation_id)


def revoke(work: Work, actor: Actor, organisation_id: str, invitation_id: str) -> None:
    """Take an invitation back: its link opens nothing any more."""
    permit(actor, "organisation.manage", organisation_id)
    if not _revoke(work, and_(Invitation.id == invitation_id, Invitation.organisation_id == organisation_id)):
        raise NotFound("not_found")
    audit.record(work, actor, "invitation.revoke", organisation_id, invitation=invitation_id)


def by_link(work: Work, token: str) -> Invited:
    """The invitation a link belongs to. Raises `NotFound` when it is unknown, used, taken back or too old."""
    found = _invited(work, Invitation.token_hash == tokens.hash_of(token))
    if not found:
        raise NotFound("link_dead")
    return found[0]


def waiting(work: Work, actor: Actor) -> list[Invited]:
    """Invitations to the actor's own confirmed address."""
    own = accounts.profile(work, actor)
    return _invited(work, Invitation.email == own.email) if own.confirmed else []


def accept(work: Work, actor: Actor, token: str) -> Invited:
    """Join by the link from the letter, which also proves the address it was sent to.

    Raises `NotFound` for a dead link and `Forbidden` when the actor's account has another address.
    """
    permit(actor, "organisation.join")
    invited = by_link(work, token)
    if accounts.profile(work, actor).email != invited.email:
        raise Forbidden("invitation_to_another")
    accounts.mark_confirmed(work, tokens.Proven(actor.user_id, invited.email))
    return _join(work, actor, invited)


def accept_waiting(work: Work, actor: Actor, invitation_id: str) -> Invited:
    """Join by an invitation to the actor's own confirmed address. Raises `NotFound` for any other."""
    permit(actor, "organisation.join")
    own = [invited for invited in waiting(work, actor) if invited.id == invitation_id]
    if not own:
        raise NotFound("not_found")
    return _join(work, actor, own[0])


def _join(work: Work, actor: Actor, invited: Invited) -> Invited:
    used = update(Invitation).where(_is_open(work), Invitation.id == invited.id).values(accepted_at=work.now)
    if work.session.scalar(used.returning(Invitation.id)) is None:
        raise NotFound("link_dead")
    memberships.join(work, actor, invited.organisation_id, invited.role)
    return invited


def _check(work: Work, actor: Actor, organisation_id: str, email: str, role: str) -> None:
    wrong = addresses.problems(email, path="email")
    if role not in memberships.grantable(work, actor, organisation_id):
        wrong.append(Problem("role", "role_not_yours"))
    if memberships.is_member(work, organisation_id, email, role):
        wrong.append(Problem("email", "member_already"))
    if wrong:
        raise Invalid(wrong)


def _invited(work: Work, which: ColumnElement[bool]) -> list[Invited]:
    columns = (
        *(Invitation.id, Invitation.organisation_id, Organisation.name, Invitation.email),
        *(Invitation.role, User.name, Invitation.expires_at),
    )
    wanted = (
        select(*columns)
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .join(User, User.id == Invitation.invited_by)
        .where(which, _is_open(work))
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
    )
    return [Invited(*row) for row in work.session.execute(wanted)]


def _is_open(work: Work) -> ColumnElement[bool]:
    unused = and_(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    return and_(unused, Invitation.expires_at > work.now, _inviter_still_may())


def _inviter_still_may() -> ColumnElement[bool]:
    """Whoever was shown out, or whose account was shut, has left no way in: `organisation.manage`, asked of the tables."""
    inviter = and_(User.id == Invitation.invited_by, User.disabled_at.is_(None))
    owner = and_(Membership.organisation_id == Invitation.organisation_id, Membership.role == "owner")
    held = exists().where(Membership.user_id == User.id, Organisation.id == Membership.organisation_id)
    admin = and_(Organisation.is_exchange, Membership.role == "admin")
    return held.where(inviter, or_(owner, admin)).correlate(Invitation)


def _revoke(work: Work, which: ColumnElement[bool]) -> bool:
    ended = update(Invitation).where(which, _is_open(work)).values(revoked_at=work.now)
    return bool(work.session.execute(ended.returning(Invitation.id)).all())
