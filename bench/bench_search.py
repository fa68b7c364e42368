"""What a page of search costs beside the same query written by hand against Tantivy: `python -m bench.bench_search`.

Both answer from 100,000 generated listings of about 1,300 characters: three filters, the exact total, eight facets
(each counted without its own filter), ten listings with highlights. CPU time, median of many questions. An argument
gives another number of listings.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.by_hand import ByHand
from search.document import Changes, Document
from search.embedded import EmbeddedEngine
from search.engine import Engine
from search.query import LAST_NUMBERED_RESULT, Query

LISTINGS = 100_000
BATCH = 2_000
QUESTIONS = 60
NOW = datetime(2026, 11, 1, tzinfo=UTC)
INITIALS = "b c ch d đ g gi h kh l m n ng nh ph qu t th tr v x".split()  # noqa: SIM905 - read as a line
RHYMES = "a an ang anh ao ay âm ân ây em i in inh iên iêu o on ong ôi ơi u un ung uôi uộc ươc ươn ươm".split()  # noqa: SIM905
SYLLABLES = [initial + rhyme for initial in INITIALS for rhyme in RHYMES]
FACETS = ("field", "trl", "transfer_form", "right", "industry", "province", "origin", "language")
FILTERS = {"province": ("01", "79", "92"), "transfer_form": ("licence", "assignment"), "language": ("vi",)}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LISTINGS
    chance = random.Random(7)
    questions = [" ".join(words(chance, 4)) for _ in range(QUESTIONS)]
    with tempfile.TemporaryDirectory() as folder:
        engine, floor = EmbeddedEngine.open(Path(folder, "ours")), ByHand(Path(folder, "by_hand"))
        engine.start("bench")
        spent = filled(engine, floor, count)
        print(
            f"{count:,} listings; indexing {count / spent.wall:,.0f}/s, {1e6 * spent.cpu / count:.0f} µs CPU each"
        )
        compare(engine, floor, questions)
        pages(engine, count)
        engine.close()


class Spent:
    """Seconds by the clock and of this process's CPU, summed over stretches."""

    wall = cpu = 0.0

    def on(self, act: Callable[[], object]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu


def filled(engine: Engine, floor: ByHand, count: int) -> Spent:
    spent, batch = Spent(), []
    for document in listings(count):
        batch.append(document)
        if len(batch) == BATCH or document.version == count:
            changes = Changes(document.version, tuple(batch))
            spent.on(lambda changes=changes: engine.apply(changes))  # type: ignore[misc]
            floor.fill(changes.put)
            batch.clear()
    return spent


def compare(engine: Engine, floor: ByHand, questions: list[str]) -> None:
    def ours(text: str) -> int:
        return engine.search(Query(text, ("offer",), FILTERS, facets=FACETS, highlight=True, now=NOW)).total

    def by_hand(text: str) -> int:
        return floor.search(text, "offer", FILTERS, FACETS)

    totals = [(ours(text), by_hand(text)) for text in questions]
    assert all(one == other for one, other in totals), "the two do not answer the same"
    service, hand = median(ours, questions), median(by_hand, questions)
    print(
        f"page of search, {statistics.median(one for one, _ in totals):,.0f} found, CPU ms, median of {len(questions)}:"
    )
    print(f"  service {service:.2f}   by hand {hand:.2f}   ratio {service / hand:.2f} (wanted: at most 1.3)")


def pages(engine: Engine, count: int) -> None:
    size = 10
    last = min(LAST_NUMBERED_RESULT, count // 2) // size
    for name, text in (("of a common word", SYLLABLES[3]), ("of all listings", "")):
        first, latest = (
            median(lambda t, page=page: engine.search(Query(t, page=page, size=size)), [text] * 30)  # type: ignore[misc]
            for page in (1, last)
        )
        print(
            f"page {last} {name}: {latest:.2f} ms, page 1 {first:.2f} ms, ratio {latest / first:.2f} (wanted: at most 3)"
        )


def median(act: Callable[[str], object], questions: list[str]) -> float:
    """CPU milliseconds of the middle question."""
    seen = []
    for text in questions:
        began = time.process_time()
        act(text)
        seen.append((time.process_time() - began) * 1000)
    return statistics.median(seen)


def words(chance: random.Random, count: int) -> list[str]:
    """Syllables as frequent as those of a language: the n-th a 1/n of the first (Zipf)."""
    return chance.choices(SYLLABLES, weights=[1 / place for place in range(1, len(SYLLABLES) + 1)], k=count)


def listings(count: int, seed: int = 11) -> Iterator[Document]:
    chance = random.Random(seed)
    codes = [f"{n:02}" for n in range(1, 97)]
    for n in range(1, count + 1):
        yield Document(
            uid=f"bench:offer:{n}",
            version=n,
            kind=chance.choice(("offer", "demand")),
            title=" ".join(words(chance, 10)),
            summary=" ".join(words(chance, 30)),
            description=" ".join(words(chance, 260)),
            languages=chance.choice((("vi",), ("en",), ("vi", "en"))),
            fields=tuple(chance.sample(codes[:48], 3)),
            industries=tuple(chance.sample(codes[:88], 2)),
            trl_min=n % 9 + 1,
            trl_max=min(9, n % 9 + 3),
            transfer_forms=tuple(
                chance.sample(("licence", "assignment", "equipment", "training", "joint_work"), 2)
            ),
            rights=("patent", chance.choice(("patent:granted", "patent:filed"))),
            province=chance.choice(("01", "79", "92", "96", "48", "31")),
            origin=chance.choice(("can-tho", "ha-noi", "da-nang")),
            owner=f"o{n % 900}",
            updated_at=NOW - timedelta(minutes=n),
        )


if __name__ == "__main__":
    main()
