"""What matching everything again costs, and how that grows: `python -m bench.bench_rematch`.

Exchanges of 10,000 and of 100,000 generated offers, with the same word statistics, learned meaning included; two hundred
demands are taken through the reader that runs every night: candidates, profiles, scores, the crowd, matches stored. They
go twice: what the first time builds and keeps of a listing, the second reads. The floor of one demand is the search engine
alone, asked for the same candidates. CPU time of the process. Arguments give other numbers of offers.
"""

from __future__ import annotations

import os
import statistics as mean_of
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import exchanges
from bench.bench_crowd import resident
from bench.bench_search import listings
from marketplace.collecting import seldom
from marketplace.followers import Rematching
from marketplace.reindexing import reindex
from marketplace.runtime import Runtime
from marketplace.services import feed, matchmaking, sequencing, statistics
from marketplace.work import begin, look
from matching.statistics import Statistics
from vocabulary.bilingual import TermTable

OFFERS = (10_000, 100_000)
DEMANDS = 200
A_NIGHT = 10_000  # demands
CORES = 2


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds of one demand: all of it the first time and again, and the engine alone. Megabytes after a half and
    after all of the second time."""

    first: float
    demand: float
    engine: float
    memory: tuple[int, int]


def main() -> None:
    sizes = [int(one) for one in sys.argv[1:]] or list(OFFERS)
    costs, snapshot = [], None
    print(
        f"{'offers':>10}{'ms, first':>11}{'ms a demand':>13}{'engine alone':>14}{'ratio':>8}"
        f"{'10,000 on two cores':>22}{'memory':>14}"
    )
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder, exchanges.embedded(Path(folder)) as runtime:
            exchanges.stock(runtime, size)
            snapshot = learned(runtime, snapshot)
            reindex(runtime)
            with seldom():  # As every process that serves.
                costs.append(cost := measured(runtime))
        night = cost.demand * A_NIGHT / CORES / 60_000
        print(
            f"{size:>10,}{cost.first:>11.1f}{cost.demand:>13.1f}{cost.engine:>14.1f}{cost.demand / cost.engine:>8.2f}"
            f"{night:>18.1f} min{cost.memory[0]:>8} -> {cost.memory[1]} MB",
            flush=True,
        )
    if len(costs) > 1:
        growth = costs[-1].demand / costs[0].demand
        print(
            f"{sizes[-1] / sizes[0]:.0f} times the offers cost {growth:.2f} times as much a demand (wanted: at most 3)"
        )


def learned(runtime: Runtime, snapshot: Statistics | None) -> Statistics:
    """The first exchange's word statistics, current in this one, too."""
    if snapshot is None:
        with look(runtime) as work:
            snapshot = statistics.collected(work)
    with begin(runtime) as work:
        statistics.store(work, snapshot)
    return snapshot


def measured(runtime: Runtime) -> Cost:
    """Demands are published behind the offers, then read as the nightly reader reads them."""
    head = publish_demands(runtime)
    with look(runtime) as work:
        rows = feed.after(work, head, DEMANDS)
    first, _ = through(runtime, rows)
    again, memory = through(runtime, rows)
    with look(runtime) as work:
        terms = statistics.current(work).terms
    some = rows[: DEMANDS // 4]
    alone = mean_of.mean([cpu(lambda row=row: asked(runtime, row, terms)) for row in some])  # type: ignore[misc]
    return Cost(1e3 * first / DEMANDS, 1e3 * again / DEMANDS, 1e3 * alone, memory)


def through(runtime: Runtime, rows: list[feed.Row]) -> tuple[float, tuple[int, int]]:
    """CPU seconds of all these demands, and megabytes after a half and after all."""
    reader, spent, memory = Rematching(), 0.0, list[int]()
    for half in (0, 1):
        for start in range(half * DEMANDS // 2, (half + 1) * DEMANDS // 2, reader.batch):
            some = rows[start : start + reader.batch]
            spent += cpu(lambda some=some: handled(runtime, reader, some))  # type: ignore[misc]
        memory.append(resident(os.getpid()))
    return spent, (memory[0], memory[1])


def asked(runtime: Runtime, row: feed.Row, terms: TermTable) -> None:
    with look(runtime) as work:
        matchmaking.candidates(work, row, terms)


def publish_demands(runtime: Runtime) -> int:
    """The feed's head before them."""
    with look(runtime) as work:
        head = feed.state(work).head
    records = [exchanges.record(one, "demand") for one in listings(DEMANDS, seed=2)]
    with begin(runtime) as work:
        feed.write(work, records)
    with begin(runtime) as work:
        sequencing.number(work)
    return head


def handled(runtime: Runtime, reader: Rematching, rows: list[feed.Row]) -> None:
    keep = reader.handle(runtime, rows)
    with begin(runtime) as work:
        keep(work)


def cpu(act: Callable[[], object]) -> float:
    before = time.process_time()
    act()
    return time.process_time() - before


if __name__ == "__main__":
    main()
