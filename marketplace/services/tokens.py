"""Secrets that open one thing: 256 bits for a person, their hash for the database."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, select, update

from marketplace.errors import NotFound
from marketplace.models.accounts import MailToken
from marketplace.work import Work

LIVES = {
    "confirm": timedelta(hours=72),
    "reset": timedelta(hours=1),
    "move": timedelta(hours=24),
}
"""How long a link lives. To confirm an address people look again after a weekend; a link that sets a password
lives an hour at most (OWASP ASVS 5.0, 6.4.3)."""
WAYS_IN = ("reset", "move")
"""Links by which somebody gets hold of an account without its password."""
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Proven:
    """Who used a link, and the address that they have shown to be theirs."""

    user_id: str
    email: str


def fresh() -> str:
    """A new secret, 43 characters that may stand in a URL."""
    return secrets.token_urlsafe(32)


def derived(work: Work, what: str) -> str:
    """A secret like a fresh one, the same whenever it is asked for while the first of `SECRET_KEYS` stays."""
    made = hmac.new(work.runtime.settings.secret_keys[0], f"token {what}".encode(), "sha256").digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def hash_of(token: str) -> str:
    """What is stored. A fast hash is enough: there are 2^256 secrets to guess from."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def issue(work: Work, purpose: str, user_id: str, email: str) -> str:
    """A new link's secret. Earlier ones go on living: letters overtake each other."""
    token = fresh()
    ends = work.now + LIVES[purpose]
    kept = MailToken(
        token_hash=hash_of(token), purpose=purpose, user_id=user_id, email=email, created_at=work.now
    )
    kept.expires_at = ends
    work.session.add(kept)
    return token


def look_up(work: Work, purpose: str, token: str) -> Proven:
    """Whose link it is, leaving it unused. Raises `NotFound` when it is unknown, used or too old."""
    found = work.session.execute(
        select(MailToken.user_id, MailToken.email).where(_is_alive(work, purpose, token))
    ).one_or_none()
    return _proven(found)


def redeem(work: Work, purpose: str, token: str) -> Proven:
    """Use the link: of any number of people who try at once, one succeeds; the others get `NotFound`."""
    used = update(MailToken).where(_is_alive(work, purpose, token)).values(used_at=work.now)
    return _proven(work.session.execute(used.returning(MailToken.user_id, MailToken.email)).one_or_none())


def void(work: Work, user_id: str, purposes: Collection[str] = WAYS_IN) -> None:
    """Make all other links of these kinds worthless: what they were for is done, or the account is in other hands."""
    unused = update(MailToken).where(
        MailToken.user_id == user_id, MailToken.purpose.in_(purposes), MailToken.used_at.is_(None)
    )
    work.session.execute(unused.values(used_at=work.now))


def sweep(work: Work) -> None:
    work.session.execute(delete(MailToken).where(MailToken.expires_at < work.now - KEPT))


def _is_alive(work: Work, purpose: str, token: str) -> ColumnElement[bool]:
    known = and_(MailToken.token_hash == hash_of(token), MailToken.purpose == purpose)
    return and_(known, MailToken.used_at.is_(None), MailToken.expires_at > work.now)


def _proven(row: tuple[str, str] | None) -> Proven:
    if row is None:
        raise NotFound("link_dead")
    return Proven(*row)
