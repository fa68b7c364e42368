"""One run: exchanges are started and enrolled, people work, all fails, all heals, and what is left is judged."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts.chaos.history import History
from scripts.chaos.judging import Verdict, judge, outcome
from scripts.chaos.loading import imported
from scripts.chaos.plan import plan
from scripts.chaos.proxy import Proxy
from scripts.chaos.trials import Trial
from scripts.chaos.world import Node, Silent, free_port

SHARE = 0.35
"""Of the requests, so many meet a fault."""
ACTS_A_SECOND = 4.0
BETWEEN_KILLS = (5.0, 10.0)
"""Seconds; in a short run a third to a half of it."""
DOWN = (0.0, 2.0)
CUT_EVERY, CUT_FOR = (20.0, 60.0), (2.0, 15.0)
"""The line of everybody is cut now and then."""
ENTRIES = 5
PATIENCE = 180.0
"""Seconds after the last fault until both sides must be equal; more with many listings."""
LISTINGS_A_SECOND = 10.0
LATE = 3.0
"""On a machine that does much else people take so many times as long for what they had planned."""
LOOK = 0.02


@dataclass(frozen=True)
class Wish:
    """`files`: local exchange -> the file of listings it begins with; of each at most `most` lines, 0 for all."""

    trial: Trial
    files: Mapping[str, Path] = field(default_factory=dict)
    most: int = 0

    @property
    def names(self) -> list[str]:
        return list(self.files) or [f"local-{letter}" for letter in "abcdef"[: self.trial.exchanges]]


def run(folder: Path, wish: Wish) -> Verdict:
    seed, seconds = wish.trial.seed, wish.trial.seconds
    print(
        f"seed {seed}, {seconds:.0f} s, local exchanges {', '.join(wish.names)} and a national one",
        flush=True,
    )
    chance = random.Random(seed)
    with network(folder, chance, wish) as (national, locals_, proxy):
        enrol(national, locals_)
        history = begun(chance, locals_, seconds)
        proxy.failing.set()
        trouble(chance, history, [national, *locals_], proxy, seconds)
        proxy.failing.clear()
        waited = settle(national, locals_, len(history.listings))
        verdict = judge(history, locals_, national)
        tell(history, [national, *locals_], proxy, waited, verdict)
    return verdict


@contextmanager
def network(folder: Path, chance: random.Random, wish: Wish) -> Iterator[tuple[Node, list[Node], Proxy]]:
    listen = free_port()
    proxy = Proxy(("127.0.0.1", listen), random.Random(chance.random()), share=SHARE)
    national = Node("national", folder, public=proxy.port, listen=listen)
    locals_ = [Node(name, folder, national_port=proxy.port) for name in wish.names]
    nodes = [national, *locals_]
    for node in locals_:
        if node.name in wish.files:
            print(f"  {node.name}: {imported(node, wish.files[node.name], wish.most)}", flush=True)
    try:
        for node in nodes:
            node.start()
        for node in nodes:
            node.wait_until_ready()
        yield national, locals_, proxy
    finally:
        for node in nodes:
            node.end()
        proxy.close()


def enrol(national: Node, locals_: list[Node]) -> None:
    """Raises `Silent` when an exchange is not let in after some tries: a busy machine may let one run out of time."""
    for node in locals_:
        national.ask("approve", kid=_entered(national, node))
        node.ask("push")


def _entered(national: Node, node: Node) -> str:
    for _ in range(ENTRIES):
        invited = national.ask("invite", node=node.name)
        said = node.ask("enter", token=invited["token"], fingerprint=invited["fingerprint"])
        if "kid" in said:
            return str(said["kid"])
    raise Silent(f"{node.name} could not enrol: {said['failed']}")


def begun(chance: random.Random, locals_: list[Node], seconds: float) -> History:
    """Everything that is going to be done, after what the files have brought."""
    brought = {node.name: _public(node) for node in locals_}
    count = max(1, round(seconds * ACTS_A_SECOND))
    homes = {name: sorted(listings) for name, listings in brought.items()}
    history = History(plan(random.Random(chance.random()), homes, count=count, seconds=seconds))
    for name, listings in brought.items():
        history.loaded(name, listings)
    return history


def _public(node: Node) -> dict[str, str]:
    listings = node.ask("listed")["listings"]
    return {source: uid for source, (uid, status, _) in listings.items() if status == "published"}


def trouble(chance: random.Random, history: History, nodes: list[Node], proxy: Proxy, seconds: float) -> None:
    """People do what they have planned wherever an exchange runs; processes die and come back, the line is cut."""
    began = time.monotonic()
    fates = Fates(chance, nodes, proxy, seconds)
    while (elapsed := time.monotonic() - began) < seconds or history.left:
        if elapsed > LATE * seconds + PATIENCE:
            raise Silent(f"{history.left} things could not be done in time")
        fates.strike(elapsed)
        # A list, not a generator: people work everywhere, not only where somebody did first.
        if not any([node.is_ready() and history.act(node, elapsed) for node in nodes[1:]]):  # noqa: C419
            time.sleep(LOOK)
    fates.end()


class Fates:
    """Who is killed, how long for, and when the line is cut. After `seconds` nobody is any more."""

    def __init__(self, chance: random.Random, nodes: list[Node], proxy: Proxy, seconds: float) -> None:
        self._chance, self._nodes, self._proxy, self._seconds = chance, nodes, proxy, seconds
        self._pauses = (min(BETWEEN_KILLS[0], seconds / 3), min(BETWEEN_KILLS[1], seconds / 2))
        self._back: dict[str, float] = {}
        self._kill_at = chance.uniform(*self._pauses)
        self._cut_at, self._mend_at = chance.uniform(*CUT_EVERY), 0.0

    def strike(self, elapsed: float) -> None:
        """What is due `elapsed` seconds after the beginning."""
        for node in self._nodes:
            if elapsed >= self._back.get(node.name, float("inf")):
                del self._back[node.name]
                node.start()
        if elapsed < self._seconds:
            self._kill(elapsed)
        self._cut_or_mend(elapsed)

    def _kill(self, elapsed: float) -> None:
        victims = [node for node in self._nodes if node.is_ready()]
        if elapsed >= self._kill_at and victims:
            victim = self._chance.choice(victims)
            victim.kill()
            self._back[victim.name] = elapsed + self._chance.uniform(*DOWN)
            self._kill_at = elapsed + self._chance.uniform(*self._pauses)

    def _cut_or_mend(self, elapsed: float) -> None:
        if self._proxy.cut.is_set():
            if elapsed >= self._mend_at:
                self._proxy.cut.clear()
                self._cut_at = elapsed + self._chance.uniform(*CUT_EVERY)
        elif self._cut_at <= elapsed < self._seconds:
            self._proxy.cut.set()
            self._proxy.met["line cut"] += 1
            self._mend_at = elapsed + self._chance.uniform(*CUT_FOR)

    def end(self) -> None:
        self._proxy.cut.clear()
        for node in self._nodes:
            if node.name in self._back:
                node.start()
            node.wait_until_ready()


def settle(national: Node, locals_: list[Node], listings: int = 0) -> float:
    """Wait until all has arrived and can be found; the seconds it took. An operator asks to try at once."""
    began = time.monotonic()
    for node in locals_:
        node.ask("push")
    while time.monotonic() - began < PATIENCE + listings / LISTINGS_A_SECOND:
        there = national.ask("state")
        if all(_sent(node.ask("state")) for node in locals_) and _indexed(there):
            return time.monotonic() - began
        time.sleep(0.5)
    for node in (*locals_, national):
        print(f"{node.name} has not settled: {node.ask('state')}")
    return time.monotonic() - began


def _sent(state: dict[str, object]) -> bool:
    return state["acked"] == state["head"] and not state["dirty"] and state["phase"] == "idle"


def _indexed(state: dict[str, object]) -> bool:
    return not state["dirty"] and state["indexed"] == state["head"]


def tell(history: History, nodes: list[Node], proxy: Proxy, waited: float, verdict: Verdict) -> None:
    faults = ", ".join(f"{name} {number}" for name, number in sorted(proxy.met.items())) or "none"
    kills = ", ".join(f"{node.name} {node.kills}" for node in nodes)
    print(f"faults met: {faults}\nkill -9: {kills}")
    print(
        f"writes: {history.acknowledged} acknowledged, {history.unanswered} times without an answer, "
        f"{len(history.listings)} listings, {history.withdrawn} of them withdrawn; "
        f"all in step {waited:.1f} s after the last fault\noutcome {outcome(nodes[1:])}"
    )
    for kind in ("lost", "doubled", "undead", "unequal", "unproven"):
        for name in getattr(verdict, kind):
            print(f"  {kind}: {name}")
    print(verdict, flush=True)
