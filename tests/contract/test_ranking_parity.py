"""The same corpus and the same questions: both engines find the same, in nearly the same order, and count the same.

What may differ, and why, stands in docs/search-engines.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

import pytest

from search.document import Changes
from search.engine import Engine
from search.query import FACETS, Query
from tests.contract.conftest import ENGINES
from tests.contract.generated import corpus, questions

OVERLAP = 0.98
"""Of the first ten listings, how many both engines name, on average over the questions."""
LISTINGS = 1_500


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Engine]]:
    """One of each, filled with the same listings."""
    opened = [make(tmp_path_factory.mktemp(name)) for name, make in ENGINES.items()]
    for engine in opened:
        documents = corpus(LISTINGS)
        engine.start("first")
        while batch := tuple(islice(documents, 500)):
            engine.apply(Changes(batch[-1].version, batch))
    yield opened
    for engine in opened:
        engine.drop()
        engine.close()


def first_ten(engine: Engine, query: Query) -> list[str]:
    return [hit.uid for hit in engine.search(query).hits]


def test_they_name_the_same_first_ten(engines: list[Engine]) -> None:
    for one, other in pairwise(engines):
        shares = []
        for query in questions(60):
            mine, theirs = set(first_ten(one, query)), set(first_ten(other, query))
            shares.append(len(mine & theirs) / max(1, len(mine), len(theirs)))
        assert sum(shares) / len(shares) >= OVERLAP


def test_they_find_and_count_the_same(engines: list[Engine]) -> None:
    asked = {
        "facets": FACETS,
        "filters": {"province": ("92", "79"), "transfer_form": ("licence",)},
        "trl": (5, 8),
    }
    for query in (Query(facets=FACETS, now=next(questions(1)).now), *questions(25, **asked)):
        first, *others = (engine.search(query) for engine in engines)
        for other in others:
            assert other.total == first.total
            assert {name: dict(counts) for name, counts in other.facets.items()} == {
                name: dict(counts) for name, counts in first.facets.items()
            }


def test_they_mark_the_same_words_of_the_same_passages(engines: list[Engine]) -> None:
    for query in questions(20, highlight=True):
        passages = [{hit.uid: dict(hit.passages) for hit in engine.search(query).hits} for engine in engines]
        for one, other in pairwise(passages):
            assert {uid: one[uid] for uid in one.keys() & other.keys()} == {
                uid: other[uid] for uid in one.keys() & other.keys()
            }


def test_they_find_the_same_alike(engines: list[Engine]) -> None:
    for document in islice(corpus(LISTINGS), 0, 200, 20):
        found = [{hit.uid for hit in engine.like(document, Query(size=10)).hits} for engine in engines]
        for one, other in pairwise(found):
            assert len(one & other) >= 9
