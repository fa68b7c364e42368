"""Cases: an introduction and what follows from it, up to a transfer or a closed file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Json, Table, new_id


class Deal(Table):
    """One demand and one offer on their way from an introduction to an outcome."""

    __tablename__ = "deals"
    __table_args__ = (
        Index("ix_deals_broker_id_stage_due_at", "broker_id", "stage", "due_at"),
        Index("ix_deals_demand_uid_offer_uid", "demand_uid", "offer_uid"),
    )
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    demand_uid: Mapped[str]
    offer_uid: Mapped[str]
    demand_title: Mapped[str]
    offer_title: Mapped[str]
    """As both were called when the case was opened: a case can be read when a listing is gone."""
    demand_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    offer_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    broker_id: Mapped[str | None] = mapped_column(ForeignKey("brokers.id"))
    direct: Mapped[bool] = mapped_column(default=False)
    """The sides go without a broker."""
    asked_by: Mapped[str]
    """demand, offer or broker."""
    answers: Mapped[Any] = mapped_column(Json, default=dict)
    """To the three questions of an introduction."""
    demand_agreed_at: Mapped[datetime | None]
    offer_agreed_at: Mapped[datetime | None]
    stage: Mapped[str]
    stage_since: Mapped[datetime]
    due_at: Mapped[datetime | None]
    before: Mapped[str] = mapped_column(default="")
    """The stage that closing interrupted."""
    reason: Mapped[str] = mapped_column(default="")
    """Why it was closed."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class DealEvent(Table):
    """What happened in a case, in order; nothing of it is ever changed."""

    __tablename__ = "deal_events"
    __table_args__ = (Index("ix_deal_events_deal_id_at", "deal_id", "at"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.id"))
    at: Mapped[datetime]
    what: Mapped[str]
    """The message `deal.event_<what>`."""
    side: Mapped[str] = mapped_column(default="")
    actor_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    params: Mapped[Any] = mapped_column(Json, default=dict)


class Assignment(Table):
    """A broker was given a case, why, and how that ended."""

    __tablename__ = "assignments"
    __table_args__ = (Index("ix_assignments_broker_id_at", "broker_id", "at"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.id"), index=True)
    broker_id: Mapped[str] = mapped_column(ForeignKey("brokers.id"))
    at: Mapped[datetime]
    reason: Mapped[Any] = mapped_column(Json)
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str] = mapped_column(default="")


class Party(Table):
    """Somebody who was invited into a case beside its two sides and its broker: a funder or an adviser."""

    __tablename__ = "deal_parties"
    __table_args__ = (UniqueConstraint("deal_id", "user_id"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.id"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    side: Mapped[str]
    """funder or adviser."""
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
