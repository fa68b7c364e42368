"""The sending side of a history: a feed in memory, the real machine, and an operator who answers its alarms."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from exchange import sender as machine
from exchange import setbacks
from exchange.canonical import content_hash
from exchange.changes import Page, Reading, lost, took
from exchange.comparison import Comparison, below, compare
from exchange.envelope import Batch, Receipt, Written, room_for, write_batch
from exchange.items import Item
from exchange.problems import Refused
from exchange.proof import Proof, ask, heard
from exchange.reading import unpack
from exchange.receiver import Status
from exchange.reconcile import Choice, Line, Outcome, Repair, settle
from exchange.sender import Do, Mine, Outstanding, Phase, Sender, wanted
from exchange.sessions import SessionAnswer, SessionRequest
from tests.exchange.making import copied, uid, ulid
from tests.exchange.simulation.national import National, Rules
from tests.exchange.simulation.network import Network

TIMEOUT = 20


@dataclass(frozen=True)
class Row:
    """A row of `published`: the record's state, its place, and what the peer is believed to hold of it."""

    uid: str
    rev: int
    op: str
    hash: str
    body: Any
    seq: int
    acked_rev: int = 0
    acked_hash: str = ""

    @property
    def item(self) -> Item:
        kind = self.uid.split(":")[1]
        return Item(self.uid, kind, f"{kind}/1.0", self.op, self.rev, self.seq, self.hash, self.body)


@dataclass(frozen=True)
class Sent:
    """A stored batch: its bytes, and the items that its receipt will speak of."""

    written: Written
    items: tuple[Item, ...]


@dataclass
class Disk:
    sender: Sender
    rows: dict[str, Row] = field(default_factory=dict)
    head: int = 0
    batches: dict[str, Sent] = field(default_factory=dict)
    outstanding: str = ""
    reading: Reading = field(default_factory=Reading)
    overlays: dict[str, Item] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    restored_at: int = 0
    """The head when this disk came back from a back-up: rows after it were changed by people since."""


