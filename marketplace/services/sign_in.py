"""Signing in: from an address and a password to a session, from a session's secret to who asks.

Two short transactions, and the slow check of the password between them: `knock` counts the try and finds the
account, `Knock.proof` compares, `enter` or `turn_away` writes down how it went. An unknown address goes the
same way as a known one, takes as long and hears the same.

Who has a second factor is half in after the password: `waiting` tells whose code is awaited, `complete` opens.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select, update

from marketplace import passwords
from marketplace.errors import Forbidden, SignInNeeded
from marketplace.models.accounts import User
from marketplace.services import audit, codes, sessions, throttle
from marketplace.services.addresses import normal
from marketplace.services.codes import Given
from marketplace.services.policy import VISITOR, Actor
from marketplace.work import Work


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody at the door who gives an e-mail address; the try is counted already."""

    email: str
    network: str
    tries: tuple[str, ...] = ()
    user_id: str = ""
    """Empty when nobody has this address; then no password fits."""
    password_hash: str | None = field(default=None, repr=False)

    def proof(self, password: str) -> Proof | None:
        """Compare the password: some 30 ms of one core, whether or not there is such an account."""
        if not passwords.matches(self.password_hash, password) or self.password_hash is None:
            return None
        renewed = passwords.hashed(password) if passwords.is_outdated(self.password_hash) else ""
        return Proof(self, self.user_id, renewed)


@dataclass(frozen=True, slots=True)
class Proof:
    """The person of `user_id` has just given the right password. Made by `Knock.proof` only."""

    knock: Knock
    user_id: str
    renewed_hash: str = field(default="", repr=False)
    """The same password at today's cost, when it was kept at another."""


def knock(work: Work, actor: Actor, *, email: str, address: str) -> Knock:
    """Count a try from the network `address` and find the account. Raises `TooMany`, counting nothing.

    `actor` is the visitor who wants to sign in, or the person signed in who is asked for the password again.
    """
    email, network = normal(email), throttle.network(address)
    tries = (
        throttle.take(work, throttle.SIGN_IN_ACCOUNT, email),
        throttle.take(work, throttle.SIGN_IN_ADDRESS, network),
    )
    wanted = select(User.id, User.password_hash).where(User.email == email, User.disabled_at.is_(None))
    found = work.session.execute(wanted).one_or_none()
    return (
        Knock(email, network, tries, found.id, found.password_hash) if found else Knock(email, network, tries)
    )


def knock_again(work: Work, actor: Actor, *, address: str) -> Knock:
    """The same for somebody who is signed in and is asked once more, before something grave."""
    email = work.session.scalar(select(User.email).where(User.id == actor.user_id))
    if email is None:
        raise SignInNeeded
    return knock(work, actor, email=email, address=address)


@dataclass(frozen=True, slots=True)
class Entry:
    """How far somebody got: the secret for the cookie, and whether a code is still to come."""

    secret: str = field(repr=False)
    awaits_code: bool = False


def enter(work: Work, proof: Proof, *, agent: str = "") -> Entry:
    """Open a session, or half of one for who has a second factor. `agent` is what the browser calls itself."""
    accept(work, proof)
    if proof.renewed_hash:
        work.session.execute(
            update(User).where(User.id == proof.user_id).values(password_hash=proof.renewed_hash)
        )
    network = proof.knock.network
    if codes.is_on(work, proof.user_id):
        return Entry(sessions.open_half(work, proof.user_id, address=network, agent=agent), awaits_code=True)
    audit.record(work, Actor(proof.user_id), "sign_in", proof.user_id, network=network)
    return Entry(sessions.open_for(work, proof.user_id, address=network, agent=agent))


def waiting(work: Work, token: str) -> str:
    """Whose second factor this browser still owes. Raises `SignInNeeded` when nobody's, or no longer."""
    half = sessions.half_open(work, token)
    if half is None:
        raise SignInNeeded
    return half.user_id


def complete(work: Work, token: str, code: Given) -> str:
    """The second factor was given, too: the secret of the session that begins now."""
    half = sessions.half_open(work, token, hold=True)
    if half is None or half.user_id != code.user_id:
        raise SignInNeeded
    audit.record(work, Actor(code.user_id), "sign_in", code.user_id, network=half.address, code=True)
    return sessions.complete(work, half)


def accept(work: Work, proof: Proof) -> None:
    """Take the try from the count. Raises `SignInNeeded` if account or password changed since the knock."""
    known = select(User.id).where(
        User.id == proof.user_id, User.password_hash == proof.knock.password_hash, User.disabled_at.is_(None)
    )
    # Held, so that who changes the password or shuts the account at this moment ends this session too, or it never begins.
    if work.session.scalar(known.with_for_update()) is None:
        raise SignInNeeded
    throttle.forget(work, throttle.SIGN_IN_ACCOUNT, proof.knock.email)
    throttle.give_back(work, proof.knock.tries[-1])


def accept_again(work: Work, actor: Actor, proof: Proof) -> None:
    """Make sure that who asks for something grave is who has just given the password. Raises `Forbidden`."""
    if not actor.signed_in or proof.user_id != actor.user_id:
        raise Forbidden
    accept(work, proof)


def turn_away(work: Work, actor: Actor, knock: Knock) -> None:
    """Write down that the password was wrong, but not the address: people type their password there."""
    audit.record(
        work, actor if actor.signed_in else VISITOR, "sign_in", knock.user_id, "failed", network=knock.network
    )
