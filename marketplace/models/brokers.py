"""The register of brokers: who may be asked to bring two sides together, for what, and how much at a time."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Json, Table, new_id


class Broker(Table):
    """One entry: a person, or (without `user_id`) an organisation that leads a network of brokers.

    What a broker has achieved is not written here: it is counted from the ledger of outcomes.
    """

    __tablename__ = "brokers"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), unique=True)
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("brokers.id"))
    """The organisation's entry that leads the network this broker belongs to."""
    about: Mapped[str] = mapped_column(default="")
    certificate: Mapped[str] = mapped_column(default="")
    issuer: Mapped[str] = mapped_column(default="")
    certified_until: Mapped[date | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    fields: Mapped[Any] = mapped_column(Json, default=list)
    provinces: Mapped[Any] = mapped_column(Json, default=list)
    languages: Mapped[Any] = mapped_column(Json, default=list)
    capacity: Mapped[int] = mapped_column(default=10)
    """Live cases this broker takes at a time."""
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class Conflict(Table):
    """An organisation with which a broker has an interest of his own: no case of it is given to him."""

    __tablename__ = "broker_conflicts"
    __table_args__ = (UniqueConstraint("broker_id", "organisation_id"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    broker_id: Mapped[str] = mapped_column(ForeignKey("brokers.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    declared_at: Mapped[datetime]
