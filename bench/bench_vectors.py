"""Finding the nearest of many vectors, on both engines: `python -m bench.bench_vectors`.

Vectors are made up: of as many numbers as a small sentence model gives, in clusters as texts of one matter are. Beside
the engine inside the process the same multiplication by bare NumPy, in single precision that lies ready; beside
Elasticsearch the same question by the bare client, and how many of the truly nearest it finds. Milliseconds of the
processor, on the server of the clock. An argument gives another number of vectors.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

import numpy as np
from elasticsearch import Elasticsearch

from bench.bench_import import held
from bench.servers import search_server
from search import elastic, embedded
from search.elastic_vectors import LOOKED_AT
from search.vectors import Placed, Vectors
from tests.support.exchanges import own_prefix

NUMBER, DIMENSION, CLUSTERS = 100_000, 384, 2_000
MODEL, KIND, WANTED, ASKED, BATCH = "0123456789ab", "offer", 50, 60, 500


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER
    everything = made_up(number + ASKED)
    lying, questions = everything[:number], [one.tobytes() for one in everything[number:]]
    with tempfile.TemporaryDirectory() as folder:
        vectors = embedded.open_engine(f"tantivy:{Path(folder)}/index").vectors
        filled = fill(vectors, lying)
        before = held(os.getpid())
        first = clocked(lambda: near(vectors, questions[0]), time.process_time)
        taken = (held(os.getpid()) - before) // 1024
        ours = each(lambda one: near(vectors, one), questions, time.process_time)
        exact = [near(vectors, one) for one in questions]
    ready = lying.astype(np.float32)
    bare = each(lambda one: bare_numpy(ready, one), questions, time.process_time)
    print(
        f"in the process, {number:,} of {DIMENSION}: {filled:,.0f}/s put, first question {first:.0f} ms, {taken} MB;"
    )
    print(f"  {WANTED} nearest {ours:.1f} ms, bare {bare:.1f} ms, {ours / bare:.1f}×")
    if search_server():
        on_server(lying, questions, exact)


def on_server(lying: np.ndarray, questions: list[bytes], exact: list[list[str]]) -> None:
    prefix = own_prefix()
    with closing(elastic.open_engine(f"{search_server()}/{prefix}")) as engine:
        try:
            filled = fill(engine.vectors, lying)
            ours = each(lambda one: near(engine.vectors, one), questions, time.perf_counter)
            found = [near(engine.vectors, one) for one in questions]
            with closing(Elasticsearch(search_server())) as client:
                bare = each(lambda one: bare_client(client, prefix, one), questions, time.perf_counter)
        finally:
            engine.drop()
    missed = np.mean(
        [1 - len({*one} & {*other}) / len(other) for one, other in zip(found, exact, strict=True)]
    )
    print(
        f"on Elasticsearch: {filled:,.0f}/s put; {WANTED} nearest {ours:.1f} ms, bare client {bare:.1f} ms, ",
        end="",
    )
    print(f"{ours / bare:.2f}×; {100 * missed:.1f} % of the nearest missed")


def made_up(number: int) -> np.ndarray:
    chance = np.random.default_rng(20)
    centres = chance.standard_normal((CLUSTERS, DIMENSION))
    lying = centres[chance.integers(0, CLUSTERS, number)] + 0.7 * chance.standard_normal((number, DIMENSION))
    units = lying / np.linalg.norm(lying, axis=1, keepdims=True)
    return np.rint(127 * units).astype(np.int8)


def fill(vectors: Vectors, lying: np.ndarray) -> float:
    """So many a second."""
    vectors.start("bench", MODEL, DIMENSION)
    placed = [Placed(f"{n:07}", n + 1, KIND, one.tobytes()) for n, one in enumerate(lying)]
    began = time.perf_counter()
    for start in range(0, len(placed), BATCH):
        vectors.apply(placed[start : start + BATCH], min(start + BATCH, len(placed)))
    return len(placed) / (time.perf_counter() - began)


def near(vectors: Vectors, direction: bytes) -> list[str]:
    return vectors.nearest(MODEL, direction, KIND, WANTED)


def bare_numpy(ready: np.ndarray, direction: bytes) -> object:
    return np.argpartition(-(ready @ np.frombuffer(direction, np.int8).astype(np.float32)), WANTED)[:WANTED]


def bare_client(client: Elasticsearch, prefix: str, direction: bytes) -> object:
    asked = {"field": "direction", "query_vector": np.frombuffer(direction, np.int8).tolist(), "k": WANTED}
    asked |= {"num_candidates": LOOKED_AT * WANTED, "filter": {"term": {"kind": KIND}}}
    return client.search(index=f"{prefix}-near-{MODEL}", knn=asked, size=WANTED, source=False)


def each(ask: Callable[[bytes], object], questions: list[bytes], clock: Callable[[], float]) -> float:
    return median(clocked(lambda one=one: ask(one), clock) for one in questions)  # type: ignore[misc]


def clocked(act: Callable[[], object], clock: Callable[[], float]) -> float:
    """Milliseconds."""
    began = clock()
    act()
    return 1e3 * (clock() - began)


if __name__ == "__main__":
    main()
