"""A person's second factor: setting it up, new recovery codes, and turning it off. Each asks for the password again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import delete, select, update

from marketplace.errors import Conflict, Forbidden, NotFound
from marketplace.models.accounts import SecondFactor, User
from marketplace.services import audit, codes, sessions
from marketplace.services.codes import Given
from marketplace.services.letters import post_letter
from marketplace.services.policy import Actor, permit
from marketplace.services.sign_in import Proof, accept_again
from marketplace.work import Work


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a person is asked for codes, since when, and how many recovery codes are left."""

    since: datetime | None
    codes_left: int = 0

    @property
    def on(self) -> bool:
        return self.since is not None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app has to learn: `secret` for people who type, `uri` for a QR code."""

    secret: str
    uri: str


def standing(work: Work, actor: Actor) -> Standing:
    row = work.session.get(SecondFactor, actor.user_id)
    if row is None:
        return Standing(None)
    return Standing(row.confirmed_at, codes.recovery_codes_left(work, actor.user_id))


def start(work: Work, actor: Actor, *, proof: Proof) -> None:
    """Make a secret for the person's app. Nothing is asked for before `confirm`. Raises `Conflict` when one is in use."""
    accept_again(work, actor, proof)
    if codes.is_on(work, actor.user_id):
        raise Conflict("second_factor_on")
    sealed = work.runtime.seal.close(pyotp.random_base32().encode(), codes.place(actor.user_id))
    made = SecondFactor(user_id=actor.user_id, sealed=sealed.data, sealed_key=sealed.key_id, last_step=0)
    made.created_at = work.now
    work.session.merge(made)
    audit.record(work, actor, "second_factor.start", actor.user_id)


def enrolment(work: Work, actor: Actor) -> Enrolment:
    """The secret that was made, as long as it is not in use; never again afterwards. Raises `NotFound`."""
    row = work.session.get(SecondFactor, actor.user_id)
    if row is None or row.confirmed_at is not None:
        raise NotFound("not_found")
    known, settings = codes.app(work, row), work.runtime.settings
    email = work.session.scalars(select(User.email).where(User.id == actor.user_id)).one()
    issuer = settings.exchange_name or f"Giao {settings.node_id}"
    return Enrolment(known.secret, known.provisioning_uri(name=email, issuer_name=issuer))


def confirm(work: Work, actor: Actor, *, code: Given, token: str) -> tuple[str, tuple[str, ...]]:
    """The app has shown that it knows the secret: codes are asked for from now on.

    Every other session ends, this one goes on under a new secret. Returns that secret and the recovery codes.
    """
    _same(actor, code)
    begun = update(SecondFactor).where(
        SecondFactor.user_id == actor.user_id, SecondFactor.confirmed_at.is_(None)
    )
    turned = work.session.execute(begun.values(confirmed_at=work.now).returning(SecondFactor.user_id))
    if turned.one_or_none() is None:
        raise Conflict("second_factor_on")
    _tell(work, actor, actor.user_id, "on")
    return sessions.renew(work, actor, token), codes.fresh_recovery_codes(work, actor.user_id)


def new_recovery_codes(work: Work, actor: Actor, *, proof: Proof, code: Given) -> tuple[str, ...]:
    """Recovery codes anew; the earlier ones open nothing any more."""
    accept_again(work, actor, proof)
    _same(actor, code)
    audit.record(work, actor, "second_factor.codes", actor.user_id)
    return codes.fresh_recovery_codes(work, actor.user_id)


def turn_off(work: Work, actor: Actor, *, proof: Proof, code: Given, token: str) -> str:
    """Ask for no code any more. Other sessions end; the new secret of this one."""
    accept_again(work, actor, proof)
    _same(actor, code)
    _forget(work, actor, actor.user_id)
    return sessions.renew(work, actor, token)


def take_away(work: Work, actor: Actor, user_id: str) -> None:
    """For somebody who lost app and recovery codes; only admins, who have made sure that it is that person.

    Sessions end, the owner of the account is told. Raises `Conflict` when there is none.
    """
    permit(actor, "people.manage")
    if not codes.is_on(work, user_id):
        raise Conflict("second_factor_off")
    _forget(work, actor, user_id)
    sessions.end_all(work, user_id)


def _forget(work: Work, actor: Actor, user_id: str) -> None:
    work.session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
    codes.forget_recovery_codes(work, user_id)
    _tell(work, actor, user_id, "off")


def _tell(work: Work, actor: Actor, user_id: str, what: str) -> None:
    audit.record(work, actor, f"second_factor.{what}", user_id)
    post_letter(work, f"second_factor_{what}", user_id=user_id)


def _same(actor: Actor, code: Given) -> None:
    if not actor.signed_in or code.user_id != actor.user_id:
        raise Forbidden
