"""What a receiver knows of a sender, and whether it lets a session or a batch in: rules B1 to B5, S6, D2.

All decisions are pure; the caller holds the peer's row locked, and stores what comes back in the same transaction as
what it applies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from exchange.envelope import Batch, Result
from exchange.problems import Refused
from exchange.sessions import Action, Cursor, SessionRequest

FLAPPING = 6
FLAPPING_WINDOW = 600
"""More than three times there and back in ten minutes that a sender takes the fence from another: it runs twice (S6)."""
CHANGES_KEPT = 20
"""Changes of the fence that are remembered. A restarted sender never has its old name, one that runs twice has."""
HELD_SHARE = 0.2
HELD_LEAST = 20
"""A sender of whose batch more than a fifth is held needs a person; below so many records a share says nothing."""


class Status(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    FROZEN = "frozen"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Standing:
    """The peer's row. `fence` is a random token: a count could come again when this database is restored.

    `fence_changes` are the last senders to whom the fence went, each with the second.
    `former_epochs` are never taken again. `handed` is the last place of this side's own feed that the peer was given.
    """

    node: str
    status: Status = Status.ACTIVE
    epoch: str = ""
    acked_seq: int = 0
    last_batch_id: str = ""
    fence: str = ""
    instance: str = ""
    fence_changes: tuple[tuple[int, str], ...] = ()
    former_epochs: tuple[str, ...] = ()
    handed: Cursor | None = None

    def acked(self, batch: Batch) -> Self:
        """After the batch was applied."""
        return replace(self, acked_seq=batch.to_seq, last_batch_id=batch.batch_id)

    def handing(self, cursor: Cursor) -> Self:
        """Before a page of our feed that ends at `cursor` is given away. A peer that reads again changes nothing."""
        before = self.handed
        if before is not None and before.epoch == cursor.epoch and before.seq >= cursor.seq:
            return self
        return replace(self, handed=cursor)

    def frozen(self) -> Self:
        return replace(self, status=Status.FROZEN)

    def released(self) -> Self:
        """By a person of the receiving side who has looked at why it was frozen."""
        return replace(self, status=Status.ACTIVE, fence_changes=())


@dataclass(frozen=True, slots=True)
class Opened:
    """A session: the standing to be stored, what the sender is asked to do, and the alarms to raise.

    `down_rewound`: the peer has read further in our feed than we remember having handed out, so this database was
    restored, and its feed begins a new epoch.
    """

    standing: Standing
    epoch_known: bool
    action: Action
    alarms: tuple[str, ...] = ()
    down_rewound: bool = False


def open_session(
    standing: Standing, request: SessionRequest, *, fence: str, now: int, feed_epoch: str
) -> Opened:
    """Let a sender in. `fence` is a fresh random token, used when the fence has to change; `now` in seconds;
    `feed_epoch` is that of the receiver's own feed.

    Raises `Refused` with code `node_suspended`.
    """
    refuse_barred(standing)
    alarms: list[str] = []
    standing, epoch_known = _epoch(standing, request, alarms)
    standing = _fenced(standing, request, fence, now, alarms)
    if epoch_known and request.acked_seq > standing.acked_seq:
        # This database was restored. Batches on their way from before it carry the old fence and are refused.
        standing = replace(standing, fence=fence)
        alarms.append("receiver_rewound")
    action = Action.PUSH if epoch_known else Action.HALT
    if standing.status is Status.FROZEN:
        action = Action.HALT
    elif "epoch_changed" in alarms:
        action = Action.RECONCILE
    ahead = read_ahead(standing.handed, request.down_cursor, feed_epoch)
    return Opened(standing, epoch_known, action, (*alarms, *(("down_rewound",) if ahead else ())), ahead)


def read_ahead(handed: Cursor | None, cursor: Cursor | None, feed_epoch: str) -> bool:
    """D2: whether the peer's cursor is beyond what it was handed in this epoch of the feed.

    Then this database was restored, and its feed has to begin a new epoch. To be asked in sessions and before each
    page: a page given first would hide it.
    """
    if cursor is None or cursor.epoch != feed_epoch:
        return False
    return cursor.seq > (handed.seq if handed is not None and handed.epoch == feed_epoch else 0)


def refuse_barred(standing: Standing) -> None:
    if standing.status not in (Status.ACTIVE, Status.FROZEN):
        raise Refused("node_suspended", f"{standing.node} is {standing.status}")


def _epoch(standing: Standing, request: SessionRequest, alarms: list[str]) -> tuple[Standing, bool]:
    if request.epoch == standing.epoch:
        return standing, True
    first = not standing.epoch
    chosen = standing.epoch in request.former_epochs
    if request.epoch in standing.former_epochs or not (first or chosen):
        alarms.append("epoch_unknown")
        return standing, False
    former = standing.former_epochs if first else (*standing.former_epochs, standing.epoch)
    if former:
        alarms.append("epoch_changed")
    return replace(standing, epoch=request.epoch, acked_seq=0, last_batch_id="", former_epochs=former), True


def _fenced(standing: Standing, request: SessionRequest, fence: str, now: int, alarms: list[str]) -> Standing:
    """The fence of the running sender. Another sender of the same exchange gets a new one, and the old is refused."""
    if request.instance == standing.instance and standing.fence:
        return standing
    changes = (*standing.fence_changes, (now, request.instance))[-CHANGES_KEPT:]
    standing = replace(standing, fence=fence, instance=request.instance, fence_changes=changes)
    if _taken_back(changes, now) > FLAPPING:
        alarms.append("fence_flapping")
        return standing.frozen()
    return standing


def _taken_back(changes: Sequence[tuple[int, str]], now: int) -> int:
    """How often lately a sender got the fence that had had it before."""
    seen: set[str] = set()
    count = 0
    for at, instance in changes:
        count += instance in seen and now - at < FLAPPING_WINDOW
        seen.add(instance)
    return count


def refuse_fenced(standing: Standing, fence: str) -> None:
    """B1. Raises `Refused`: `node_suspended`, `fenced`."""
    refuse_barred(standing)
    if standing.status is Status.FROZEN:
        raise Refused("node_suspended", f"{standing.node} is frozen until a person has looked at it")
    if not fence or fence != standing.fence:
        raise Refused("fenced", "this session was taken over; open another")


def is_replay(batch: Batch, stored_digest: str | None) -> bool:
    """B2: whether the batch was applied before and its stored receipt is the answer.

    Raises `Refused` with code `idempotency_mismatch` when it was another of the same id.
    """
    if stored_digest is None:
        return False
    if stored_digest != batch.digest:
        raise Refused("idempotency_mismatch", f"{batch.batch_id} came with other content before")
    return True


def refuse_misplaced(standing: Standing, batch: Batch) -> None:
    """B3 and B4: the batch must follow on what was applied last.

    Raises `Refused`: `epoch_unknown`, `seq_gap`, or `forked`, after which the caller freezes the peer.
    """
    if batch.epoch != standing.epoch:
        raise Refused("epoch_unknown", f"the epoch known here is {standing.epoch or 'none yet'}")
    if batch.prev_seq > standing.acked_seq:
        raise Refused("seq_gap", f"applied up to {standing.acked_seq}", acked_seq=standing.acked_seq)
    if batch.prev_seq < standing.acked_seq:
        raise Refused("forked", f"applied up to {standing.acked_seq}", acked_seq=standing.acked_seq)


def too_many_held(results: Sequence[Result]) -> bool:
    """Whether a person must look before the sender goes on: the batch stays applied, the next session says halt."""
    bad = sum(result.status in ("held", "rejected") for result in results)
    return len(results) >= HELD_LEAST and bad > HELD_SHARE * len(results)
