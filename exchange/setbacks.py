"""What a sender makes of no answer, and of one that refuses: wait and try again, ask anew, or stop for people.

Transport is tried again for ever. Content never is: the same bytes would be refused in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from exchange.sender import BREAKER_AFTER, Phase, Sender, Turn, stopped

SHORTEST, LONGEST = 2, 900
"""Seconds: the back-off begins at the one and ends at the other."""
BREAKER_FOR = 60
"""Seconds for which nothing is tried after `BREAKER_AFTER` failures in a row."""
FLAPPING, FLAPPING_WINDOW = 3, 600
"""More than three losses of the fence in ten minutes: the same exchange runs twice (S6)."""
LARGEST_OFFSET = 86_400
"""Seconds of difference between the clocks up to which ours is corrected."""

WAITED_OUT = frozenset({408, 425, 429})
TRANSPORT = frozenset({"digest_mismatch", "replayed"})
"""Refusals that say nothing of the content: the body was cut on its way, or a proxy has sent the request twice."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no success. `proven` says whether the peer has signed it; times are in seconds."""

    status: int
    code: str = ""
    proven: bool = True
    retry_after: float = 0
    server_time: int = 0

    @property
    def reason(self) -> str:
        return self.code or f"http_{self.status}"

    @property
    def passing(self) -> bool:
        """Whether waiting may help."""
        return self.status in WAITED_OUT or self.status >= 500 or self.code in TRANSPORT


def failed(
    sender: Sender, *, now: float, chance: float, retry_after: float = 0, reason: str = "network"
) -> Turn:
    """After no answer, or one that proves nothing: wait, longer each time, and begin with a session."""
    failures = sender.failures + 1
    pause = chance * min(LONGEST, SHORTEST * 2 ** min(failures, 20))
    if failures >= BREAKER_AFTER:
        pause = max(pause, BREAKER_FOR)
    waiting = replace(
        sender,
        phase=Phase.BACKOFF,
        fence="",
        failures=failures,
        batch_items=max(1, sender.batch_items // 2),
        reason=reason,
        retry_at=now + max(pause, retry_after),
    )
    return Turn(waiting, ("breaker_open",) if failures == BREAKER_AFTER else ())


def refused(sender: Sender, refusal: Refusal, *, now: float, chance: float, sent_items: int = 0) -> Turn:
    """After a refusal of a session or a batch; `sent_items` is how many records the refused batch had."""
    if refusal.passing:
        return failed(sender, now=now, chance=chance, retry_after=refusal.retry_after, reason=refusal.reason)
    if not refusal.proven:
        return stopped(sender, Phase.BLOCKED, f"http_{refusal.status}")
    if refusal.code == "forked":
        return stopped(sender, Phase.FROZEN, "forked")
    if refusal.code == "fenced":
        return _fence_lost(sender, now, chance)
    if refusal.code == "clock_skew":
        return _clock(sender, refusal, now, chance)
    if refusal.status == 409:
        return Turn(_again(sender, refusal.code, now, chance))
    if refusal.code == "too_large" and sent_items > 1:
        smaller = replace(sender, batch_items=max(1, sent_items // 2))
        return Turn(_again(smaller, refusal.code, now, chance), recut=True)
    return stopped(sender, Phase.BLOCKED, refusal.reason)


def _again(sender: Sender, reason: str, now: float, chance: float) -> Sender:
    """A session at once; when that has not helped several times, after a pause."""
    if sender.failures + 1 >= BREAKER_AFTER:
        return failed(sender, now=now, chance=chance, reason=reason).sender
    return replace(
        sender, phase=Phase.SESSION, fence="", reason=reason, retry_at=now, failures=sender.failures + 1
    )


def _fence_lost(sender: Sender, now: float, chance: float) -> Turn:
    losses = (*(at for at in sender.fence_losses if now - at < FLAPPING_WINDOW), now)
    sender = replace(sender, fence_losses=losses)
    if len(losses) > FLAPPING:
        return stopped(sender, Phase.FROZEN, "fence_flapping")
    return Turn(_again(sender, "fenced", now, chance))


def _clock(sender: Sender, refusal: Refusal, now: float, chance: float) -> Turn:
    """Take the peer's time once; a second refusal in a row, or a day's difference, is for people."""
    offset = refusal.server_time - int(now)
    if sender.clock_tried or not refusal.server_time or abs(offset) > LARGEST_OFFSET:
        return stopped(sender, Phase.BLOCKED, "clock_skew")
    corrected = replace(sender, offset=offset, clock_tried=True)
    return Turn(_again(corrected, "clock_skew", now, chance), ("clock_offset",))
