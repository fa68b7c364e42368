"""One record on its way from its home: what is sent of it, and how it is read with its first mistake named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exchange.canonical import NotCanonical, content_hash
from exchange.problems import Refused
from exchange.reading import Members
from vocabulary.text import one_line

NODE = re.compile(r"[a-z][a-z0-9-]{1,30}")
UID = re.compile(r"[a-z][a-z0-9-]{1,30}:[a-z][a-z_]{1,30}:[0-9A-HJKMNP-TV-Z]{26}")
KIND = re.compile(r"[a-z][a-z_]{1,30}")
SCHEMA = re.compile(r"[a-z][a-z_]{1,30}/[1-9][0-9]{0,3}\.[0-9]{1,4}")
HASH = re.compile(r"sha-256:[0-9a-f]{64}")
OPS = ("upsert", "delete", "erase")
REASONS = ("withdrawn", "paused", "expired", "sold", "legal", "unshared", "moved")
"""Why a record is taken away. `moved` names its new home in `moved_to`."""
AUDIENCES = ("public", "partner")

LOCAL_KINDS = frozenset(
    {"offer", "demand", "initiative", "org", "expert", "match_stat", "deal_stat", "decision", "probe"}
)
"""Kinds that a local exchange writes."""
NATIONAL_KINDS = frozenset(
    {
        "national_link",
        "cluster",
        "suggestion",
        "classification",
        "catalogue_term",
        "mirror",
        "node_card",
        "sync_issue",
    }
)
"""Kinds that only the national exchange writes."""

LONGEST_PATH = 500
LONGEST_DETAIL = 300
LONGEST_SAID_ID = 100
"""Characters that are kept of what a bad record says: the names in it may have 64 kilobytes."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one record: a JSON pointer into it, a code, and a sentence for people; both are cut.

    `params` fill the message of the code where the record was looked at, and are not sent.
    """

    path: str
    code: str
    detail: str
    params: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", one_line(self.path, LONGEST_PATH))
        object.__setattr__(self, "detail", one_line(self.detail, LONGEST_DETAIL))


@dataclass(frozen=True, slots=True)
class Item:
    """One revision of a record. `body` is the record of an upsert, else the reason of its going.

    `seq` is its place in the sender's feed; `changed_at` informs people and decides nothing.
    """

    uid: str
    kind: str
    schema: str
    op: str
    rev: int
    seq: int
    hash: str
    body: Any
    audience: str = "public"
    moved_to: str = ""
    changed_at: str = ""

    @property
    def origin(self) -> str:
        """The exchange that is the record's home."""
        return self.uid.partition(":")[0]

    @property
    def live(self) -> bool:
        return self.op == "upsert"

    @property
    def tag(self) -> str:
        """What changes with each revision: its number and the beginning of its hash."""
        return f"{self.rev}-{self.hash.partition(':')[2][:8]}"

    def as_record(self) -> dict[str, Any]:
        """As it stands in a batch, a page of changes or a snapshot."""
        record: dict[str, Any] = {
            "id": self.uid, "kind": self.kind, "schema": self.schema, "op": self.op,
            "rev": self.rev, "seq": self.seq, "hash": self.hash, "audience": self.audience,
            "body" if self.live else "reason": self.body,
        }  # fmt: skip
        if self.moved_to:
            record["moved_to"] = self.moved_to
        if self.changed_at:
            record["changed_at"] = self.changed_at
        return record

    def recomputed(self) -> str:
        """The hash of what the item really says. Raises `NotCanonical`."""
        return content_hash(uid=self.uid, kind=self.kind, schema=self.schema, op=self.op, body=self.body)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record whose envelope cannot be read. It is rejected, its raw form kept, and stops nothing."""

    uid: str
    rev: int
    flaw: Flaw
    raw: Any


def read_item(value: object) -> Item | Unreadable:
    """The record, or what is wrong with its envelope. What it says is not looked at here."""
    try:
        return _read(Members(value))
    except Refused as refused:
        flaw = Flaw(refused.problem.more.get("path", ""), "malformed", refused.problem.detail)
        return Unreadable(_said_id(value), _said_rev(value), flaw, value)


def _read(members: Members) -> Item:
    op = members.text("op")
    if op not in OPS:
        raise Refused("malformed", f"/op: must be one of {', '.join(OPS)}", path="/op")
    item = Item(
        uid=members.text("id", UID),
        kind=members.text("kind", KIND),
        schema=members.text("schema", SCHEMA),
        op=op,
        rev=members.whole("rev", least=1),
        seq=members.whole("seq", least=1),
        hash=members.text("hash", HASH),
        body=_body(members) if op == "upsert" else _one_of(members, "reason", REASONS),
        audience=_one_of(members, "audience", AUDIENCES) if members.has("audience") else "public",
        moved_to=members.optional("moved_to", UID),
        changed_at=members.optional("changed_at", most=40),
    )
    if item.uid.split(":")[1] != item.kind or item.schema.partition("/")[0] != item.kind:
        raise Refused("malformed", "/kind: must be the kind in id and in schema", path="/kind")
    return item


def _body(members: Members) -> Any:
    if not members.has("body") or members.has("reason"):
        raise Refused("malformed", "/body: an upsert has a body and no reason", path="/body")
    return members.raw("body")


def _one_of(members: Members, name: str, allowed: tuple[str, ...]) -> str:
    value = members.text(name)
    if value not in allowed:
        raise Refused("malformed", f"/{name}: must be one of {', '.join(allowed)}", path=f"/{name}")
    return value


def _said_id(value: object) -> str:
    said = value.get("id") if isinstance(value, dict) else None
    return one_line(said, LONGEST_SAID_ID) if isinstance(said, str) else ""


def _said_rev(value: object) -> int:
    said = value.get("rev") if isinstance(value, dict) else None
    return said if type(said) is int and 0 < said < 2**53 else 0


def hash_flaw(item: Item) -> Flaw | None:
    """R1: whether the item says what its hash says; the content must be inside the record profile to have one."""
    try:
        said = item.recomputed()
    except NotCanonical as outside:
        name = "body" if item.live else "reason"
        path = outside.path.replace(f"/{name}", "/body", 1) if item.live else outside.path
        return Flaw(path, "profile", outside.reason)
    if said != item.hash:
        return Flaw("/hash", "hash_mismatch", f"the content hashes to {said}")
    return None
