"""A seeded history: people write, everything that can go wrong does, then all heals, drains and is compared."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from exchange.reconcile import Choice, root
from exchange.sender import STOPPED, Phase, Sender
from tests.exchange.making import copied
from tests.exchange.simulation.local import Disk, Local
from tests.exchange.simulation.national import Durable, National, Rules
from tests.exchange.simulation.network import DAY, Faults, Network

QUIET = frozenset({"breaker_open", "clock_offset"})
"""Alarms of trouble that passes by itself."""
RESTORED = frozenset({"receiver_rewound", "feed_epoch", "down_rewound"})
STEPS = 60
ROUNDS = 4_000


@dataclass(frozen=True)
class Scenario:
    """What may happen in a history beside lost, doubled and late messages."""

    name: str
    rough: bool = True
    crashes: bool = True
    receiver_restored: bool = False
    sender_restored: bool = False
    cloned: bool = False
    same_memory: bool = False
    partitioned: bool = False
    clocks: bool = False


SCENARIOS = (
    Scenario("faults"),
    Scenario("partition", partitioned=True),
    Scenario("clocks", clocks=True),
    Scenario("receiver restored", receiver_restored=True),
    Scenario("sender restored", sender_restored=True),
    Scenario("cloned", cloned=True),
    Scenario("cloned with its memory", cloned=True, same_memory=True),
    Scenario(
        "everything", receiver_restored=True, sender_restored=True, cloned=True, partitioned=True, clocks=True
    ),
)


@dataclass
class Outcome:
    """What a history came to. `equal` is said of the digests of both sides, before anybody compares them for it."""

    equal: bool
    alarms: list[str] = field(default_factory=list)
    detail: str = ""
    foreign: bool = False
    """Whether the peer had taken a batch that no sender remembers when the rough part ended."""

    @property
    def loud(self) -> bool:
        return bool(set(self.alarms) - QUIET - RESTORED)


class History:
    def __init__(self, seed: int, scenario: Scenario, rules: Rules | None = None) -> None:
        self.chance = random.Random(f"{seed} {scenario.name}")
        self.scenario = scenario
        self.rules = rules or Rules()
        numbers = count(1)
        self.token: Callable[[], str] = lambda: f"t{next(numbers)}"
        self.network = Network(self.chance)
        self.national = National(self.token, self.rules)
        names = ("cantho", "hue", "danang")[: self.chance.choice((1, 1, 2, 3))]
        self.locals = [self._local(name) for name in names]
        self.clones: list[Local] = []
        self.backups: dict[str, Disk] = {}
        self.national_backup: Durable | None = None
        self.foreign = False

    def _local(self, name: str) -> Local:
        offset = self.chance.choice((0, -200, 250, 3_000, -40_000)) if self.scenario.clocks else 0
        return Local(
            name, self.network, self.national, self.chance, self.token, Disk(Sender(f"{name}0")), self.rules,
            instance=self.token(), clock_offset=offset,
        )  # fmt: skip

    # -- the rough part ------------------------------------------------------------------------------------------------

    def run(self) -> Outcome:
        if self.scenario.rough:
            self.network.faults = Faults(
                lost=self.chance.choice((0.0, 0.1, 0.3)), doubled=self.chance.choice((0.0, 0.2)),
                late=self.chance.choice((0.0, 0.1)), delay=self.chance.choice((0.5, 5.0, 15.0)),
            )  # fmt: skip
        if self.scenario.crashes:
            self.national.crash_before_commit = lambda: self.chance.random() < 0.05
            self.national.crash_after_commit = lambda: self.chance.random() < 0.05
        for step in range(STEPS):
            self._step(step)
        written = {name for local in self.locals for name in local.disk.batches}
        self.foreign = not set(self.national.disk.batches) <= written
        self._heal()
        return self._outcome()

    def _step(self, step: int) -> None:
        for local in (*self.locals, *self.clones):
            for _ in range(self.chance.choice((0, 0, 1, 3))):
                self._edit(local)
            if self.scenario.crashes and self.chance.random() < 0.04:
                local.restart()
        self._accident(step)
        for _ in range(self.chance.choice((1, 3))):
            for local in self.chance.sample(
                [*self.locals, *self.clones], len(self.locals) + len(self.clones)
            ):
                local.tick()
            pause = self.chance.choice((0.2, 1.0, 3.0, 10.0, 70.0))
            self.network.run_until(self.network.now + pause)

    def _edit(self, local: Local) -> None:
        number = self.chance.randint(1, 12)
        op = self.chance.choices(("upsert", "delete", "erase"), (12, 4, 0.2))[0]
        # The writer is part of what is written: a clone never writes the same by chance.
        body = {"n": self.chance.randint(1, 99), "by": local.instance} if op == "upsert" else "withdrawn"
        local.write(number, op, body)

    def _accident(self, step: int) -> None:
        if step == STEPS // 4:
            self.backups = {local.node: copied(local.disk) for local in self.locals}
            self.national_backup = self.national.backup()
        happened = self.chance.random() < 0.5 or step == STEPS // 2
        if self.scenario.partitioned and step in (10, 30):
            self._cut()
        if step not in (STEPS // 2, STEPS * 3 // 4) or not happened:
            return
        victim = self.chance.choice(self.locals)
        if self.scenario.receiver_restored and self.national_backup is not None and step == STEPS // 2:
            self.national.restore(self.national_backup)
        if self.scenario.sender_restored and (not self.scenario.receiver_restored or step > STEPS // 2):
            victim.restore(self.backups[victim.node])
        if self.scenario.cloned and not self.clones:
            self.clones.append(self._clone(victim))

    def _cut(self) -> None:
        node = self.chance.choice(self.locals).node
        ways = {(node, "national"), ("national", node)}
        self.network.faults.cut |= set(self.chance.sample(sorted(ways), self.chance.choice((1, 2))))
        if self.chance.random() < 0.3:
            self.network.run_until(self.network.now + 3 * DAY)
        self.network.after(200, self.network.faults.cut.clear)

    def _clone(self, local: Local) -> Local:
        clone = self._local(local.node)
        clone.disk, clone.clock_offset = copied(local.disk), local.clock_offset
        clone.said, clone.alarms = local.said, local.alarms
        if self.scenario.same_memory:
            clone.instance = local.instance
        else:
            clone.restart()
        return clone

    # -- the mending part ----------------------------------------------------------------------------------------------

    def _heal(self) -> None:
        self.network.heal()
        self.national.crash_before_commit = self.national.crash_after_commit = lambda: False
        for clone in self.clones:
            clone.on = False
            clone.restart()
        for _ in range(ROUNDS):
            for local in self.locals:
                self._operate(local)
                local.tick()
            self.network.run_until(self.network.now + self.chance.choice((1.0, 5.0, 61.0)))
            if all(self._drained(local) for local in self.locals):
                return

    def _operate(self, local: Local) -> None:
        if local.disk.sender.phase in STOPPED or local.disk.sender.phase is Phase.HALTED:
            local.operate(self.chance.choice(tuple(Choice)))

    def _drained(self, local: Local) -> bool:
        disk = local.disk
        calm = disk.sender.phase is Phase.IDLE and not disk.outstanding and disk.sender.acked_seq == disk.head
        cursor = disk.reading.cursor
        read = cursor is not None and (cursor.epoch, cursor.seq) == (
            self.national.disk.feed_epoch, self.national.disk.head,
        )  # fmt: skip
        # One heartbeat more, so that what only a session tells has been told.
        return calm and read and disk.sender.heartbeats > 1 and self._settled(local)

    def _settled(self, local: Local) -> bool:
        standing = self.national.disk.standings.get(local.node)
        return standing is not None and standing.fence == local.disk.sender.fence

    # -- what must hold ------------------------------------------------------------------------------------------------

    def _outcome(self) -> Outcome:
        alarms = [*self.national.alarms, *(alarm for local in self.locals for alarm in local.alarms)]
        equal = all(
            root(local.believed()) == root(self.national.lines(local.node))
            and all(
                (row.rev, row.hash) == (row.acked_rev, row.acked_hash) for row in local.disk.rows.values()
            )
            for local in self.locals
        )
        return Outcome(equal, alarms, self._detail(), self.foreign)

    def _detail(self) -> str:
        return "; ".join(
            f"{local.node}: {local.disk.sender.phase} {local.disk.sender.reason} acked {local.disk.sender.acked_seq} "
            f"of {local.disk.head}, believed {len(local.believed())}, there {len(self.national.lines(local.node))}"
            for local in self.locals
        )

    def check(self, outcome: Outcome) -> None:
        """The invariants of xsync/1 that a history can show."""
        assert outcome.equal, outcome.detail
        for local in self.locals:
            assert self._drained(local), outcome.detail
            self._nothing_lost_or_invented(local)
            assert local.disk.overlays == self.national.disk.feed, (
                "what the centre adds is not the same below"
            )
        for (node, epoch), seqs in self.national.acked_history.items():
            assert seqs == sorted(seqs), f"I13: {node} {epoch} {seqs}"
        if not self.scenario.receiver_restored:
            assert set(self.national.disk.effects.values()) <= {1}, "I15: one effect a revision"
        if not (self.scenario.sender_restored or self.scenario.cloned):
            assert not outcome.loud, f"alarmed for nothing: {outcome.alarms}"

    def _nothing_lost_or_invented(self, local: Local) -> None:
        there = {line.uid: line for line in self.national.lines(local.node)}
        for row in local.disk.rows.values():
            assert (there[row.uid].rev, there[row.uid].hash) == (row.rev, row.hash), "I1: nothing is lost"
        for name, line in there.items():
            assert line.hash in local.said[(name, line.rev)], "I2: nothing is invented"
