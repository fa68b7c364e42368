"""What a search costs on each engine as the exchange grows, and beside the bare client: `python -m bench.bench_engines`.

Tantivy in a folder, and Elasticsearch where `make services` has started one, each filled with a tenth of the listings and
with all of them. A full page (three filters, exact total, eight facets, ten highlights) stands against the very body it
sends, sent by the bare client to the same node; the full page, the first ten alone and a posting (twenty listings in one
batch, visible on return) stand against themselves at a tenth of the listings. Milliseconds of the clock, the middle one
of many, both sides of a ratio in turn. An argument gives another number of listings.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from typing import Any, TypeVar

from elasticsearch import Elasticsearch

from bench.bench_search import FACETS, FILTERS, NOW, listings, words
from bench.servers import search_server
from search import elastic, embedded, searching
from search.document import Changes, Document
from search.dsl import body
from search.elastic import ElasticEngine
from search.engine import Engine
from search.plan import Found, Wanted
from search.query import Query
from tests.support.exchanges import own_prefix

T = TypeVar("T")

LISTINGS = 100_000
BATCH = 2_000
QUESTIONS = 40
POSTINGS = 12
TOGETHER = 20


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else LISTINGS
    chance = random.Random(7)
    texts = [" ".join(words(chance, 4)) for _ in range(QUESTIONS)]
    print(f"{size:,} listings and a tenth of them; {QUESTIONS} questions; ms of the clock, median")
    with tempfile.TemporaryDirectory() as folder:
        grown("tantivy", *(embedded.open_engine(f"tantivy:{folder}/{name}") for name in "ab"), size, texts)
    if server := search_server():
        engines = [elastic.open_engine(f"{server}/{own_prefix()}") for _ in "ab"]
        grown("elasticsearch", *engines, size, texts, beside=lambda: beside_bare(engines[1], server, texts))


def grown(
    name: str,
    small: Engine,
    large: Engine,
    size: int,
    texts: Sequence[str],
    *,
    beside: Callable[[], None] = lambda: None,
) -> None:
    """Fill both, compare them, and take them away again."""
    try:
        began = time.perf_counter()
        fill(small, listings(size // 10))
        fill(large, listings(size))
        spent = time.perf_counter() - began
        print(f"{name}: filled at {1.1 * size / spent:,.0f} listings/s")
        beside()
        compare(small, large, texts)
    finally:
        for engine in (small, large):
            engine.drop()
            engine.close()


def fill(engine: Engine, documents: Iterable[Document]) -> None:
    rest = iter(documents)
    filling = engine.beside("bench")
    position = 0
    while batch := tuple(islice(rest, BATCH)):
        position = batch[-1].version
        filling.apply(Changes(position, batch))
    filling.serve(position)


def compare(small: Engine, large: Engine, texts: Sequence[str]) -> None:
    page = Query(kinds=("offer",), filters=FILTERS, facets=FACETS, highlight=True, now=NOW)
    for what, query, wanted in (("full page", page, 8), ("first ten alone", Query(now=NOW), 4)):
        asked = [replace(query, text=text) for text in texts]
        before, after = in_turn(lambda q: small.search(q), lambda q: large.search(q), asked)
        print(f"  {what:17} {before:7.1f} -> {after:7.1f}   {after / before:.2f}x (wanted: at most {wanted})")
    numbers = count(10_000_000, TOGETHER)
    batches = [posted(next(numbers)) for _ in range(POSTINGS)]
    before, after = in_turn(small.apply, large.apply, batches)
    print(f"  {'a posting':17} {before:7.1f} -> {after:7.1f}   {after / before:.2f}x (wanted: at most 1.2)")


def posted(start: int) -> Changes:
    put = tuple(
        replace(document, uid=f"bench:offer:{start + n}", version=start + n)
        for n, document in enumerate(islice(listings(TOGETHER), TOGETHER))
    )
    return Changes(start + TOGETHER, put)


@dataclass
class Recorder:
    """An engine that notes the body of every question."""

    engine: ElasticEngine
    bodies: list[dict[str, Any]] = field(default_factory=list)

    def frequencies(self, words: Sequence[str], pairs: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        return self.engine.frequencies(words, pairs)

    def find(self, wanted: Wanted) -> Found:
        self.bodies.append(body(wanted))
        return self.engine.find(wanted)


def beside_bare(engine: ElasticEngine, server: str, texts: Sequence[str]) -> None:
    """`engine.search` against the last body it sent, the one that brought the page."""
    client, index = Elasticsearch(server), engine.alias
    page = Query(kinds=("offer",), filters=FILTERS, facets=FACETS, highlight=True, now=NOW)
    pairs = []
    for text in texts:
        recorder = Recorder(engine)
        searching.search(recorder, replace(page, text=text))
        pairs.append((replace(page, text=text), recorder.bodies[-1]))
    ours, bare = in_turn(
        lambda pair: engine.search(pair[0]), lambda pair: client.search(index=index, body=pair[1]), pairs
    )
    print(
        f"  full page {ours:.1f}, the same body by the bare client {bare:.1f}: {ours / bare:.2f}x (wanted: at most 1.15)"
    )
    client.close()


def in_turn(
    one: Callable[[T], object], other: Callable[[T], object], asked: Sequence[T]
) -> tuple[float, float]:
    """Milliseconds of each, the middle one; whoever comes first changes from question to question."""
    seen: tuple[list[float], list[float]] = ([], [])
    for warm in asked[:3]:
        one(warm), other(warm)
    for number, question in enumerate(asked):
        order = ((one, 0), (other, 1)) if number % 2 else ((other, 1), (one, 0))
        for act, place in order:
            began = time.perf_counter()
            act(question)
            seen[place].append((time.perf_counter() - began) * 1000)
    return statistics.median(seen[0]), statistics.median(seen[1])


if __name__ == "__main__":
    main()
