"""What people decided about matches, and the weights that were learned from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Count, Json, Table, new_id


class Decision(Table):
    """One organisation's word about one pair, with what the pair's score rested on at that moment.

    It is never changed: taken back it gets `undone_at`, decided anew there is a second row.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        Index("ix_decisions_pair", "demand_uid", "offer_uid"),
        Index("ix_decisions_organisation_id_at", "organisation_id", "at"),
    )
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    demand_uid: Mapped[str]
    offer_uid: Mapped[str] = mapped_column(index=True)
    demand_rev: Mapped[Count]
    offer_rev: Mapped[Count]
    verdict: Mapped[str]
    """accepted or rejected."""
    reasons: Mapped[str] = mapped_column(default="")
    """Codes of `services.decision_reasons` and, below them, free words: as `services.reasons.Reason` writes it."""
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    total: Mapped[int]
    ratings: Mapped[Any] = mapped_column(Json)
    """[rate, known] of each signal, in millionths, in the order of the rules that `model_version` names."""
    model_version: Mapped[str]
    statistics_version: Mapped[str]


class WeightVersion(Table):
    """Weights that were learned for the rules `rules`. At most one version is live and one the shadow."""

    __tablename__ = "weight_versions"
    version: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    rules: Mapped[str]
    weights: Mapped[Any] = mapped_column(Json)
    """Name of a signal -> its weight."""
    calibration: Mapped[Any] = mapped_column(Json)
    figures: Mapped[Any] = mapped_column(Json)
    """What was measured when it was learned, see `matching.learning.Figures`."""
    state: Mapped[str] = mapped_column(default="candidate")
    """candidate, shadow, live or retired."""
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(default="")
    adopted_at: Mapped[datetime | None]
