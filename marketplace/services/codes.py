"""The codes that people give beside their password: those of an authenticator app, and those kept for when it is lost.

An app's code is RFC 6238 as every app speaks it: six digits, SHA-1, thirty seconds. A recovery code is a secret of 120
bits, so that a plain hash keeps it (OWASP ASVS 5.0, 6.5.2). Each code opens once.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import timedelta

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import ColumnElement, and_, delete, func, select, update

from marketplace.models.accounts import RecoveryCode, SecondFactor
from marketplace.seal import SealedValue
from marketplace.services import audit, throttle
from marketplace.services.policy import Actor
from marketplace.services.throttle import Limit
from marketplace.services.tokens import hash_of
from marketplace.work import Work

STEPS_ASIDE = 1
"""A telephone's clock may be half a minute off, and people need some seconds to type (RFC 6238, 5.2)."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 15  # 24 letters and digits of base32, without padding
TRIES = Limit("second_factor", 5, timedelta(minutes=15))
"""Wrong codes of one person, whose password is known already. At 480 tries a day, three codes of a million being right
at any time, a guesser needs two years."""


@dataclass(frozen=True, slots=True)
class Given:
    """The person of `user_id` has just given a right code. Made by `take` only."""

    user_id: str


def is_on(work: Work, user_id: str) -> bool:
    """Whether this person is asked for a code."""
    confirmed = select(SecondFactor.confirmed_at).where(SecondFactor.user_id == user_id)
    return work.session.scalar(confirmed) is not None


def knock(work: Work, user_id: str) -> str:
    """Count a try, in a transaction of its own; its id, for `throttle.give_back`. Raises `TooMany`."""
    return throttle.take(work, TRIES, user_id)


def take(work: Work, user_id: str, code: str, *, tried: str) -> Given | None:
    """Use a code up, of the app or a recovery code; None, and a line in the audit, when it is no good.

    Of any number of people who give the same code at once, one succeeds.
    """
    right = _of_the_app(work, user_id, code) or _of_recovery(work, user_id, code)
    if not right:
        audit.record(work, Actor(user_id), "second_factor", user_id, "failed")
        return None
    throttle.give_back(work, tried)
    return Given(user_id)


def app(work: Work, row: SecondFactor) -> pyotp.TOTP:
    """What the person's app knows, too."""
    sealed = SealedValue(row.sealed_key, row.sealed)
    return pyotp.TOTP(work.runtime.seal.open(sealed, place(row.user_id)).decode())


def place(user_id: str) -> str:
    """What the sealed secret is bound to."""
    return f"second_factors/{user_id}"


def fresh_recovery_codes(work: Work, user_id: str) -> tuple[str, ...]:
    """New recovery codes, to be shown once; all earlier ones are worthless from now on."""
    forget_recovery_codes(work, user_id)
    codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
    work.session.add_all(
        RecoveryCode(code_hash=hash_of(plain(code)), user_id=user_id, created_at=work.now) for code in codes
    )
    return codes


def forget_recovery_codes(work: Work, user_id: str) -> None:
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def recovery_codes_left(work: Work, user_id: str) -> int:
    unused = select(func.count()).select_from(RecoveryCode).where(_unused(user_id))
    return work.session.scalar(unused) or 0


def plain(code: str) -> str:
    """A code as it is compared: however it was spaced, hyphenated or capitalised."""
    return "".join(character for character in code.upper() if character.isascii() and character.isalnum())


def _of_the_app(work: Work, user_id: str, code: str) -> bool:
    row = work.session.get(SecondFactor, user_id)
    if row is None:
        return False
    try:
        step = app(work, row).verify_and_get_timecode(
            plain(code), for_time=work.now, valid_window=STEPS_ASIDE
        )
    except OTPVerificationError:
        return False
    # The database decides whether it is new, so that two who read over one shoulder do not both get in.
    unused = and_(SecondFactor.user_id == user_id, SecondFactor.last_step < step)
    used = update(SecondFactor).where(unused).values(last_step=step).returning(SecondFactor.user_id)
    return work.session.execute(used).one_or_none() is not None


def _of_recovery(work: Work, user_id: str, code: str) -> bool:
    known = and_(_unused(user_id), RecoveryCode.code_hash == hash_of(plain(code)))
    used = update(RecoveryCode).where(known).values(used_at=work.now).returning(RecoveryCode.user_id)
    return work.session.execute(used).one_or_none() is not None


def _unused(user_id: str) -> ColumnElement[bool]:
    return and_(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))


def _recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))
