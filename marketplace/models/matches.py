"""Matches that were found, and the statistics their scores rest on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Count, Json, Table

IS_GOOD = text("total >= 60000")
"""Whether a match is over the bar (`matching.model.BAR`). Asked in these very words it is answered from an index of those
that are, few and short, with whatever is asked of many at once: the rows themselves are long."""


class Match(Table):
    """One demand and one offer with their score, in thousandths, and its reasons."""

    __tablename__ = "matches"
    __table_args__ = (
        Index("ix_matches_demand_total", "demand_uid", "total"),
        Index("ix_matches_offer_total", "offer_uid", "total"),
        Index(
            "ix_matches_good", "total", "demand_uid", "offer_uid", "place", "copy_of",
            sqlite_where=IS_GOOD, postgresql_where=IS_GOOD,
        ),
    )  # fmt: skip
    demand_uid: Mapped[str] = mapped_column(primary_key=True)
    offer_uid: Mapped[str] = mapped_column(primary_key=True)
    demand_rev: Mapped[Count]
    offer_rev: Mapped[Count]
    total: Mapped[int]
    certainty: Mapped[int]
    score: Mapped[Any] = mapped_column(Json)
    model_version: Mapped[str]
    statistics_version: Mapped[str]
    shadow_total: Mapped[int | None]
    """What the shadow weights, if there are any, give this pair."""
    shadow_version: Mapped[str] = mapped_column(default="", server_default="")
    place: Mapped[int] = mapped_column(default=0, server_default="0")
    """The offer's place, from 1, among the suggestions for the demand, as `matching.crowd` orders them."""
    lowered: Mapped[str] = mapped_column(default="", server_default="")
    """Why it stands lower than its total would put it: `crowd`, `owner` or empty."""
    copy_of: Mapped[str] = mapped_column(default="", server_default="")
    """The better placed offer that says nearly the same, below which this one is folded."""
    found_at: Mapped[datetime]


class Embedding(Table):
    """What a sentence model made of one revision of a listing. Kept, so that a score can be made again without the model."""

    __tablename__ = "embeddings"
    uid: Mapped[str] = mapped_column(primary_key=True)
    rev: Mapped[Count] = mapped_column(primary_key=True)
    encoder: Mapped[str] = mapped_column(primary_key=True)
    """The model's version."""
    direction: Mapped[bytes] = mapped_column(LargeBinary)
    """In 127ths, a byte each."""


class CompiledListing(Table):
    """What `matching.compiled` makes of a published listing. It holds for one state of its row under one version of rules
    and statistics; whatever is missing or of another version is made anew, so all may go at any time."""

    __tablename__ = "compiled_listings"
    uid: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[Count]
    """That of the published row it was made of."""
    version: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Statistics(Table):
    """A frozen snapshot of how rare each word is. Scores name the one they used; the newest `current` one is used now."""

    __tablename__ = "statistics"
    version: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    documents: Mapped[int]
    made_at: Mapped[datetime]
    current: Mapped[bool] = mapped_column(default=False)
