"""Catalogues of others that only let themselves be read: where each is, how far a pass has come, what it has listed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Count, Json, Table


class Source(Table):
    """A catalogue that is harvested (level L0), or one whose feed is read (L1). Its name and whether it is read stand in
    `peers`; it has no key."""

    __tablename__ = "sources"
    node_id: Mapped[str] = mapped_column(ForeignKey("peers.node_id"), primary_key=True)
    url: Mapped[str]
    """Base address of its OAI-PMH, first page of its DCAT, or of the changes of its feed, as two people have approved it."""
    format: Mapped[str] = mapped_column(default="oai", server_default="oai")
    """How it is read: oai, dcat or feed."""
    chosen: Mapped[str] = mapped_column(default="")
    """The set that is read; empty for all."""
    kind: Mapped[str]
    """What its records are read as: offer or demand. Those of a feed say so themselves."""
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    approved_by: Mapped[str] = mapped_column(default="")
    approved_at: Mapped[datetime | None]
    pass_no: Mapped[Count] = mapped_column(default=0)
    step: Mapped[Count] = mapped_column(default=0)
    """Counts what was written of passes, so that of two processes that go through the list one gives way."""
    stage: Mapped[str] = mapped_column(default="")
    """identifying, listing, settling, or nothing between two passes."""
    progress: Mapped[Any] = mapped_column(Json, default=dict)
    """All that `exchange.passes.Progress` remembers."""
    counts: Mapped[Any] = mapped_column(Json, default=dict)
    """Records of the pass under way: new, changed, gone."""
    known: Mapped[Count] = mapped_column(default=0)
    """Listed records when the pass began."""
    begun_at: Mapped[datetime | None]
    passed_at: Mapped[datetime | None]
    whole_at: Mapped[datetime | None]
    """When the last pass through the whole list came to its end."""
    granularity: Mapped[str] = mapped_column(default="", server_default="")
    deletions: Mapped[str] = mapped_column(default="", server_default="")
    """Both as `exchange.oai_identity.Identity`, when the source was last asked."""
    since: Mapped[str] = mapped_column(default="", server_default="")
    """The datestamp, or in a feed the cursor, from which the next pass asks for changes; empty when it has to read all."""
    last: Mapped[Any] = mapped_column(Json, default=dict)
    """The same counts of the last pass that came to its end, whether it met no error, and whether it was incremental."""
    alarm: Mapped[str] = mapped_column(default="")
    """suspicious_zero, ids_changed, unreachable or refused; empty when all is well."""
    detail: Mapped[str] = mapped_column(default="")
    confirmed: Mapped[Count] = mapped_column(default=0)
    """Records that somebody has confirmed to be gone."""
    deciding: Mapped[str] = mapped_column(default="")
    """What somebody has decided about records that wait, until it is done: relink or admit."""


class Harvested(Table):
    """One record of a source under the id the source gives it, and ours."""

    __tablename__ = "harvested"
    __table_args__ = (
        UniqueConstraint("node_id", "identifier"),
        Index("ix_harvested_node_id_state", "node_id", "state"),
    )
    uid: Mapped[str] = mapped_column(primary_key=True)
    node_id: Mapped[str] = mapped_column(ForeignKey("sources.node_id"))
    identifier: Mapped[str]
    state: Mapped[str]
    """listed, gone, or waiting: new in a list that was known before, until the end of the pass shows what it is."""
    seen_pass: Mapped[Count]
    deleted: Mapped[bool] = mapped_column(default=False)
    """The source says so; it is done at the end of the pass, if that is believed."""
    missed_pass: Mapped[Count] = mapped_column(default=0)
    misses: Mapped[Count] = mapped_column(default=0)
    """Complete passes without an error in which it was missing, one after the other."""
    missing_since: Mapped[datetime | None]
    judged_pass: Mapped[Count] = mapped_column(default=0)
    same_as: Mapped[str] = mapped_column(default="")
    """Of a waiting one the record it may be, under a new id."""
    body: Mapped[Any] = mapped_column(Json, default=dict)
    """Of a waiting one what is to be published."""


class HarvestKey(Table):
    """A hard key of a listed record: what it would share with itself under another id."""

    __tablename__ = "harvest_keys"
    key: Mapped[str] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(ForeignKey("harvested.uid"), primary_key=True, index=True)
