"""How soon an edit on one of many local exchanges is found nationally.

The national exchange is a process with all it does, matching too. The local ones live together in this process, each
with its own database, key, sequencer and sender; their own indexing and matching is left out, for it would take place
on machines of their own.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.sync.making import texts
from marketplace.clock import utc_now
from marketplace.followers import IDLE
from marketplace.loop import Loop, stop_all
from marketplace.readers import Sequencer
from marketplace.runtime import Runtime
from marketplace.services import owners
from marketplace.services.bulk import Item, post_many
from marketplace.services.policy import SYSTEM
from marketplace.settings import Settings, write_missing_secrets
from marketplace.uplink import Uplink
from marketplace.work import begin
from scripts.chaos import operators
from scripts.chaos.world import Node
from tests.support.exchanges import opened
from vocabulary.listing import Content, Text

LISTINGS = 20
"""Of each exchange; edits go to them at random."""
LOOK = 0.5  # seconds between two looks at what has arrived
PATIENCE = 300.0
Edit = tuple[str, int]
"""Id and revision."""


@dataclass
class Measured:
    """When each edit was committed, and when it, or one after it, could be found nationally."""

    committed: dict[Edit, float] = field(default_factory=dict)
    found: dict[Edit, float] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)

    def arrived(self, rows: Sequence[list[Any]]) -> None:
        now = time.perf_counter()
        for uid, rev in rows:
            for earlier in range(self.newest.get(uid, 0) + 1, rev + 1):
                self.found[uid, earlier] = now
            self.newest[uid] = max(rev, self.newest.get(uid, 0))

    @property
    def waits(self) -> list[float]:
        """Seconds, shortest first."""
        return sorted(self.found[edit] - at for edit, at in self.committed.items() if edit in self.found)


def fresh(exchanges: int, rate: float, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder, _network(Path(folder), exchanges) as (national, locals_):
        measured, over = Measured(), threading.Event()
        watching = threading.Thread(target=_watch, args=(national, measured, over), daemon=True)
        watching.start()
        took = _edit(locals_, measured, rate=rate, seconds=seconds)
        until = time.monotonic() + PATIENCE
        while len(measured.waits) < len(measured.committed) and time.monotonic() < until:
            time.sleep(LOOK)
        over.set()
        watching.join()
    waits, edits = measured.waits, len(measured.committed)
    at = {share: waits[int(share * (len(waits) - 1))] for share in (0.5, 0.95, 0.99)}
    print(
        f"{edits:,} edits from {exchanges} exchanges in {took:.0f} s, {edits / took:.1f}/s (asked {rate:g}); found "
        f"nationally {len(waits):,}: median {at[0.5]:.1f} s, p95 {at[0.95]:.1f} s (wanted 60), p99 {at[0.99]:.1f} s"
    )


@contextmanager
def _network(place: Path, exchanges: int) -> Iterator[tuple[Node, list[Runtime]]]:
    with ExitStack() as until_the_end:
        national = Node("national", place)
        national.public = national.listen
        until_the_end.callback(national.end)
        national.start()
        national.wait_until_ready()
        locals_ = [
            until_the_end.enter_context(_local(place, f"local-{number}", national))
            for number in range(exchanges)
        ]
        loops = [loop for runtime in locals_ for loop in _loops(runtime)]
        until_the_end.callback(stop_all, loops)
        for loop in loops:
            loop.start()
        yield national, locals_


@contextmanager
def _local(place: Path, name: str, national: Node) -> Iterator[Runtime]:
    node = Node(name, place, national_port=national.listen)
    (place / name).mkdir()
    write_missing_secrets(place / name)
    with opened(Settings.from_environment(node.environment), utc_now) as runtime:
        invited = national.ask("invite", node=name)
        national.ask("forgive")
        national.ask("approve", kid=operators.enter(runtime, invited)["kid"])
        yield runtime


def _loops(runtime: Runtime) -> tuple[Loop, Loop]:
    sequencer, uplink = Sequencer(runtime), Uplink(runtime)
    return (
        Loop("sequencer", sequencer.turn, every=IDLE, bell=runtime.bell),
        Loop("uplink", uplink.turn, every=IDLE, bell=runtime.bell),
    )


def _watch(national: Node, measured: Measured, over: threading.Event) -> None:
    place = 0
    while not over.wait(LOOK):
        answer = national.ask("arrived", after=place)
        measured.arrived(answer["rows"])
        place = answer["place"]


def _edit(locals_: Sequence[Runtime], measured: Measured, *, rate: float, seconds: float) -> float:
    """Evenly, each in a transaction of its own; how long it took, longer than asked where edits could not keep pace."""
    chance, said = random.Random(1), texts(int(rate * seconds), seed=2)
    revisions: dict[str, int] = {}
    began = time.perf_counter()
    for number, text in enumerate(said):
        time.sleep(max(0.0, began + number / rate - time.perf_counter()))
        uid = _posted(chance.choice(locals_), chance.randrange(LISTINGS), text)
        revisions[uid] = revisions.get(uid, 0) + 1
        measured.committed[uid, revisions[uid]] = time.perf_counter()
    return time.perf_counter() - began


def _posted(runtime: Runtime, number: int, text: str) -> str:
    content = Content("offer", "vi", {"vi": Text(title=text[:80], description=text)})
    with begin(runtime) as work:
        owner = owners.find_or_create(work, "Viện")
        (outcome,) = post_many(work, SYSTEM, owner.id, [Item(f"r{number}", text, content)], publish=True)
    return outcome.uid
