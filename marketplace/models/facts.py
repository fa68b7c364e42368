"""Rates of currencies as operators entered them, and the facts that scores rest on."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Table


class CurrencyRate(Table):
    """One rate as it was entered. Nothing is changed or removed: of one day the one entered last counts."""

    __tablename__ = "currency_rates"
    __table_args__ = (Index("ix_currency_rates_currency_day", "currency", "day", "n"),)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counted from 1."""
    currency: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    """Whole đồng for so many `units`."""
    units: Mapped[int]
    day: Mapped[date]
    source: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]


class Facts(Table):
    """Facts as they were when scores were made with them; the `current` ones are used now."""

    __tablename__ = "facts"
    version: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    current: Mapped[bool] = mapped_column(default=False)
