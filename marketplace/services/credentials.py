"""New passwords and new addresses: by a link from a letter, or by giving the old password once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update

from marketplace import passwords
from marketplace.errors import Conflict, Invalid
from marketplace.models.accounts import User
from marketplace.services import addresses, audit, sessions, throttle, tokens
from marketplace.services.accounts import Profile, mark_confirmed, profile_of
from marketplace.services.letters import post_letter
from marketplace.services.policy import Actor, permit
from marketplace.services.sign_in import Proof, accept_again
from marketplace.work import Work


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that was found acceptable, as it is kept. Made by `new_password` only."""

    hash: str = field(repr=False)


def new_password(password: str, *, about: Sequence[str] = (), path: str = "password") -> NewPassword:
    """Check and hash a password; slow by design, so done before a transaction begins. Raises `Invalid`."""
    if wrong := passwords.problems(password, path=path, about=about):
        raise Invalid(wrong)
    return NewPassword(passwords.hashed(password))


def ask_for_reset(work: Work, actor: Actor, *, email: str, address: str) -> None:
    """Send a link for a new password if there is such an account; nobody is told.

    Raises `TooMany`, and `Invalid` for what is no address.
    """
    email = addresses.normal(email)
    if wrong := addresses.problems(email, path="email"):
        raise Invalid(wrong)
    throttle.take(work, throttle.LETTERS_MAILBOX, email)
    throttle.take(work, throttle.LETTERS_ADDRESS, throttle.network(address))
    user_id = work.session.scalar(select(User.id).where(User.email == email, User.disabled_at.is_(None)))
    if user_id is not None:
        audit.record(work, actor, "password.ask", user_id, network=throttle.network(address))
        post_letter(work, "reset", user_id=user_id)


def start_reset(work: Work, actor: Actor, user_id: str) -> None:
    """An admin starts a person's new password and never learns it (OWASP ASVS 5.0, 6.4.6).

    Sessions end, and earlier links open nothing any more.
    """
    permit(actor, "people.manage")
    profile_of(work, user_id)
    sessions.end_all(work, user_id)
    tokens.void(work, user_id)
    audit.record(work, actor, "password.ask", user_id)
    post_letter(work, "reset", user_id=user_id)


def resetting(work: Work, token: str) -> Profile:
    """Whose password a link would set. Raises `NotFound` for a dead link."""
    return profile_of(work, tokens.look_up(work, "reset", token).user_id)


def reset(work: Work, actor: Actor, token: str, password: NewPassword) -> None:
    """Set a new password by the link from a letter; every session ends. Raises `NotFound` for a dead link."""
    proven = tokens.redeem(work, "reset", token)
    tokens.void(work, proven.user_id)
    mark_confirmed(work, proven)
    throttle.forget(work, throttle.SIGN_IN_ACCOUNT, proven.email)
    _set_password(work, Actor(proven.user_id), password, "password.reset")
    sessions.end_all(
        work, proven.user_id
    )  # After the password: nobody signs in with the former one any more.


def change_password(work: Work, actor: Actor, password: NewPassword, *, proof: Proof, token: str) -> None:
    """Set a new password. All other sessions end; this one, of `token`, goes on."""
    accept_again(work, actor, proof)
    sessions.end_others(work, actor, token)
    tokens.void(work, actor.user_id)
    _set_password(work, actor, password, "password.change")


def ask_to_move(work: Work, actor: Actor, email: str, *, proof: Proof) -> None:
    """Ask for another e-mail address: it becomes the account's when the link sent to it is used."""
    accept_again(work, actor, proof)
    email = addresses.normal(email)
    if wrong := addresses.problems(email, path="email"):
        raise Invalid(wrong)
    throttle.take(work, throttle.LETTERS_MAILBOX, email)
    audit.record(work, actor, "email.ask", actor.user_id)
    taken = work.session.scalar(select(User.id).where(User.email == email)) is not None
    if taken:
        post_letter(work, "already", email=email)
    else:
        post_letter(work, "move", user_id=actor.user_id, email=email)


def move(work: Work, actor: Actor, token: str) -> None:
    """The link sent to the new address was used: it is the account's from now on, and every session ends.

    Raises `NotFound` for a dead link, `Conflict` when somebody has registered the address meanwhile.
    """
    proven = tokens.redeem(work, "move", token)
    before = profile_of(work, proven.user_id)
    if (
        work.session.scalar(select(User.id).where(User.email == proven.email, User.id != before.id))
        is not None
    ):
        raise Conflict("email_taken")
    values = {"email": proven.email, "email_confirmed_at": work.now}
    work.session.execute(update(User).where(User.id == before.id).values(values))
    tokens.void(work, before.id)
    sessions.end_all(work, before.id)
    audit.record(work, Actor(before.id), "email.change", before.id)
    post_letter(work, "moved", user_id=before.id, email=before.email)


def _set_password(work: Work, actor: Actor, password: NewPassword, action: str) -> None:
    work.session.execute(update(User).where(User.id == actor.user_id).values(password_hash=password.hash))
    audit.record(work, actor, action, actor.user_id)
    post_letter(work, "password_changed", user_id=actor.user_id)
