"""What the operator of a local exchange can do about its sending: pause, go on, try at once, compare, begin anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from exchange import sender as machine
from exchange.sender import Phase, Sender
from marketplace.errors import Conflict
from marketplace.services import audit
from marketplace.services.policy import SYSTEM, Actor, permit
from marketplace.services.sync import outgoing
from marketplace.work import Work


def pause(work: Work, actor: Actor) -> None:
    """Send nothing until somebody lets it go on; the exchange itself works as ever."""
    _change(work, actor, "pause", machine.paused)


def go_on(work: Work, actor: Actor) -> None:
    """After a pause, or when somebody has looked at what had stopped it. Raises `Conflict` after a restore."""
    _change(work, actor, "resume", _resumed)


def try_now(work: Work, actor: Actor) -> None:
    """Do not wait for the next attempt."""
    _change(work, actor, "retry", lambda sender: replace(sender, retry_at=0, heartbeat_at=0))


def compare(work: Work, actor: Actor) -> None:
    """Compare both sides as soon as everything that waits has been sent."""
    _change(work, actor, "compare", lambda sender: replace(machine.reconcile_soon(sender), heartbeat_at=0))


def compare_nightly(work: Work) -> None:
    """The same by the timetable; nothing on an exchange that sends nowhere."""
    if outgoing.line(work) is not None:
        compare(work, SYSTEM)


def _change(work: Work, actor: Actor, what: str, step: Callable[[Sender], Sender]) -> None:
    permit(actor, "exchanges.operate")
    line = outgoing.line(work)
    if line is None:
        raise Conflict("not_enrolled")
    outgoing.keep(work, line.node, step(line.sender))
    audit.record(work, actor, f"sync.{what}", line.node)
    work.after(work.runtime.bell.ring)


def _resumed(sender: Sender) -> Sender:
    if sender.phase is Phase.REWOUND:
        raise Conflict("sync_rewound")
    return machine.resumed(sender)
