"""The sender: takes our feed to the national exchange, and brings back what that says of it.

One step at a time, each remembered before the next. Any number of processes of this exchange may run it; a lease lets
one at a time, and should two believe that they hold it, the national exchange lets only the one with the fence.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from exchange import sender as machine
from exchange import setbacks
from exchange.envelope import Receipt
from exchange.problems import Refused
from exchange.reconcile import root as root_of
from exchange.sender import Do, Phase, Sender, Turn
from exchange.sessions import AuditHead, Cursor, Root, SessionAnswer, SessionRequest
from exchange.setbacks import Refusal
from marketplace import leases
from marketplace.downlink import LARGE, Downlink
from marketplace.network import Unreachable
from marketplace.peering import NoAnswer, Peering, read_keys
from marketplace.runtime import Runtime
from marketplace.services import audit, feed
from marketplace.services.sync import comparing, lines, outgoing, pins, probes, replays, trust
from marketplace.services.sync.outgoing import Line
from marketplace.services.sync.replays import Asked
from marketplace.work import Work, begin, look

log = logging.getLogger("giao.sync")

LEASE = "uplink"
GZIP = ("Content-Encoding", "gzip")
WAITING = 15.0
"""Seconds between two looks at whether we have been let in."""
READ = {"held", "rejected"}
"""Ends of records about which the national exchange has something to say at once."""


@dataclass
class Uplink:
    """Moves our feed. `chance` is a random number from 0 up to 1, which spreads retries."""

    runtime: Runtime
    chance: Callable[[], float] = secrets.SystemRandom().random
    large_feed: int = LARGE
    """Places of their feed ahead from which it is read as a snapshot."""

    def __post_init__(self) -> None:
        self._claim = leases.Claim(LEASE, self.runtime.settings.data_dir)

    def turn(self) -> bool:
        """One step; True when there may be more to do at once."""
        if not self.runtime.settings.national_url:
            return False
        with look(self.runtime) as work:
            line = outgoing.line(work)
            if line is None:
                return False
            head = feed.state(work).head
            waits = outgoing.outstanding(work, line.node) is not None
            beats = probes.due(work, line.sender)
            again = None if waits else replays.waiting(work, line.node)
        if beats:
            with begin(self.runtime) as work:
                probes.beat(work, line.sender)
            return True
        if again is not None and machine.between_batches(line.sender, now=self.now):
            return self._is_ours() and self._replay(line, again)
        do = machine.wanted(line.sender, now=self.now, head_seq=head, outstanding=waits)
        if do is Do.WAIT or not self._is_ours():
            return False
        return {Do.OPEN: self._open, Do.SEND: self._send, Do.RECONCILE: self._compare}[do](line)

    @property
    def now(self) -> float:
        return self.runtime.clock().timestamp()

    def give_back(self) -> None:
        """Let another process send at once."""
        if not self.runtime.settings.national_url:
            return
        with begin(self.runtime) as work:
            self._claim.give_back(work.session, work.now)

    def _is_ours(self) -> bool:
        with begin(self.runtime) as work:
            return self._claim.hold(work.session, work.now)

    # -- the handshake ------------------------------------------------------------------------------------------------

    def _open(self, line: Line) -> bool:
        with look(self.runtime) as work:
            body = self.greeting(work, line).written()
        try:
            said = self._peering(line).ask("POST", "/sync/v1/session", body)
            answer = SessionAnswer.read(said)
        except (NoAnswer, Refused) as error:
            # An answer that no believed key has signed: there may be a new one.
            followed = isinstance(error, NoAnswer) and bool(error.status) and self._follow(line)
            return followed or self._set_back(line, error)
        with begin(self.runtime) as work:
            turn = machine.opened(
                line.sender, answer, outgoing.mine(work, line.node, answer.last_batch_id), now=self.now
            )
            if turn.recut:
                outgoing.drop(work, line.node)
            self._keep(work, line, turn, detail="")
            outgoing.note_key(work, line.node, answer.key_expires_at)
        self._know(line, answer.newest_key)
        self._read(line)
        return turn.sender.phase in (Phase.DRAINING, Phase.RECONCILING)

    def _know(self, line: Line, newest: str) -> None:
        """They have said in a proved answer which key they sign with, or soon will."""
        if newest and newest not in self._peering(line).keys:
            self._follow(line)
            return
        with begin(self.runtime) as work:
            pins.well(work, line.node)

    def _follow(self, line: Line) -> bool:
        """Believe a key that those we believe have handed over to; False when there is none."""
        try:
            said = read_keys(self.runtime, line.base_url)
        except (Unreachable, Refused) as error:
            log.warning("the keys of %s cannot be read: %s", line.node, error)
            return False
        with begin(self.runtime) as work:
            return pins.follow(work, line.node, said)

    def _read(self, line: Line) -> None:
        """What they say of our records."""
        self._downlink(line).read()

    def _downlink(self, line: Line) -> Downlink:
        return Downlink(self.runtime, self._peering(line), self._is_ours, self.large_feed)

    def greeting(self, work: Work, line: Line) -> SessionRequest:
        """What we say of ourselves in a session."""
        state, sender = feed.state(work), line.sender
        return SessionRequest(
            node=self.runtime.settings.node_id,
            instance=_token(self._claim.holder),
            epoch=sender.epoch,
            head_seq=state.head,
            acked_seq=sender.acked_seq,
            last_batch_id=sender.last_batch_id,
            former_epochs=sender.former_epochs,
            root=self._root(work, sender),
            down_cursor=Cursor.read(line.cursor) if line.cursor else None,
            audit_head=AuditHead(*audit.head(work)),
            clock=int(self.now),
        )

    # -- batches ------------------------------------------------------------------------------------------------------

    def _send(self, line: Line) -> bool:
        with begin(self.runtime) as work:
            batch = outgoing.outstanding(work, line.node) or outgoing.cut(work, line.node, line.sender)
            if batch is None:
                return False
            batch_id, body, count = batch.batch_id, batch.body, int(batch.counts.get("sent", 0))
        started = self.now
        try:
            said = self._peering(line).ask(
                "POST", "/sync/v1/batches", body, GZIP, ("XS-Fence", line.sender.fence)
            )
            receipt = Receipt.read(said)
        except (NoAnswer, Refused) as error:
            return self._set_back(line, error, sent_items=count)
        with begin(self.runtime) as work:
            outgoing.settle(work, batch_id, receipt, said)
            head = feed.state(work).head
            took = self.now - started
            turn = machine.acknowledged(line.sender, receipt, took=took, now=self.now, head_seq=head)
            self._keep(work, line, turn)
        if any(receipt.count(status) for status in READ):
            self._read(line)
        return turn.sender.phase in (Phase.DRAINING, Phase.RECONCILING)

    def _replay(self, line: Line, asked: Asked) -> bool:
        """Send a batch again that was acknowledged. First it is asked whether it is known there, for one that a
        restored exchange has forgotten would be taken for a fork of our feed."""
        peering = self._peering(line)
        try:
            peering.ask("GET", f"/sync/v1/batches/{asked.batch_id}")
            said = peering.ask("POST", "/sync/v1/batches", asked.body, GZIP, ("XS-Fence", line.sender.fence))
            receipt = Receipt.read(said)
        except (NoAnswer, Refused) as error:
            if isinstance(error, NoAnswer) or error.problem.code not in replays.ENDS:
                return self._set_back(line, error)
            with begin(self.runtime) as work:
                replays.refused(work, asked, error.problem)
            return True
        with begin(self.runtime) as work:
            replays.answered(work, asked, receipt)
        return True

    # -- proof --------------------------------------------------------------------------------------------------------

    def _root(self, work: Work, sender: Sender) -> Root | None:
        """Once an hour a heartbeat asks whether both sides are equal."""
        if not sender.with_root:
            return None
        root = root_of(lines.believed(work))
        return Root(sender.acked_seq, root.count, root.digest)

    def _compare(self, line: Line) -> bool:
        peering = self._peering(line)

        def ask(comparison: bytes) -> bytes:
            return peering.ask("POST", "/sync/v1/reconcile", comparison)

        with look(self.runtime) as work:
            believed = list(lines.believed(work))
        try:
            proof = comparing.prove(believed, ask, epoch=line.sender.epoch, at_seq=line.sender.acked_seq)
        except (NoAnswer, Refused) as error:
            return self._set_back(line, error)
        with begin(self.runtime) as work:
            pending = comparing.pending(work, proof, line.sender.acked_seq)
            left = comparing.repair(work, line.node, proof, pending)
            # What was repaired moves to the head, and is compared once more when it has arrived.
            head = feed.state(work).head + len(left)
            turn = machine.reconciled(line.sender, left, pending=pending, head_seq=head, now=self.now)
            self._keep(work, line, turn)
        return turn.sender.phase is Phase.DRAINING

    # -- what goes wrong ----------------------------------------------------------------------------------------------

    def _set_back(self, line: Line, error: NoAnswer | Refused, *, sent_items: int = 0) -> bool:
        sender, chance = line.sender, self.chance()
        if isinstance(error, NoAnswer):
            status = error.status
            if status >= 400:
                turn = setbacks.refused(sender, Refusal(status, proven=False), now=self.now, chance=chance)
            else:
                turn = setbacks.failed(sender, now=self.now, chance=chance)
        else:
            turn = self._refused(sender, error, sent_items)
        log.warning("%s does not take what we have: %s", line.node, error)
        with begin(self.runtime) as work:
            if turn.recut:
                outgoing.drop(work, line.node)
            self._keep(work, line, turn, detail=str(error))
        return turn.sender.phase is Phase.SESSION

    def _refused(self, sender: Sender, error: Refused, sent_items: int) -> Turn:
        problem = error.problem
        if problem.code == "node_suspended":
            # Not yet let in, or suspended for a while: people decide, and we look again.
            turn = setbacks.failed(
                sender, now=self.now, chance=0, reason=str(problem.more.get("state", "suspended"))
            )
            return replace(
                turn, sender=replace(turn.sender, failures=0, retry_at=self.now + WAITING), alarms=()
            )
        server_time = problem.more.get("server_time")
        refusal = Refusal(
            problem.status, problem.code, retry_after=problem.retry_after or 0,
            server_time=server_time if isinstance(server_time, int) else 0,
        )  # fmt: skip
        return setbacks.refused(sender, refusal, now=self.now, chance=self.chance(), sent_items=sent_items)

    def _keep(self, work: Work, line: Line, turn: Turn, *, detail: str | None = None) -> None:
        """Store where the sender stands now; what an operator has wished meanwhile is not lost."""
        fresh = outgoing.line(work)
        if fresh is not None and fresh.sender.epoch != line.sender.epoch:
            return  # A new epoch has begun meanwhile, for which this step says nothing.
        sender = turn.sender
        if fresh is not None and fresh.sender != line.sender:
            if fresh.sender.reconcile_at is not None and line.sender.reconcile_at is None:
                sender = machine.reconcile_soon(sender)
            if fresh.sender.retry_at < line.sender.retry_at:
                # «Try now» counts for the attempt that follows, whatever became of this one.
                sender = replace(sender, retry_at=fresh.sender.retry_at)
            if fresh.sender.phase is Phase.PAUSED:
                sender = machine.paused(sender)
        outgoing.keep(work, line.node, sender, detail=detail)
        for alarm in turn.alarms:
            log.error("synchronisation with %s: %s", line.node, alarm)

    def _peering(self, line: Line) -> Peering:
        with look(self.runtime) as work:
            believed = {record.kid: record for record in trust.pinned(work, line.node)}
        return Peering(self.runtime, line.node, line.base_url, believed, line.sender.offset)


def _token(name: str) -> str:
    """The name of this process in the letters a session allows."""
    return "".join(letter if letter.isalnum() else "-" for letter in name)[:64]
