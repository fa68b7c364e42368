"""People, organisations, and how the two belong together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Table, new_id

ROLES = ("owner", "editor", "broker", "moderator", "operator", "evaluator", "admin")
STAFF_ROLES = ("moderator", "operator", "evaluator", "admin")
"""Roles a person holds in the exchange's own organisation; the others belong to any organisation."""


class User(Table):
    __tablename__ = "users"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    """Folded to lower case, NFC: one person, one address."""
    name: Mapped[str]
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(default="vi")
    terms_version: Mapped[str]
    terms_accepted_at: Mapped[datetime]
    email_confirmed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Organisation(Table):
    __tablename__ = "organisations"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(index=True)
    """The folded name, for finding the same organisation typed another way."""
    name_en: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="enterprise")
    code: Mapped[str] = mapped_column(default="", index=True)
    """Tax or registration code, empty when not given."""
    province: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(default="")
    is_exchange: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Membership(Table):
    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "organisation_id", "role"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[str]
    since: Mapped[datetime]


class Invitation(Table):
    __tablename__ = "invitations"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    email: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    invited_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignIn(Table):
    """A session: one browser signed in. Only the hash of its token is stored."""

    __tablename__ = "sign_ins"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    awaits_code: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The password was right and the second factor is still to come: nobody is signed in by it yet."""
    address: Mapped[str] = mapped_column(default="")
    agent: Mapped[str] = mapped_column(default="")


class SecondFactor(Table):
    """A person's authenticator app (RFC 6238): the secret both sides know, sealed, and what was used of it."""

    __tablename__ = "second_factors"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    sealed: Mapped[bytes]
    sealed_key: Mapped[str]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    """When the first code of the app was given; until then it is asked for nowhere."""
    last_step: Mapped[int] = mapped_column(default=0)
    """The thirty seconds, counted since 1970, whose code was used last. No code of it or before is taken again."""


class RecoveryCode(Table):
    """A way in for who has lost the app, once. Only its hash is stored."""

    __tablename__ = "recovery_codes"
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class MailToken(Table):
    """A single-use link sent by mail: to confirm an address, to move to another, or to set a new password."""

    __tablename__ = "mail_tokens"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    email: Mapped[str]
    """The address it was sent to, which its use proves; the account may have another by then."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Attempt(Table):
    """What was tried, for throttling: `key` is a keyed hash of what was tried and of the account or network."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_key_at", "key", "at"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str]
    at: Mapped[datetime]