@dataclass
class Local:
    node: str
    network: Network
    national: National
    chance: random.Random
    token: Callable[[], str]
    disk: Disk
    rules: Rules = field(default_factory=Rules)
    instance: str = "i0"
    clock_offset: int = 0
    alarms: list[str] = field(default_factory=list)
    said: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    on: bool = True
    _waiting: object = None
    _proof: Proof | None = None

    # -- people --------------------------------------------------------------------------------------------------------

    def write(self, number: int, op: str, body: Any) -> None:
        """One committed business transaction, and the sequencer after it."""
        name = uid(number, node=self.node)
        before = self.disk.rows.get(name)
        if before is None and op != "upsert":
            return
        digest = content_hash(uid=name, kind="offer", schema="offer/1.0", op=op, body=body)
        if before is not None and (before.hash == digest or before.op == "erase"):
            return
        self._publish(name, before.rev + 1 if before else 1, op, digest, body)

    def _publish(self, name: str, rev: int, op: str, digest: str, body: Any) -> None:
        before = self.disk.rows.get(name)
        believed = (before.acked_rev, before.acked_hash) if before else (0, "")
        self.disk.head += 1
        self.disk.rows[name] = Row(name, rev, op, digest, body, self.disk.head, *believed)
        self.said.setdefault((name, rev), set()).add(digest)

    # -- crashes -------------------------------------------------------------------------------------------------------

    def restart(self) -> None:
        """What was only in memory is gone; the new process is a new instance."""
        self._waiting, self._proof = None, None
        self.instance = self.token()
        self.disk.sender = replace(self.disk.sender, fence="")

    def restore(self, backup: Disk) -> None:
        self.disk = copied(backup)
        self.disk.restored_at = self.disk.head
        self.restart()

    @property
    def clock(self) -> float:
        return self.network.now + self.clock_offset

    # -- the loop ------------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """One turn of the sender's loop, and one of the reader of the national feed."""
        if not self.on or self._waiting is not None:
            return
        do = wanted(
            self.disk.sender, now=self.clock, head_seq=self.disk.head, outstanding=bool(self.disk.outstanding)
        )
        if do is Do.OPEN:
            self._open()
        elif do is Do.SEND:
            self._send()
        elif do is Do.RECONCILE:
            self._compare()
        elif self.disk.sender.phase in (Phase.IDLE, Phase.DRAINING):
            self._read()

    def _ask(self, answer: Callable[[float], Any], take: Callable[[Any], None]) -> None:
        """Send a request; its answer, or the time that is up, is taken once, and not by a later process."""
        asked = self._waiting = object()
        created = self.clock + self.disk.sender.offset

        def arrive() -> None:
            try:
                said = answer(created)
            except Refused as refused:
                said = refused
            except ConnectionError:
                return
            self.network.send("national", self.node, lambda: settled(said))

        def settled(said: Any) -> None:
            if self._waiting is asked:
                self._waiting = None
                take(said) if not isinstance(said, Refused) else self._refused(said)

        def timed_out() -> None:
            if self._waiting is asked:
                self._waiting, self._proof = None, None
                self._turn(setbacks.failed(self.disk.sender, now=self.clock, chance=self.chance.random()))

        self.network.send(self.node, "national", arrive)
        self.network.after(TIMEOUT, timed_out)

    def _turn(self, turn: machine.Turn) -> None:
        self.disk.sender = turn.sender
        self.alarms += turn.alarms
        if turn.recut:
            self.disk.outstanding = ""

    def _refused(self, refused: Refused) -> None:
        self._proof = None
        said = refused.problem
        refusal = setbacks.Refusal(said.status, said.code, server_time=said.more.get("server_time", 0))
        if said.code in ("epoch_changed", "cursor_in_future"):
            self.disk.reading, self.disk.seen = Reading(None), set()
            self.disk.sender = replace(self.disk.sender, fence="")
            return
        sent = len(self.disk.batches[self.disk.outstanding].items) if self.disk.outstanding else 0
        chance = self.chance.random()
        self._turn(
            setbacks.refused(self.disk.sender, refusal, now=self.clock, chance=chance, sent_items=sent)
        )

    def _open(self) -> None:
        sender = self.disk.sender
        request = SessionRequest(
            self.node, self.instance, sender.epoch, self.disk.head, sender.acked_seq, sender.last_batch_id,
            sender.former_epochs, self.disk.reading.cursor, clock=int(self.network.now),
        ).written()  # fmt: skip
        nonce = self.token()
        self._ask(
            lambda created: self.national.session(
                request, nonce=nonce, created=created, now=self.network.now
            ),
            self._opened,
        )

    def _opened(self, text: bytes) -> None:
        answer = SessionAnswer.read(text)
        known = not answer.last_batch_id or answer.last_batch_id in self.disk.batches
        mine = Mine(self.disk.head, known, self._outstanding())
        sender = self.disk.sender
        if not self.rules.rewound:
            # The control: whatever the peer says is believed.
            answer = replace(answer, last_batch_id=sender.last_batch_id, acked_seq=sender.acked_seq)
            mine = replace(mine, knows_last=True)
        if not self.rules.forgotten and answer.acked_seq < sender.acked_seq:
            answer = replace(answer, last_batch_id=sender.last_batch_id, acked_seq=sender.acked_seq)
        self._turn(machine.opened(sender, answer, mine, now=self.clock))
        cursor = self.disk.reading.cursor
        if cursor is None or cursor.epoch != answer.feed_epoch:
            self.disk.reading, self.disk.seen = lost(self.disk.reading, answer.feed_epoch), set()

    def _outstanding(self) -> Outstanding | None:
        if not self.disk.outstanding:
            return None
        written = self.disk.batches[self.disk.outstanding].written
        return Outstanding(written.batch_id, written.prev_seq, written.to_seq)

    def _send(self) -> None:
        if not self.disk.outstanding:
            self._cut()
            if self.chance.random() < 0.02:
                self.restart()  # Killed after the batch was stored, before it was sent.
                return
        sent = self.disk.batches[self.disk.outstanding]
        text = unpack(sent.written.packed, encoding="gzip")
        fence, began = self.disk.sender.fence, self.network.now
        self._ask(
            lambda created: self.national.batch(
                text, node=self.node, fence=fence, created=created, now=self.network.now
            ),
            lambda answer: self._acknowledged(sent, answer, began),
        )

    def _cut(self) -> None:
        """Write the next batch down before anything is sent."""
        sender = self.disk.sender
        rows = sorted(
            (row for row in self.disk.rows.values() if row.seq > sender.acked_seq), key=lambda row: row.seq
        )
        items = room_for([row.item for row in rows], sender.limits, most=min(sender.batch_items, 9))
        to = items[-1].seq if items else self.disk.head
        name = ulid(self.chance.getrandbits(120))
        batch = Batch(self.node, sender.epoch, name, sender.acked_seq, to, items)
        self.disk.batches[name] = Sent(write_batch(batch), items)
        self.disk.outstanding = name

    def _acknowledged(self, sent: Sent, answer: bytes, began: float) -> None:
        receipt = Receipt.read(answer)
        assert receipt.batch_id == sent.written.batch_id
        for item in machine.landed(sent.items, receipt):
            row = self.disk.rows[item.uid]
            self.disk.rows[item.uid] = replace(row, acked_rev=item.rev, acked_hash=item.hash)
        self.alarms += [flaw.code for result in receipt.results for flaw in result.flaws]
        self.disk.outstanding = ""
        took = self.network.now - began
        self._turn(
            machine.acknowledged(
                self.disk.sender, receipt, took=took, now=self.clock, head_seq=self.disk.head
            )
        )

    # -- the proof -----------------------------------------------------------------------------------------------------

    def believed(self) -> list[Line]:
        return sorted(
            Line(row.uid, row.acked_rev, row.acked_hash) for row in self.disk.rows.values() if row.acked_rev
        )

    def _compare(self) -> None:
        if self._proof is None:
            self._proof = Proof(self.disk.sender.epoch, self.disk.sender.acked_seq)
        asked = ask(self._proof, lambda prefix: below(self.believed(), prefix))
        text = asked.written()
        self._ask(
            lambda created: self.national.compare(text, node=self.node),
            lambda answer: self._compared(asked, answer),
        )

    def _compared(self, asked: Comparison, answer: Any) -> None:
        assert self._proof is not None
        self._proof = heard(self._proof, asked, answer)
        if self._proof.over:
            self._repair(self._proof)
            self._proof = None

    def _repair(self, proof: Proof) -> None:
        acked = self.disk.sender.acked_seq
        pending = {row.uid for row in self.disk.rows.values() if row.seq > acked}
        for difference in proof.found:
            if difference.outcome is Outcome.MISSING and difference.uid not in pending:
                row = self.disk.rows[difference.uid]
                self.disk.head += 1
                self.disk.rows[row.uid] = replace(row, seq=self.disk.head, acked_rev=0, acked_hash="")
        self._turn(
            machine.reconciled(
                self.disk.sender, proof.found, pending=pending, head_seq=self.disk.head, now=self.clock
            )
        )

    # -- the national feed ---------------------------------------------------------------------------------------------

    def _read(self) -> None:
        cursor = self.disk.reading.cursor
        if cursor is not None:
            self._ask(lambda created: self.national.changes(cursor, reader=self.node), self._page)

    def _page(self, page: Page) -> None:
        if page.since != self.disk.reading.cursor:
            return
        dirty = [row.seq for row in self.disk.rows.values()]
        read = took(self.disk.reading, page)
        for item in page.items:
            assert isinstance(item, Item)
            self.disk.overlays[item.uid] = item
            self.disk.seen.add(item.uid)
        self.disk.reading = read.reading
        if read.swept:
            self.disk.overlays = {
                name: one for name, one in self.disk.overlays.items() if name in self.disk.seen
            }
        assert dirty == [row.seq for row in self.disk.rows.values()], "I9: what comes down dirties nothing"

    # -- the operator --------------------------------------------------------------------------------------------------

    def operate(self, choice: Choice) -> None:
        """A person on each side looks at an alarm and chooses: stop the clone, settle what differs, go on."""
        standing = self.national.disk.standings.get(self.node)
        if standing is not None and standing.status is Status.FROZEN:
            self.national.disk.standings[self.node] = standing.released()
        phase = self.disk.sender.phase
        if phase is Phase.REWOUND or (phase is Phase.FROZEN and self.disk.sender.reason != "fence_flapping"):
            self._settle(choice)
            self.disk.outstanding = ""
            self.disk.sender = machine.in_new_epoch(
                self.disk.sender, self.token().lower(), head_seq=self.disk.head
            )
        elif phase in (Phase.FROZEN, Phase.BLOCKED, Phase.PAUSED):
            self.disk.sender = machine.resumed(self.disk.sender)
        self.restart()

    def _settle(self, choice: Choice) -> None:
        proof = Proof(self.disk.sender.epoch, 0)
        mine = sorted(Line(row.uid, row.rev, row.hash) for row in self.disk.rows.values())
        theirs = self.national.lines(self.node)
        while not proof.over:
            asked = ask(proof, lambda prefix: below(mine, prefix))
            proof = heard(proof, asked, compare(asked, below(theirs, asked.prefix)))
        for difference in proof.found:
            row = self.disk.rows.get(difference.uid)
            edited = row is not None and row.seq > self.disk.restored_at
            erased = difference.theirs is not None and self.national.content(difference.uid)[0] == "erase"
            repair = settle(difference, choice, edited=edited, erased=erased)
            self._mend(difference.uid, difference.theirs, repair)

    def _mend(self, name: str, theirs: Line | None, repair: Repair) -> None:
        if repair is Repair.RESEND or theirs is None:
            return
        row = self.disk.rows.get(name)
        if repair is Repair.TAKE_BACK:
            self._publish(name, theirs.rev, *self.national.content(name))
        elif repair is Repair.TOMBSTONE or row is None:
            digest = content_hash(uid=name, kind="offer", schema="offer/1.0", op="delete", body="withdrawn")
            self._publish(name, theirs.rev + 1, "delete", digest, "withdrawn")
        else:
            self._publish(name, theirs.rev + 1, row.op, row.hash, row.body)
