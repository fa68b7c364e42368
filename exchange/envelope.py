"""Batches and their receipts: how they are written, packed, read and answered.

A batch is written once, before it is first sent, and every retry sends the same bytes. It holds the records of one
stretch of the sender's feed, from `prev_seq` (left out) to `to_seq`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from exchange.items import NODE, Flaw, Item, Unreadable, read_item
from exchange.problems import Refused
from exchange.reading import MOST_BYTES, MOST_VALUES, Members, read_json

PROTOCOL = "xsync/1"
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
EPOCH = re.compile(r"[0-9a-z]{1,64}")
STATUSES = ("applied", "unchanged", "stale", "held", "opaque", "rejected")
"""How each record of a batch ends. All but `rejected` are in the replica."""
MOST_FLAWS = 2_000
"""In one receipt, which is kept as evidence; of records after these only the first flaw is told."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a receiver takes at once. Bytes are those of the JSON text before it is packed.

    More items or bytes refuse the batch, which its sender halves; an item that is too large is rejected alone.
    """

    max_items: int = 500
    max_bytes: int = MOST_BYTES
    max_item_bytes: int = 256 * 1024
    inflight: int = 1

    @classmethod
    def read(cls, members: Members) -> Self:
        return cls(
            members.whole("max_items", least=1, most=100_000),
            members.whole("max_bytes", least=1_024),
            members.whole("max_item_bytes", least=1_024),
            members.whole("inflight", least=1, most=16),
        )

    def as_record(self) -> dict[str, int]:
        return {
            "max_items": self.max_items, "max_bytes": self.max_bytes,
            "max_item_bytes": self.max_item_bytes, "inflight": self.inflight,
        }  # fmt: skip


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Batch:
    """One stretch of a home's feed. `digest` is that of its JSON text."""

    node: str
    epoch: str
    batch_id: str
    prev_seq: int
    to_seq: int
    items: tuple[Item | Unreadable, ...]
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A batch as it is stored and sent: `packed` is the gzip of its JSON text, `digest` that of the text."""

    batch_id: str
    prev_seq: int
    to_seq: int
    packed: bytes
    digest: str


def write_batch(batch: Batch) -> Written:
    """Its bytes, the same each time. What the receiver will refuse for its size is not found here: see `room_for`."""
    record = {
        "protocol": PROTOCOL, "node": batch.node, "epoch": batch.epoch, "batch_id": batch.batch_id,
        "prev_seq": batch.prev_seq, "to_seq": batch.to_seq, "count": len(batch.items),
        "items": [item.as_record() for item in batch.items if isinstance(item, Item)],
    }  # fmt: skip
    text = written(record)
    # Without a fixed time the same batch would be other bytes a second later.
    packed = gzip.compress(text, compresslevel=1, mtime=0)
    return Written(batch.batch_id, batch.prev_seq, batch.to_seq, packed, digest_of(text))


@dataclass(frozen=True, slots=True)
class Named:
    """A revision of a record as a batch names it, without what it says."""

    uid: str
    rev: int
    op: str
    hash: str


def names(packed: bytes) -> tuple[Named, ...]:
    """What a batch that `write_batch` made names, in its order. Nothing is checked: it was when it was written."""
    items = json.loads(gzip.decompress(packed))["items"]
    return tuple(Named(one["id"], one["rev"], one["op"], one["hash"]) for one in items)


def read_batch(text: bytes) -> Batch:
    """The batch in an unpacked body. Raises `Refused`: `malformed`, `protocol_unsupported`, `too_large`.

    A record that cannot be read is `Unreadable` among the items and refuses nothing.
    """
    members = Members(read_json(text))
    if members.text("protocol") != PROTOCOL:
        raise Refused("protocol_unsupported", f"spoken here: {PROTOCOL}", supported=[PROTOCOL])
    values = members.array("items", most=MOST_VALUES)
    if len(values) > LIMITS.max_items:
        most = LIMITS.max_items
        raise Refused("too_large", f"more than {most} items", max_items=most)
    if members.whole("count") != len(values):
        raise Refused("malformed", f"/count: there are {len(values)} items", path="/count")
    batch = Batch(
        node=members.text("node", NODE),
        epoch=members.text("epoch", EPOCH),
        batch_id=members.text("batch_id", ULID),
        prev_seq=members.whole("prev_seq"),
        to_seq=members.whole("to_seq"),
        items=tuple(read_item(value) for value in values),
        digest=digest_of(text),
    )
    _refuse_disorder(batch)
    return batch


def _refuse_disorder(batch: Batch) -> None:
    """Places in the feed go up, inside the stretch that the batch names."""
    last = batch.prev_seq
    for place, item in enumerate(batch.items):
        if isinstance(item, Item):
            if not last < item.seq <= batch.to_seq:
                path = f"/items/{place}/seq"
                raise Refused("malformed", f"{path}: must go up from prev_seq to to_seq", path=path)
            last = item.seq
    if batch.to_seq < batch.prev_seq:
        raise Refused("malformed", "/to_seq: must not be below prev_seq", path="/to_seq")


def room_for(items: Iterable[Item], limits: Limits, *, most: int) -> tuple[Item, ...]:
    """As many of the first items as one batch holds: at most `most` of them, never more than the limits allow.

    An item that alone is larger than the receiver takes ends the batch before it; as the first it stands alone, so
    that the caller meets it (`too_heavy`).
    """
    chosen: list[Item] = []
    size = 1_024  # The envelope around them is smaller than this.
    alone = False
    for item in items:
        weighs = weight(item)
        size += weighs
        heavy = weighs > limits.max_item_bytes
        full = len(chosen) >= min(most, limits.max_items) or size > limits.max_bytes
        if chosen and (full or heavy or alone):
            break
        chosen.append(item)
        alone = heavy
    return tuple(chosen)


def weight(item: Item) -> int:
    """Bytes of the item in a batch, with its comma."""
    return len(written(item.as_record())) + 1


def too_heavy(item: Item, limits: Limits) -> bool:
    """Whether the receiver would refuse it for its size alone."""
    return weight(item) > limits.max_item_bytes


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record that was not simply applied: its place in the batch, its end and why."""

    place: int
    uid: str
    rev: int
    status: str
    issue_id: str = ""
    flaws: tuple[Flaw, ...] = ()

    @classmethod
    def read(cls, members: Members) -> Self:
        status = members.text("status")
        if status not in STATUSES:
            raise Refused("malformed", f"status {status[:40]!r} is not known")
        flaws = (
            Members(value) for value in (members.array("errors", most=1_000) if members.has("errors") else ())
        )
        return cls(
            members.whole("i"), members.optional("id"), members.whole("rev"), status,
            members.optional("issue_id"),
            tuple(
                Flaw(one.optional("path", most=2_000), one.text("code"), one.optional("detail", most=2_000))
                for one in flaws
            ),
        )  # fmt: skip

    def as_record(self) -> dict[str, Any]:
        record: dict[str, Any] = {"i": self.place, "id": self.uid, "rev": self.rev, "status": self.status}
        if self.issue_id:
            record["issue_id"] = self.issue_id
        if self.flaws:
            record["errors"] = [
                {"path": flaw.path, "code": flaw.code, "detail": flaw.detail} for flaw in self.flaws
            ]
        return record


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a batch: every record ended in exactly one status; those not named in `results` were applied."""

    batch_id: str
    acked_seq: int
    received_at: str
    counts: tuple[tuple[str, int], ...]
    results: tuple[Result, ...] = ()
    replayed: bool = False
    next_items: int = 0
    retry_after: int = 0

    @classmethod
    def of(cls, batch: Batch, results: Sequence[Result], *, received_at: str, next_items: int = 0) -> Self:
        """The receipt of a batch whose every item has its result."""
        counts = Counter(result.status for result in results)
        return cls(
            batch.batch_id, batch.to_seq, received_at,
            tuple((status, counts[status]) for status in STATUSES),
            tuple(_bounded(result for result in results if result.status != "applied")),
            next_items=next_items,
        )  # fmt: skip

    def again(self) -> Self:
        """The stored receipt as it answers the same batch a second time."""
        return replace(self, replayed=True)

    def count(self, status: str) -> int:
        return dict(self.counts).get(status, 0)

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Raises `Refused` with code `malformed`, which the reader of an answer takes for no answer."""
        members = Members(read_json(text))
        counts, hint = members.inside("counts"), members.raw("hint") or {}
        hinted = Members(hint, "/hint")
        return cls(
            members.text("batch_id", ULID), members.whole("acked_seq"), members.text("received_at"),
            tuple((status, counts.whole(status)) for status in STATUSES),
            tuple(Result.read(Members(value)) for value in members.array("results", most=100_000)),
            members.flag("replayed"),
            hinted.whole("next_items") if hinted.has("next_items") else 0,
            hinted.whole("retry_after") if hinted.has("retry_after") else 0,
        )  # fmt: skip

    def as_record(self) -> dict[str, Any]:
        return {
            "batch_id": self.batch_id, "acked_seq": self.acked_seq, "replayed": self.replayed,
            "received_at": self.received_at, "counts": dict(self.counts),
            "results": [result.as_record() for result in self.results],
            "hint": {"next_items": self.next_items, "retry_after": self.retry_after},
        }  # fmt: skip

    def written(self) -> bytes:
        return written(self.as_record())


def _bounded(results: Iterable[Result]) -> Iterator[Result]:
    told = 0
    for result in results:
        told += len(result.flaws)
        yield result if told <= MOST_FLAWS else replace(result, flaws=result.flaws[:1])


def written(record: Any) -> bytes:
    """JSON with sorted keys and no spaces: the same bytes for the same message."""
    return json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest_of(text: bytes) -> str:
    return f"sha-256:{hashlib.sha256(text).hexdigest()}"
