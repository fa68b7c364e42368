"""The handshake that is also the heartbeat: what each side says of itself before records flow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from exchange.envelope import EPOCH, LIMITS, PROTOCOL, ULID, Limits, written
from exchange.items import HASH, NODE
from exchange.problems import Refused
from exchange.reading import Members, read_json

MOST_EPOCHS = 100
EVERY = 60
"""Seconds between two heartbeats, also when there is nothing to send."""
LATEST = 9_999_999_999
"""Seconds since 1970, in the year 2286. A clock in milliseconds, a frequent mistake, has three digits more."""
TOKEN = re.compile(r"[0-9A-Za-z_-]{1,64}")
CURSOR = re.compile(r"([0-9a-z]{1,64})\.([0-9]{1,16})")


class Action(StrEnum):
    """What the receiver asks the sender to do next."""

    PUSH = "push"
    RECONCILE = "reconcile"
    HALT = "halt"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a feed: its epoch and the sequence up to which it was read."""

    epoch: str
    seq: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises `Refused` with code `malformed`."""
        found = CURSOR.fullmatch(text)
        if found is None or int(found[2]) >= 2**53:
            raise Refused("malformed", "a cursor looks like epoch.sequence")
        return cls(found[1], int(found[2]))

    def __str__(self) -> str:
        return f"{self.epoch}.{self.seq}"


@dataclass(frozen=True, slots=True)
class Root:
    """The digest over all records of a side at one place of the feed."""

    at_seq: int
    count: int
    digest: str

    @classmethod
    def read(cls, members: Members) -> Self:
        return cls(members.whole("at_seq"), members.whole("count"), members.text("digest", HASH))

    def as_record(self) -> dict[str, Any]:
        return {"at_seq": self.at_seq, "count": self.count, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The end of a chain of audit entries, which the peer keeps as witness."""

    n: int
    hash: str

    @classmethod
    def read(cls, members: Members) -> Self:
        return cls(members.whole("n"), members.optional("hash", most=100))

    def as_record(self) -> dict[str, Any]:
        return {"n": self.n, "hash": self.hash}


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """Who wants to send, and what it believes. `clock` is in seconds since 1970 and decides nothing.

    `instance` names the running sender, a new one at every start. `former_epochs` are those that an operator has ended,
    the last one last. `last_batch_id` is the last one that was acknowledged to the sender.
    """

    node: str
    instance: str
    epoch: str
    head_seq: int
    acked_seq: int
    last_batch_id: str = ""
    former_epochs: tuple[str, ...] = ()
    down_cursor: Cursor | None = None
    schemas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audit_head: AuditHead = AuditHead(0, "")
    root: Root | None = None
    clock: int = 0

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Raises `Refused`: `malformed`, `protocol_unsupported`."""
        said = Members(read_json(text))
        if said.text("protocol") != PROTOCOL:
            raise Refused("protocol_unsupported", f"spoken here: {PROTOCOL}", supported=[PROTOCOL])
        cursor = said.optional("down_cursor", CURSOR)
        return cls(
            node=said.text("node", NODE),
            instance=said.text("instance", TOKEN),
            epoch=said.text("epoch", EPOCH),
            head_seq=said.whole("head_seq"),
            acked_seq=said.whole("acked_seq"),
            last_batch_id=said.optional("last_batch_id", ULID),
            former_epochs=said.texts("former_epochs", most=MOST_EPOCHS) if said.has("former_epochs") else (),
            down_cursor=Cursor.read(cursor) if cursor else None,
            schemas=_schemas(said),
            audit_head=AuditHead.read(said.inside("audit_head")),
            root=Root.read(said.inside("root")) if said.has("root") else None,
            clock=said.whole("clock", most=LATEST),
        )

    def written(self) -> bytes:
        record: dict[str, Any] = {
            "protocol": PROTOCOL, "node": self.node, "instance": self.instance, "epoch": self.epoch,
            "head_seq": self.head_seq, "acked_seq": self.acked_seq, "last_batch_id": self.last_batch_id,
            "former_epochs": list(self.former_epochs[-MOST_EPOCHS:]),
            "down_cursor": str(self.down_cursor) if self.down_cursor else "",
            "schemas": {kind: list(versions) for kind, versions in self.schemas.items()},
            "audit_head": self.audit_head.as_record(), "clock": self.clock,
        }  # fmt: skip
        if self.root is not None:
            record["root"] = self.root.as_record()
        return written({name: value for name, value in record.items() if value != ""})


@dataclass(frozen=True, slots=True)
class SessionAnswer:
    """What the receiver knows of the sender. `server_time` and `key_expires_at` are seconds since 1970.

    `root_equal` answers the root of the request: None when it could not be compared at the same place. `newest_key` is
    the name of the key that the receiver signs with, or soon will.
    """

    fence: str
    acked_seq: int
    last_batch_id: str
    epoch_known: bool
    action: Action
    server_time: int
    limits: Limits = LIMITS
    schemas_supported: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audit_head: AuditHead = AuditHead(0, "")
    key_expires_at: int = 0
    feed_epoch: str = ""
    root_equal: bool | None = None
    newest_key: str = ""

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Raises `Refused` with code `malformed`."""
        said = Members(read_json(text))
        action = said.text("action")
        if action not in set(Action):
            raise Refused("malformed", f"/action: {action[:40]!r} is not known", path="/action")
        return cls(
            fence=said.text("fence", TOKEN),
            acked_seq=said.whole("acked_seq"),
            last_batch_id=said.optional("last_batch_id", ULID),
            epoch_known=said.flag("epoch_known"),
            action=Action(action),
            server_time=said.whole("server_time"),
            limits=Limits.read(said.inside("limits")),
            schemas_supported=_schemas(said, "schemas_supported"),
            audit_head=AuditHead.read(said.inside("audit_head")),
            key_expires_at=said.whole("key_expires_at"),
            feed_epoch=said.optional("feed_epoch", EPOCH),
            root_equal=said.flag("root_equal") if said.has("root_equal") else None,
            newest_key=said.optional("newest_key", TOKEN),
        )

    def written(self) -> bytes:
        record: dict[str, Any] = {
            "fence": self.fence, "acked_seq": self.acked_seq, "last_batch_id": self.last_batch_id,
            "epoch_known": self.epoch_known, "action": str(self.action), "limits": self.limits.as_record(),
            "schemas_supported": {kind: list(some) for kind, some in self.schemas_supported.items()},
            "server_time": self.server_time, "audit_head": self.audit_head.as_record(),
            "key_expires_at": self.key_expires_at, "feed_epoch": self.feed_epoch, "newest_key": self.newest_key,
        }  # fmt: skip
        if self.root_equal is not None:
            record["root_equal"] = self.root_equal
        return written({name: value for name, value in record.items() if value != ""})


def _schemas(said: Members, name: str = "schemas") -> dict[str, tuple[str, ...]]:
    if not said.has(name):
        return {}
    inside = said.inside(name)
    return {kind[:40]: inside.texts(kind, most=50, longest=40) for kind, _ in inside.items()[:100]}
