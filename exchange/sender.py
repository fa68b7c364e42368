"""The sender of a feed as a machine of pure steps: what it does next, and what each answer makes of it.

The caller keeps a `Sender` a peer in its database, asks `wanted` what to do, does it, and stores what `opened`,
`acknowledged`, `setbacks.refused` or `setbacks.failed` make of the outcome. Nothing here reads a clock or draws a
number: `now` is in seconds since 1970, `chance` a random number from 0 up to 1.

What is kept to: one sender, one batch in flight (S1); a batch is stored, then sent, and every retry sends the same
bytes (S2); a session before the first sending and after every error (S3); a peer that knows what we do not means that
this side was restored or cloned (S4); one that has forgotten means that the other was (S5); two senders that keep
taking over from each other stop (S6).
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from exchange.envelope import LIMITS, Limits, Receipt
from exchange.items import Item
from exchange.reconcile import Difference, Outcome
from exchange.sessions import EVERY, Action, SessionAnswer

FIRST_ITEMS = 100
MORE_ITEMS = 50
QUICK = 2.0
"""Seconds under which an answer lets the next batch grow by `MORE_ITEMS`."""
BREAKER_AFTER = 5
"""Failures in a row after which the breaker opens."""
ROOT_EVERY = 60
"""Every sixtieth heartbeat carries the root digest."""


class Phase(StrEnum):
    SESSION = "session"
    IDLE = "idle"
    DRAINING = "draining"
    BACKOFF = "backoff"
    RECONCILING = "reconciling"
    HALTED = "halted"
    """The peer asked to wait; heartbeats go on, for it says when to go on."""
    PAUSED = "paused"
    BLOCKED = "blocked"
    REWOUND = "rewound"
    FROZEN = "frozen"


STOPPED = frozenset({Phase.PAUSED, Phase.BLOCKED, Phase.REWOUND, Phase.FROZEN})
"""Where only an operator leads out."""


class Do(StrEnum):
    """What the caller is to do next."""

    OPEN = "open"
    SEND = "send"
    RECONCILE = "reconcile"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Sender:
    """All that is remembered of one peer. `acked_seq` and `last_batch_id` are what the peer has acknowledged.

    `reconcile_at`: both sides are compared as soon as so much is acknowledged; None when nothing asks for it.
    `offset`: seconds that the peer's clock is ahead of ours, once it had to be measured.
    `reason`: the code of what stopped it or makes it wait.
    """

    epoch: str
    phase: Phase = Phase.SESSION
    acked_seq: int = 0
    last_batch_id: str = ""
    former_epochs: tuple[str, ...] = ()
    fence: str = ""
    batch_items: int = FIRST_ITEMS
    failures: int = 0
    retry_at: float = 0
    heartbeat_at: float = 0
    heartbeats: int = 0
    fence_losses: tuple[float, ...] = ()
    offset: int = 0
    clock_tried: bool = False
    reconcile_at: int | None = None
    reason: str = ""
    last_success: float = 0
    limits: Limits = LIMITS

    @property
    def with_root(self) -> bool:
        """Whether the next session carries the root digest."""
        return self.heartbeats % ROOT_EVERY == ROOT_EVERY - 1


@dataclass(frozen=True, slots=True)
class Outstanding:
    """The stored batch that has no receipt yet."""

    batch_id: str
    prev_seq: int
    to_seq: int


@dataclass(frozen=True, slots=True)
class Mine:
    """What this side's database says when the peer answers a session.

    `knows_last`: whether the batch that the peer names as its last was written here; true when it names none.
    """

    head_seq: int
    knows_last: bool
    outstanding: Outstanding | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """The sender afterwards, alarms for people, and whether the stored batch is to be dropped and cut anew."""

    sender: Sender
    alarms: tuple[str, ...] = ()
    recut: bool = False


def wanted(sender: Sender, *, now: float, head_seq: int, outstanding: bool) -> Do:
    """The next thing to do. `head_seq` is the head of the own feed; `outstanding` whether a stored batch waits."""
    if sender.phase in STOPPED or now < sender.retry_at:
        return Do.WAIT
    if not sender.fence or now >= sender.heartbeat_at:
        return Do.OPEN
    if sender.phase is Phase.HALTED:
        return Do.WAIT
    if outstanding:
        # Also before a comparison: reality is looked at between two batches.
        return Do.SEND
    if sender.phase is Phase.RECONCILING:
        return Do.RECONCILE
    return Do.SEND if head_seq > sender.acked_seq else Do.WAIT


def between_batches(sender: Sender, *, now: float) -> bool:
    """Whether a batch of former times may be sent again now: in an open session, with nothing on its way."""
    quiet = sender.phase in (Phase.IDLE, Phase.DRAINING)
    return quiet and bool(sender.fence) and sender.retry_at <= now < sender.heartbeat_at


def opened(sender: Sender, answer: SessionAnswer, mine: Mine, *, now: float) -> Turn:
    """After the signed answer to a session."""
    sender = replace(
        sender, fence=answer.fence, limits=answer.limits, retry_at=0, clock_tried=False, reason="",
        heartbeat_at=now + EVERY, heartbeats=sender.heartbeats + 1, last_success=now,
    )  # fmt: skip
    if not answer.epoch_known:
        return stopped(sender, Phase.FROZEN, "epoch_unknown")
    if not _agrees(sender, answer, mine):
        return stopped(sender, Phase.REWOUND, "rewound")
    if answer.acked_seq >= sender.acked_seq:
        return Turn(_acting(sender, answer, mine))
    forgotten = replace(
        sender, acked_seq=answer.acked_seq, last_batch_id=answer.last_batch_id, reconcile_at=sender.acked_seq
    )
    return Turn(_acting(forgotten, answer, mine), ("receiver_rewound",), recut=True)


def _agrees(sender: Sender, answer: SessionAnswer, mine: Mine) -> bool:
    """S4: whether all that the peer has applied was sent by this side, as far as this side remembers."""
    if not mine.knows_last or answer.acked_seq > mine.head_seq:
        return False
    if answer.acked_seq == sender.acked_seq:
        return answer.last_batch_id == sender.last_batch_id
    if answer.acked_seq < sender.acked_seq:
        return True
    waiting = mine.outstanding
    applied = (answer.acked_seq, answer.last_batch_id)
    return waiting is not None and (waiting.to_seq, waiting.batch_id) == applied


def _acting(sender: Sender, answer: SessionAnswer, mine: Mine) -> Sender:
    if answer.action is Action.HALT:
        return replace(sender, phase=Phase.HALTED, reason="halt")
    if sender.reconcile_at is None and (answer.action is Action.RECONCILE or answer.root_equal is False):
        sender = replace(sender, reconcile_at=sender.acked_seq)
    if answer.action is Action.SLOW:
        sender = replace(sender, batch_items=max(1, sender.batch_items // 2))
    return _going_on(sender, mine.head_seq)


def _going_on(sender: Sender, head_seq: int) -> Sender:
    """Between two batches: compare when it is due, else send what there is. With nothing to send all is well again."""
    if sender.reconcile_at is not None and sender.acked_seq >= sender.reconcile_at:
        return replace(sender, phase=Phase.RECONCILING)
    if head_seq > sender.acked_seq:
        return replace(sender, phase=Phase.DRAINING)
    return replace(sender, phase=Phase.IDLE, failures=0)


def acknowledged(sender: Sender, receipt: Receipt, *, took: float, now: float, head_seq: int) -> Turn:
    """After a signed receipt for the stored batch; `took` is in seconds."""
    items = sender.batch_items + (MORE_ITEMS if took < QUICK else 0)
    most = min(sender.limits.max_items, receipt.next_items or sender.limits.max_items)
    going = replace(
        sender, acked_seq=receipt.acked_seq, last_batch_id=receipt.batch_id, batch_items=max(1, min(items, most)),
        failures=0, retry_at=now + receipt.retry_after, reason="", last_success=now,
    )  # fmt: skip
    return Turn(_going_on(going, head_seq))


def landed(items: Sequence[Item], receipt: Receipt) -> tuple[Item, ...]:
    """The items that are in the peer's replica now: the sender's belief. Rejected and stale ones are not."""
    failed = {result.place for result in receipt.results if result.status in ("rejected", "stale")}
    return tuple(item for place, item in enumerate(items) if place not in failed)


def reconcile_soon(sender: Sender) -> Sender:
    """By schedule or by an operator: compare at the next border between two batches."""
    return replace(sender, reconcile_at=sender.acked_seq)


def reconciled(
    sender: Sender, found: Sequence[Difference], *, pending: Container[str], head_seq: int, now: float
) -> Turn:
    """After a comparison whose missing records were published again, up to `head_seq`.

    A missing record that is `pending` is explained: it waits to be sent. In both cases it is compared once more when
    all has been sent. A difference that sending cannot mend stops the sender.
    """
    sender = replace(sender, reconcile_at=None, last_success=now)
    if not found:
        return Turn(_going_on(sender, head_seq))
    beyond = sorted({str(one.outcome) for one in found if one.outcome is not Outcome.MISSING})
    if beyond:
        return replace(stopped(sender, Phase.REWOUND, beyond[0]), alarms=tuple(beyond))
    explained = all(one.uid in pending for one in found)
    again = replace(sender, reconcile_at=head_seq)
    return Turn(_going_on(again, head_seq), () if explained else ("missing",))


def stopped(sender: Sender, phase: Phase, code: str) -> Turn:
    return Turn(replace(sender, phase=phase, fence="", reason=code), (code,))


# -- what operators choose --------------------------------------------------------------------------------------------


def paused(sender: Sender) -> Sender:
    return replace(sender, phase=Phase.PAUSED, fence="", reason="paused")


def resumed(sender: Sender) -> Sender:
    """Out of PAUSED, BLOCKED or FROZEN by a person who has looked. Raises ValueError for REWOUND: `in_new_epoch`."""
    if sender.phase is Phase.REWOUND:
        raise ValueError("a rewound sender goes on in a new epoch only")
    due = sender.acked_seq if sender.phase is Phase.FROZEN else sender.reconcile_at
    return replace(
        sender, phase=Phase.SESSION, fence="", failures=0, retry_at=0, fence_losses=(), clock_tried=False,
        reason="", reconcile_at=due,
    )  # fmt: skip


def in_new_epoch(sender: Sender, epoch: str, *, head_seq: int) -> Sender:
    """After the operator has chosen what becomes of lost revisions (`reconcile.settle`).

    All up to `head_seq` is sent again, most of it unchanged; then both sides are compared.
    """
    return Sender(
        epoch, former_epochs=(*sender.former_epochs, sender.epoch), reconcile_at=head_seq, batch_items=sender.batch_items,
        limits=sender.limits, last_success=sender.last_success, heartbeats=sender.heartbeats,
    )  # fmt: skip
