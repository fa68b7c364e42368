"""`kill -9` at any step of publish, index, match, notify and the jobs: nothing is lost, nothing happens twice.

A seed chooses the moments. It is printed, and KILL_SEED repeats a run.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median_low

import pytest
from sqlalchemy import func, select

from marketplace import jobs
from marketplace.models.feed import Published, ReaderFailure
from marketplace.models.jobs import Job
from marketplace.models.listings import Listing
from marketplace.models.matches import Match
from marketplace.models.notices import Notice
from marketplace.runtime import Runtime
from marketplace.services import audit, feed
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.members import enterprise, join
from tests.support.mortal import LETTERS, SIDES

ROUND = ("publish", "index", "match", "notify", "work")
LONGER_THAN_A_LEASE = timedelta(seconds=61)


@dataclass
class Reaper:
    """Sends processes to work and has them killed. `lengths` are the moments that each role was lately seen to have."""

    zygote: subprocess.Popen[str]
    clock: HandMovedClock
    chance: random.Random
    lengths: dict[str, list[int]] = field(default_factory=lambda: {role: [30] for role in ROUND})
    kills: Counter[str] = field(default_factory=Counter)

    def send(self, role: str, moment: int = 0) -> str:
        """Have a process do its role, and die at this moment, if it comes to it: `killed` or `done`."""
        self.clock.move(LONGER_THAN_A_LEASE)
        assert self.zygote.stdin
        assert self.zygote.stdout
        self.zygote.stdin.write(f"{role} {self.clock().isoformat()} {moment}\n")
        self.zygote.stdin.flush()
        how, moments = self.zygote.stdout.readline().split()
        assert how in ("killed", "done")
        if how == "done":
            self.lengths[role] = [*self.lengths.get(role, [])[-4:], int(moments)]
        return how

    def reap(self, kills: int) -> None:
        """At least so many kills, and of every kind of process at least a tenth of them."""
        while self.kills.total() < kills or any(self.kills[role] < kills // 10 for role in ROUND):
            for role in ROUND:
                # What has much to do is long, what has nothing is short; in between every moment has its turn.
                longest = max(median_low(self.lengths[role]), 8)
                if self.send(role, self.chance.randint(1, longest)) == "killed":
                    self.kills[role] += 1


@contextmanager
def reaping(runtime: Runtime, clock: HandMovedClock) -> Iterator[Reaper]:
    seed = os.environ.get("KILL_SEED") or str(random.SystemRandom().randrange(2**32))
    print(f"KILL_SEED={seed}")
    settings = runtime.settings
    where = [str(settings.data_dir), settings.database_url, settings.search_url, settings.queue_url]
    command = [sys.executable, "-m", "tests.support.mortal", *where]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as zygote:
        try:
            yield Reaper(zygote, clock, random.Random(seed))
        finally:
            assert zygote.stdin
            zygote.stdin.close()


def reaped(runtime: Runtime, clock: HandMovedClock, kills: int) -> Counter[str]:
    """Publish, index, match and notify while processes are killed; how often each kind of them was."""
    for _, owner in SIDES:
        join(runtime, f"{len(owner)}@example.org", "owner", enterprise(runtime, owner))
    runtime.close()
    with reaping(runtime, clock) as reaper:
        reaper.reap(kills)
        # A job whose last attempt was cut off is dead only when the next process has found it so.
        assert reaper.send("everything") == "done"
        resume_the_dead(runtime)
        # Once undisturbed, as it would be after the last crash; twice, since jobs may ask for others.
        for role in ("publish", "everything", "everything"):
            assert reaper.send(role) == "done"
    return reaper.kills


def resume_the_dead(runtime: Runtime) -> None:
    """A job that lost its process in all five attempts waits for an operator, who lets it run again."""
    with begin(runtime) as work:
        for job in work.session.scalars(select(Job).where(Job.state == "dead")).all():
            assert job.error == jobs.LOST
            assert jobs.resume(work.session, job.id, work.now)


def index_is_the_database(runtime: Runtime) -> None:
    with look(runtime) as work:
        rows = feed.after(work, 0, 10_000)
        head = feed.state(work).head
        listings = work.session.scalar(select(func.count()).select_from(Listing))
        assert work.session.scalar(select(func.count()).select_from(Published)) == len(rows) == listings
        assert list(work.session.scalars(select(ReaderFailure.uid))) == []
        assert audit.verify(work) is None
    indexed = {entry.uid: entry.version for entry in runtime.engine.entries()}
    assert indexed == {row.uid: row.sequence for row in rows}
    assert runtime.engine.position == head


def each_effect_is_there_once(runtime: Runtime) -> None:
    with look(runtime) as work:
        titles = {row.uid: row.body["content"]["texts"]["vi"]["title"] for row in feed.after(work, 0, 10_000)}
        pairs = list(work.session.execute(select(Match.demand_uid, Match.offer_uid)))
        told = list(work.session.execute(select(Notice.user_id, Notice.key)))
        notified = set(work.session.scalars(select(Notice.target).where(Notice.what.contains("match"))))
    sides = Counter(titles.values())
    found = Counter(titles[demand] for demand, offer in pairs if titles[demand] == titles[offer])
    assert found == {title: 1 for title, number in sides.items() if number == 2}
    assert len(told) == len(set(told))
    # Whichever side came second, one of the two hears of it.
    assert all({demand, offer} & notified for demand, offer in pairs if titles[demand] == titles[offer])


def letters_went_out(runtime: Runtime, kills: int) -> None:
    """Each once, or again under the same Message-ID where the kill came between hand-over and record."""
    with look(runtime) as work:
        states = Counter(work.session.scalars(select(Job.state)))
        asked = work.session.scalar(select(func.count()).select_from(Job).where(Job.name == "send_letter"))
    assert set(states) == {"done"}
    sent = [line.split()[0] for line in (runtime.settings.data_dir / LETTERS).read_text().splitlines()]
    assert len(set(sent)) == asked
    assert len(sent) - len(set(sent)) <= kills


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.soak)])
def test_random_kills_lose_nothing_and_double_nothing(
    runtime: Runtime, clock: HandMovedClock, kills: int
) -> None:
    killed = reaped(runtime, clock, kills)
    assert killed.total() >= kills
    index_is_the_database(runtime)
    each_effect_is_there_once(runtime)
    letters_went_out(runtime, killed["work"])
