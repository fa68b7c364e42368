"""The receiving side of a history: the real rules over rows in memory, committed together or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from exchange.apply import Grant, Known, Verdict, plan
from exchange.canonical import content_hash
from exchange.changes import Page, page, refuse_cursor
from exchange.comparison import Compared, Comparison, below, compare
from exchange.envelope import Batch, Receipt, read_batch
from exchange.items import Item
from exchange.problems import Refused
from exchange.receiver import (
    Standing,
    is_replay,
    open_session,
    read_ahead,
    refuse_fenced,
    refuse_misplaced,
)
from exchange.reconcile import Line
from exchange.sessions import Cursor, SessionAnswer, SessionRequest
from exchange.signing import SKEW
from tests.exchange.making import copied, uid


@dataclass(frozen=True)
class Rules:
    """Which rules hold. A control without one of them must be seen to diverge."""

    gap: bool = True
    fork: bool = True
    rewound: bool = True
    forgotten: bool = True
    fence: bool = True


@dataclass
class Durable:
    """What is on the disk: it survives a crash, and is what a back-up copies."""

    standings: dict[str, Standing] = field(default_factory=dict)
    replica: dict[str, Known] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    batches: dict[str, tuple[str, Receipt]] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    feed_epoch: str = "n0"
    feed: dict[str, Item] = field(default_factory=dict)
    head: int = 0
    effects: dict[tuple[str, int], int] = field(default_factory=dict)


@dataclass
class National:
    """`crash_before_commit` and `crash_after_commit` are asked once a request; a crash answers nothing."""

    token: Callable[[], str]
    rules: Rules = field(default_factory=Rules)
    disk: Durable = field(default_factory=Durable)
    alarms: list[str] = field(default_factory=list)
    acked_history: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    crash_before_commit: Callable[[], bool] = lambda: False
    crash_after_commit: Callable[[], bool] = lambda: False

    def backup(self) -> Durable:
        return copied(self.disk)

    def restore(self, backup: Durable) -> None:
        self.disk = copied(backup)
        self.acked_history.clear()

    # -- sessions --------------------------------------------------------------------------------------------------

    def session(self, text: bytes, *, nonce: str, created: float, now: float) -> bytes:
        self._refuse_time(created, now)
        if nonce in self.disk.nonces:
            raise Refused("replayed", "seen before")
        request = SessionRequest.read(text)
        standing = self.disk.standings.setdefault(request.node, Standing(request.node))
        opened = open_session(
            standing, request, fence=self.token(), now=int(now), feed_epoch=self.disk.feed_epoch
        )
        if self.crash_before_commit():
            raise ConnectionError
        self.disk.nonces.add(nonce)
        self.disk.standings[request.node] = opened.standing
        self.alarms += opened.alarms
        if opened.down_rewound:
            self._begin_feed_epoch()
        if self.crash_after_commit():
            raise ConnectionError
        standing = self.disk.standings[request.node]
        return SessionAnswer(
            standing.fence, standing.acked_seq, standing.last_batch_id, opened.epoch_known, opened.action,
            int(now), feed_epoch=self.disk.feed_epoch,
        ).written()  # fmt: skip

    def _refuse_time(self, created: float, now: float) -> None:
        if abs(now - created) > SKEW:
            raise Refused("clock_skew", "too far", server_time=int(now))

    def _begin_feed_epoch(self) -> None:
        self.disk.feed_epoch = self.token().lower()
        self.alarms.append("feed_epoch")

    # -- batches ---------------------------------------------------------------------------------------------------

    def batch(self, text: bytes, *, node: str, fence: str, created: float, now: float) -> bytes:
        self._refuse_time(created, now)
        batch = read_batch(text)
        standing = self.disk.standings.get(node, Standing(node))
        if self.rules.fence:
            refuse_fenced(standing, fence)
        digest, stored = self.disk.batches.get(batch.batch_id, (None, None))
        if is_replay(batch, digest) and stored is not None:
            return stored.again().written()
        self._refuse_place(standing, batch)
        receipt = self._apply(batch, standing, now)
        if self.crash_after_commit():
            raise ConnectionError
        return receipt.written()

    def _refuse_place(self, standing: Standing, batch: Batch) -> None:
        try:
            refuse_misplaced(standing, batch)
        except Refused as refused:
            code = refused.problem.code
            if (code == "forked" and not self.rules.fork) or (code == "seq_gap" and not self.rules.gap):
                return
            if code == "forked":
                self.alarms.append("forked")
                self.disk.standings[standing.node] = standing.frozen()
            raise

    def _apply(self, batch: Batch, standing: Standing, now: float) -> Receipt:
        steps = plan(
            batch.items, self.disk.replica, grant=Grant(standing.node, "national"), judge=lambda _: Verdict()
        )
        receipt = Receipt.of(batch, [step.result for step in steps], received_at=str(int(now)))
        if self.crash_before_commit():
            raise ConnectionError
        self.alarms += [step.alarm for step in steps if step.alarm]
        for step in steps:
            if step.write is not None and isinstance(step.item, Item):
                self._write(step.item)
        self.disk.batches[batch.batch_id] = (batch.digest, receipt)
        self.disk.standings[standing.node] = standing.acked(batch)
        self.acked_history.setdefault((standing.node, batch.epoch), []).append(batch.to_seq)
        return receipt

    def _write(self, item: Item) -> None:
        before = self.disk.replica.get(item.uid)
        assert before is None or item.rev > before.rev, "I3: a revision never falls"
        self.disk.replica[item.uid] = Known(item.rev, item.hash, item.op, item.audience)
        self.disk.items[item.uid] = item
        effect = (item.uid, item.rev)
        self.disk.effects[effect] = self.disk.effects.get(effect, 0) + 1
        self._link(item)

    def _link(self, item: Item) -> None:
        """The layer of its own: a national record about the local one, never inside it."""
        name = uid(_number(item.uid), node="national", kind="national_link")
        before = self.disk.feed.get(name)
        body = {"about": item.uid, "rev": item.rev}
        op, said = ("upsert", body) if item.live else ("delete", "withdrawn")
        digest = content_hash(uid=name, kind="national_link", schema="national_link/1.0", op=op, body=said)
        self.disk.head += 1
        rev = before.rev + 1 if before else 1
        self.disk.feed[name] = Item(
            name, "national_link", "national_link/1.0", op, rev, self.disk.head, digest, said
        )

    def content(self, name: str) -> tuple[str, str, Any]:
        """What an operator takes back: op, hash and body of a record."""
        item = self.disk.items[name]
        return item.op, item.hash, item.body

    # -- reading and comparing -------------------------------------------------------------------------------------

    def lines(self, node: str) -> list[Line]:
        return sorted(
            Line(name, row.rev, row.hash)
            for name, row in self.disk.replica.items()
            if name.startswith(f"{node}:")
        )

    def compare(self, text: bytes, *, node: str) -> Compared:
        asked = Comparison.read(text)
        standing = self.disk.standings.get(node, Standing(node))
        if (asked.epoch, asked.at_seq) != (standing.epoch, standing.acked_seq):
            raise Refused("seq_gap", "not at this border", acked_seq=standing.acked_seq)
        return compare(asked, below(self.lines(node), asked.prefix))

    def changes(self, since: Cursor, *, reader: str, limit: int = 7) -> Page:
        standing = self.disk.standings.get(reader, Standing(reader))
        if read_ahead(standing.handed, since, self.disk.feed_epoch):
            self._begin_feed_epoch()
        refuse_cursor(since, epoch=self.disk.feed_epoch, head_seq=self.disk.head)
        rows = sorted(
            (one for one in self.disk.feed.values() if one.seq > since.seq), key=lambda one: one.seq
        )[:limit]
        answer = page("national", since, rows, reader=reader, head_seq=self.disk.head, limit=limit)
        self.disk.standings[reader] = standing.handing(answer.next)
        return answer


def _number(name: str) -> int:
    """A number for the national record about a record, the same each time."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:15], "big")
