"""Accounts: registering, confirming an address, what a person may change, and shutting an account.

Whatever a stranger can ask with nothing but an address has one answer, whether or not such an account exists;
what is true is said in a letter to that address.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from marketplace import passwords
from marketplace.db import new_id
from marketplace.errors import Conflict, Invalid, NotFound
from marketplace.languages import DEFAULT, LANGUAGES
from marketplace.models.accounts import User
from marketplace.services import addresses, audit, names, sessions, throttle, tokens
from marketplace.services.letters import post_letter
from marketplace.services.policy import Actor, permit
from marketplace.work import Work
from vocabulary.problems import Problem

TERMS_VERSION = "2026-11"
"""The terms of use people accept when they register. To be changed with every change of their text."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Everything needed for an account, checked. Made by `registration` only."""

    email: str
    name: str
    password_hash: str = field(repr=False)
    language: str
    terms_version: str


@dataclass(frozen=True, slots=True)
class Profile:
    """An account as its owner sees it."""

    id: str
    email: str
    name: str
    language: str
    confirmed: bool


def registration(*, email: str, name: str, password: str, language: str, terms_version: str) -> Registration:
    """Check what somebody typed to register, hash the password. Raises `Invalid` with all that is wrong."""
    email, name = addresses.normal(email), names.tidy(name)
    wrong = names.problems(name, path="name", longest=names.LONGEST_PERSON) + addresses.problems(
        email, path="email"
    )
    wrong += passwords.problems(password, path="password", about=(email, name))
    if terms_version != TERMS_VERSION:
        wrong.append(Problem("terms", "terms_not_accepted"))
    if wrong:
        raise Invalid(wrong)
    return Registration(email, name, passwords.hashed(password), _known(language), terms_version)


def register(work: Work, actor: Actor, asked: Registration, *, address: str) -> None:
    """Open an account and send the link that confirms its address; or tell an existing one's owner by letter.

    `address` is the network address of who asks. Raises `TooMany`.
    """
    permit(actor, "account.enter")
    throttle.take(work, throttle.LETTERS_MAILBOX, asked.email)
    throttle.take(work, throttle.REGISTER_ADDRESS, throttle.network(address))
    known = work.session.execute(select(User.id).where(User.email == asked.email)).scalar()
    if known is None and (user_id := _add(work, asked)):
        audit.record(work, Actor(user_id), "account.register", user_id, terms=asked.terms_version)
        post_letter(work, "confirm", user_id=user_id)
    else:
        post_letter(work, "already", email=asked.email)


def open_account(work: Work, actor: Actor, asked: Registration) -> str:
    """An account opened by an admin, a command or the demo: its address counts as confirmed. Its id.

    Raises `Conflict` when the address has an account.
    """
    permit(actor, "people.manage")
    user_id = _add(work, asked)
    if not user_id:
        raise Conflict("email_taken")
    work.session.execute(update(User).where(User.id == user_id).values(email_confirmed_at=work.now))
    audit.record(work, actor, "account.open", user_id, terms=asked.terms_version)
    return user_id


def confirm(work: Work, actor: Actor, token: str) -> None:
    """The link from the letter was used: the address is the person's. Raises `NotFound` for a dead link."""
    proven = tokens.redeem(work, "confirm", token)
    mark_confirmed(work, proven)
    tokens.void(work, proven.user_id, ("confirm",))
    audit.record(work, Actor(proven.user_id), "account.confirm", proven.user_id)


def ask_for_confirmation(work: Work, actor: Actor, *, address: str) -> None:
    """Send the link again. Raises `TooMany`."""
    permit(actor, "account.own")
    user = profile(work, actor)
    if not user.confirmed:
        throttle.take(work, throttle.LETTERS_MAILBOX, user.email)
        post_letter(work, "confirm", user_id=user.id)


def profile(work: Work, actor: Actor) -> Profile:
    permit(actor, "account.own")
    return profile_of(work, actor.user_id)


def change_profile(work: Work, actor: Actor, *, name: str, language: str) -> None:
    """Change the name others see and the language letters are written in. Raises `Invalid`."""
    permit(actor, "account.own")
    name = names.tidy(name)
    if wrong := names.problems(name, path="name", longest=names.LONGEST_PERSON):
        raise Invalid(wrong)
    changed = update(User).where(User.id == actor.user_id)
    work.session.execute(changed.values(name=name, language=_known(language)))


def disable(work: Work, actor: Actor, user_id: str) -> None:
    """Shut an account: nobody comes in under it, its sessions and links end at once. What it posted stays."""
    permit(actor, "people.manage")
    profile_of(work, user_id)
    work.session.execute(update(User).where(User.id == user_id).values(disabled_at=work.now))
    sessions.end_all(work, user_id)
    tokens.void(work, user_id)
    audit.record(work, actor, "account.disable", user_id)


def enable(work: Work, actor: Actor, user_id: str) -> None:
    permit(actor, "people.manage")
    profile_of(work, user_id)
    work.session.execute(update(User).where(User.id == user_id).values(disabled_at=None))
    audit.record(work, actor, "account.enable", user_id)


def find(work: Work, actor: Actor, email: str) -> Profile:
    """The account with this address, for an admin. Raises `NotFound`."""
    permit(actor, "people.manage")
    user_id = work.session.scalar(select(User.id).where(User.email == addresses.normal(email)))
    if user_id is None:
        raise NotFound("account_unknown", email=email)
    return profile_of(work, user_id)


def profile_of(work: Work, user_id: str) -> Profile:
    """The account of this id. Raises `NotFound`."""
    columns = (User.id, User.email, User.name, User.language, User.email_confirmed_at)
    found = work.session.execute(select(*columns).where(User.id == user_id)).one_or_none()
    if found is None:
        raise NotFound("not_found")
    return Profile(found.id, found.email, found.name, found.language, found.email_confirmed_at is not None)


def mark_confirmed(work: Work, proven: tokens.Proven) -> None:
    """A link sent to an address proves that address, as long as the account still has it."""
    unconfirmed = update(User).where(User.id == proven.user_id, User.email == proven.email)
    work.session.execute(
        unconfirmed.where(User.email_confirmed_at.is_(None)).values(email_confirmed_at=work.now)
    )


def _add(work: Work, asked: Registration) -> str:
    """The new account's id; empty when somebody was quicker with the same address."""
    user = User(id=new_id(), email=asked.email, name=asked.name, password_hash=asked.password_hash)
    user.language, user.terms_version, user.terms_accepted_at = asked.language, asked.terms_version, work.now
    user.created_at = work.now
    try:
        with work.session.begin_nested():
            work.session.add(user)
    except IntegrityError:
        return ""
    return user.id


def _known(language: str) -> str:
    return language if language in LANGUAGES else DEFAULT
