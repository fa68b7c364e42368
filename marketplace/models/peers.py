"""The other exchanges: who they are, which keys they sign with, and how far we are with each of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Count, Json, Table, new_id

STATUSES = ("pending", "active", "suspended", "revoked")


class Peer(Table):
    """Another exchange. Of a local exchange the national one is the only peer."""

    __tablename__ = "peers"
    node_id: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    status: Mapped[str]
    """pending (not yet approved), active, suspended or revoked."""
    name_vi: Mapped[str] = mapped_column(default="")
    name_en: Mapped[str] = mapped_column(default="")
    base_url: Mapped[str] = mapped_column(default="")
    kinds: Mapped[Any] = mapped_column(Json, default=list)
    """Kinds of records it may send, as its invitation says; of any other kind each is rejected."""
    since: Mapped[datetime]


class PeerKey(Table):
    """A public key of a peer. Its private half is never here, nor is ours."""

    __tablename__ = "peer_keys"
    kid: Mapped[str] = mapped_column(primary_key=True)
    """The RFC 7638 thumbprint of the key."""
    node_id: Mapped[str] = mapped_column(ForeignKey("peers.node_id"), index=True)
    algorithm: Mapped[str] = mapped_column(default="ed25519")
    public: Mapped[bytes] = mapped_column(LargeBinary)
    approved_at: Mapped[datetime | None]
    """Until then nothing signed with it is believed."""
    not_before: Mapped[datetime]
    not_after: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    """When its successor was made known; it counts for some days more."""
    revoked_at: Mapped[datetime | None]
    compromised_since: Mapped[datetime | None]
    application: Mapped[Any | None] = mapped_column(Json)
    """What came with it: name_vi, name_en, base_url, and kinds of its invitation. Of the exchange they are once the key is
    approved, not before."""


class PeerInvitation(Table):
    """The right to enrol once, as one node, within 72 hours. Only the hash of its token is stored."""

    __tablename__ = "peer_invitations"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    node_id: Mapped[str] = mapped_column(index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    kinds: Mapped[Any] = mapped_column(Json, default=list)
    replaces: Mapped[bool] = mapped_column(default=False)
    """The node lost its key: what it enrols with replaces what was known, in a new epoch."""
    invited_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PeerApproval(Table):
    """One admin has compared the fingerprint of a key with the node's own words. Two are needed."""

    __tablename__ = "peer_approvals"
    __table_args__ = (UniqueConstraint("kid", "approved_by"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kid: Mapped[str] = mapped_column(ForeignKey("peer_keys.kid"))
    approved_by: Mapped[str]
    approved_at: Mapped[datetime]


class Nonce(Table):
    """A signature seen in the last minutes: the same request is not accepted twice."""

    __tablename__ = "nonces"
    __table_args__ = (Index("ix_nonces_seen_at", "seen_at"),)
    kid: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]


class Inbound(Table):
    """What we have of a peer's feed, and which of its processes may send."""

    __tablename__ = "inbound"
    node_id: Mapped[str] = mapped_column(ForeignKey("peers.node_id"), primary_key=True)
    epoch: Mapped[str] = mapped_column(default="")
    acked_seq: Mapped[Count] = mapped_column(default=0)
    last_batch_id: Mapped[str] = mapped_column(default="")
    fence: Mapped[str] = mapped_column(default="")
    """What the process that may send has been given; whoever holds another one is refused."""
    instance: Mapped[str] = mapped_column(default="")
    """The process that holds the fence."""
    fence_changes: Mapped[Any] = mapped_column(Json, default=list)
    """Seconds since 1970 at which the fence lately went to another process, and its name."""
    former_epochs: Mapped[Any] = mapped_column(Json, default=list)
    """Epochs that were left, and are never taken again."""
    halted: Mapped[str] = mapped_column(default="")
    """Why nothing is accepted until somebody has looked: forked, flapping or held; empty when all is well."""
    head_seq: Mapped[Count] = mapped_column(default=0)
    """The head of the peer's feed as it last said."""
    heard_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    clock_ahead: Mapped[Count | None]
    """Seconds that its clock was ahead of ours in its last session."""
    handed: Mapped[str] = mapped_column(default="")
    """The last cursor of our own feed that was handed to it."""
    audit_n: Mapped[Count] = mapped_column(default=0)
    audit_hash: Mapped[str] = mapped_column(default="")
    """The head of the peer's audit log as it last said, which its own keeper cannot take back."""
    proved_at: Mapped[datetime | None]
    proof: Mapped[Any] = mapped_column(Json, default=dict)


class Outbound(Table):
    """How far our feed has come at the national exchange, what the sender is doing, and how far we have read there."""

    __tablename__ = "outbound"
    node_id: Mapped[str] = mapped_column(ForeignKey("peers.node_id"), primary_key=True)
    sender: Mapped[Any] = mapped_column(Json, default=dict)
    """All that `exchange.sender.Sender` remembers; empty until the first session."""
    detail: Mapped[str] = mapped_column(default="")
    """What the other side said when it last refused, or why there was no answer."""
    cursor: Mapped[str] = mapped_column(default="")
    """Where we are in the national exchange's feed."""
    key_until: Mapped[datetime | None]
    """Until when our key is believed there, as it last said."""
    key_refused: Mapped[str] = mapped_column(default="", server_default="")
    """Why its key in use is not believed here, a code of `exchange.handovers.REASONS`; empty when it is."""
    proved_at: Mapped[datetime | None]
    proof: Mapped[Any] = mapped_column(Json, default=dict)
    """The last proof of equality: both counts and digests, and what was found."""
