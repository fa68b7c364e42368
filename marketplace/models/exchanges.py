"""What passes between exchanges: batches, the byte-exact copies of others' records, and what was wrong with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Count, Json, Table, new_id

PUBLIC = "public"
"""The audience of what everybody may see; any other is for partners only, and shown to nobody here."""


class OutBatch(Table):
    """A batch as it was sent, kept before its first sending, so that every repetition is the same bytes."""

    __tablename__ = "out_batches"
    __table_args__ = (Index("ix_out_batches_peer_state", "peer", "state"),)
    batch_id: Mapped[str] = mapped_column(primary_key=True)
    peer: Mapped[str]
    epoch: Mapped[str]
    prev_seq: Mapped[Count]
    to_seq: Mapped[Count]
    digest: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """Empty once it is no longer kept: digest and receipt stay for ever."""
    state: Mapped[str] = mapped_column(default="new")
    """new, acked or dropped (the other side had been restored, it was built anew)."""
    answer: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    counts: Mapped[Any] = mapped_column(Json, default=dict)
    made_at: Mapped[datetime]
    acked_at: Mapped[datetime | None]
    probe: Mapped[bool | None]
    """Whether it held nothing but a probe: there is one a minute, and it is evidence of nothing."""


class Replay(Table):
    """An acknowledged batch that somebody has asked to be sent once more, and what was answered."""

    __tablename__ = "replays"
    __table_args__ = (Index("ix_replays_batch_id", "batch_id"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
    """Empty while it waits; else same, differs, unknown, changed or refused: the sentence `sync.replay_<outcome>`."""
    detail: Mapped[str] = mapped_column(default="")
    """What the other side said when it refused."""


class LagSample(Table):
    """How it stood with one other exchange at one moment: a point of its chart. Kept for a day and an hour."""

    __tablename__ = "lag_samples"
    peer: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    waiting: Mapped[Count]
    """Changes on their way."""
    lag: Mapped[Count]
    """Seconds for which the oldest of them waited."""


class Acknowledged(Table):
    """What the national exchange has of ours, as its signed receipts say: our belief, which a reconcile compares."""

    __tablename__ = "acknowledged"
    uid: Mapped[str] = mapped_column(primary_key=True)
    rev: Mapped[Count]
    hash: Mapped[str]
    op: Mapped[str]
    status: Mapped[str]
    """applied, unchanged, stale, held, opaque or rejected."""


class InBatch(Table):
    """A batch as it came and the answer it got, kept as evidence."""

    __tablename__ = "in_batches"
    __table_args__ = (Index("ix_in_batches_origin_received_at", "origin", "received_at"),)
    batch_id: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str]
    kid: Mapped[str]
    epoch: Mapped[str]
    prev_seq: Mapped[Count]
    to_seq: Mapped[Count]
    digest: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    answer: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    counts: Mapped[Any] = mapped_column(Json, default=dict)
    received_at: Mapped[datetime]
    probe: Mapped[bool | None]
    """Whether it held nothing but a probe."""


class ProbeArrival(Table):
    """When a probe of another exchange could be found here, and how long after its home had committed it."""

    __tablename__ = "probe_arrivals"
    __table_args__ = (Index("ix_probe_arrivals_searchable_at", "searchable_at"),)
    origin: Mapped[str] = mapped_column(primary_key=True)
    rev: Mapped[Count] = mapped_column(primary_key=True)
    searchable_at: Mapped[datetime]
    milliseconds: Mapped[Count]


class Replica(Table):
    """Another exchange's record exactly as its home published it. Nobody here can change it."""

    __tablename__ = "replicas"
    __table_args__ = (
        Index("ix_replicas_origin_projection", "origin", "projection"),
        Index("ix_replicas_schema", "schema"),
    )
    uid: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str]
    kind: Mapped[str]
    schema: Mapped[str]
    rev: Mapped[Count]
    op: Mapped[str]
    hash: Mapped[str]
    body: Mapped[Any] = mapped_column(Json)
    """Of an upsert its body, of a delete its reason, of an erased record nothing."""
    audience: Mapped[str] = mapped_column(default=PUBLIC)
    projection: Mapped[str]
    """visible (to whom it is meant for), held (something in it is refused), opaque (of a version not known here) or none
    (gone)."""
    batch_id: Mapped[str]
    received_at: Mapped[datetime]


class Issue(Table):
    """Something wrong with one record. At the national exchange of others' records, at its home of its own."""

    __tablename__ = "issues"
    __table_args__ = (Index("ix_issues_origin_state", "origin", "state"), Index("ix_issues_uid", "uid"))
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    origin: Mapped[str]
    uid: Mapped[str]
    rev: Mapped[Count]
    code: Mapped[str]
    path: Mapped[str] = mapped_column(default="")
    """A JSON pointer into the record."""
    params: Mapped[Any] = mapped_column(Json, default=dict)
    """What fills the message of the code."""
    detail: Mapped[str] = mapped_column(default="")
    """A sentence for whoever does not know the code."""
    raw_sha256: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="open")
    """open, fixed or waived."""
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Reject(Table):
    """A record that was refused, as it came (at most 1 MiB), for whoever has to find out why."""

    __tablename__ = "rejects"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    origin: Mapped[str]
    uid: Mapped[str] = mapped_column(index=True)
    received_at: Mapped[datetime]


class Overlay(Table):
    """What the national exchange says about a record, beside it and never in it. Replaced whole by a newer revision."""

    __tablename__ = "overlays"
    __table_args__ = (Index("ix_overlays_about_layer", "about", "layer"),)
    uid: Mapped[str] = mapped_column(primary_key=True)
    about: Mapped[str]
    layer: Mapped[str]
    """national_link, cluster, suggestion or classification."""
    rev: Mapped[Count]
    body: Mapped[Any] = mapped_column(Json)
    epoch: Mapped[str]
    """The epoch of the national feed in which it was last seen; older ones go when a new epoch was read to its end."""
    received_at: Mapped[datetime]


class Effect(Table):
    """Something that was done for a revision of a record, once, however often the revision arrives."""

    __tablename__ = "effects"
    uid: Mapped[str] = mapped_column(primary_key=True)
    rev: Mapped[Count] = mapped_column(primary_key=True)
    effect: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
