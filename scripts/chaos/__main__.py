"""`make chaos [SEED=…] [SECONDS=…]`: what becomes of acknowledged writes when everything fails."""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.chaos.history import History, Verdict, judge
from scripts.chaos.proxy import Proxy
from scripts.chaos.world import Node, Silent, free_port

SHARE = 0.35
"""Of the requests, so many meet a fault."""
BETWEEN_WRITES = (0.0, 0.1)
BETWEEN_KILLS = (5.0, 10.0)
DOWN = (0.0, 2.0)
ENTRIES = 5
PATIENCE = 180.0
"""Seconds after the last fault until both sides must be equal."""


def main() -> None:
    asked = argparse.ArgumentParser(prog="chaos", description=__doc__)
    asked.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--locals", type=int, default=2)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(f"-chaos-{given.seed}") as folder:
        verdict = run(Path(folder), seed=given.seed, seconds=given.seconds, count=given.locals)
    sys.exit(0 if verdict.well else 1)


def run(folder: Path, *, seed: int, seconds: float, count: int) -> Verdict:
    print(f"seed {seed}, {seconds:.0f} s, {count} local exchanges and a national one", flush=True)
    chance = random.Random(seed)
    with network(folder, chance, count) as (national, locals_, proxy):
        enrol(national, locals_)
        history = History(seed, chance)
        proxy.failing.set()
        trouble(chance, history, [national, *locals_], seconds)
        proxy.failing.clear()
        waited = settle(national, locals_)
        verdict = judge(history, locals_, national)
        tell(history, [national, *locals_], proxy, waited, verdict)
    return verdict


@contextmanager
def network(folder: Path, chance: random.Random, count: int) -> Iterator[tuple[Node, list[Node], Proxy]]:
    listen = free_port()
    proxy = Proxy(("127.0.0.1", listen), random.Random(chance.random()), share=SHARE)
    national = Node("national", folder, public=proxy.port, listen=listen)
    locals_ = [Node(f"local-{letter}", folder, national_port=proxy.port) for letter in "abc"[:count]]
    nodes = [national, *locals_]
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


def trouble(chance: random.Random, history: History, nodes: list[Node], seconds: float) -> None:
    """People write wherever an exchange runs; processes die and come back."""
    ends = time.monotonic() + seconds
    kill_at = time.monotonic() + chance.uniform(*BETWEEN_KILLS)
    back: dict[str, float] = {}
    while time.monotonic() < ends:
        up = [node for node in nodes[1:] if node.is_ready()]
        if up:
            history.act(chance.choice(up))
        for node in nodes:
            if node.name in back and time.monotonic() >= back[node.name]:
                del back[node.name]
                node.start()
        if time.monotonic() >= kill_at and (victims := [node for node in nodes if node.is_ready()]):
            victim = chance.choice(victims)
            victim.kill()
            back[victim.name] = time.monotonic() + chance.uniform(*DOWN)
            kill_at = time.monotonic() + chance.uniform(*BETWEEN_KILLS)
        time.sleep(chance.uniform(*BETWEEN_WRITES))
    for node in nodes:
        if node.name in back:
            node.start()
        node.wait_until_ready()


def settle(national: Node, locals_: list[Node]) -> float:
    """Wait until all has arrived and can be found; the seconds it took. An operator asks to try at once."""
    began = time.monotonic()
    for node in locals_:
        node.ask("push")
    while time.monotonic() - began < PATIENCE:
        states = [node.ask("state") for node in locals_]
        there = national.ask("state")
        sent = all(
            one["acked"] == one["head"] and not one["dirty"] and one["phase"] == "idle" for one in states
        )
        if sent and not there["dirty"] and there["indexed"] == there["head"]:
            return time.monotonic() - began
        time.sleep(0.5)
    for node in (*locals_, national):
        print(f"{node.name} has not settled: {node.ask('state')}")
    return time.monotonic() - began


def tell(history: History, nodes: list[Node], proxy: Proxy, waited: float, verdict: Verdict) -> None:
    faults = ", ".join(f"{name} {number}" for name, number in sorted(proxy.met.items())) or "none"
    kills = ", ".join(f"{node.name} {node.kills}" for node in nodes)
    print(f"faults met: {faults}\nkill -9: {kills}")
    print(
        f"writes: {history.acknowledged} acknowledged, {history.unanswered} without an answer, "
        f"{len(history.listings)} listings, {history.withdrawn} of them withdrawn; "
        f"all in step {waited:.1f} s after the last fault"
    )
    for kind in ("lost", "doubled", "undead", "unequal"):
        for name in getattr(verdict, kind):
            print(f"  {kind}: {name}")
    print(verdict)


if __name__ == "__main__":
    try:
        main()
    except Silent as silent:
        sys.exit(f"the run could not go on: {silent}")
