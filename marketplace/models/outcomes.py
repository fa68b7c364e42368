"""What was disclosed under an agreement, and what came of a case: nothing here is edited, only added to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Json, Table, new_id


class Agreement(Table):
    """A named person has accepted a version of the confidentiality terms, for a purpose and a time."""

    __tablename__ = "agreements"
    __table_args__ = (Index("ix_agreements_deal_id_user_id", "deal_id", "user_id"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.id"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    side: Mapped[str]
    name: Mapped[str]
    text_version: Mapped[str]
    purpose: Mapped[str]
    accepted_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))


class Disclosure(Table):
    """One look at a sealed part: who, when, and at what (`text`, or the id of a file)."""

    __tablename__ = "disclosures"
    __table_args__ = (Index("ix_disclosures_uid_at", "uid", "at"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.id"), index=True)
    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreements.id"))
    uid: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    what: Mapped[str]
    at: Mapped[datetime]


class LedgerEntry(Table):
    """One entry of the ledger of outcomes: a claim, an attestation or a dispute; each holds the hash of the one
    before."""

    __tablename__ = "ledger_entries"
    __table_args__ = (Index("ix_ledger_entries_deal_id_n", "deal_id", "n"),)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    """claim, attest, dispute or settle."""
    side: Mapped[str]
    actor_id: Mapped[str]
    body: Mapped[Any] = mapped_column(Json)
    previous_hash: Mapped[str]
    hash: Mapped[str]


class Licence(Table):
    """What an agreement granted on an offer, as it stands in the way of others."""

    __tablename__ = "licences"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    offer_uid: Mapped[str] = mapped_column(index=True)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.id"), unique=True)
    holder_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    form: Mapped[str]
    territory: Mapped[Any] = mapped_column(Json, default=list)
    uses: Mapped[Any] = mapped_column(Json, default=list)
    first: Mapped[date]
    last: Mapped[date | None]
    ended_at: Mapped[datetime | None]


class Survey(Table):
    """Three answers of one party when a case has ended, each 1 (not at all) to 5 (fully)."""

    __tablename__ = "surveys"
    __table_args__ = (UniqueConstraint("deal_id", "side"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.id"))
    side: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    answers: Mapped[Any] = mapped_column(Json)
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
